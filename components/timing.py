"""The numbers that follow from other numbers, derived here and typed nowhere else.

The chain they protect: a file waits for a batch, its first attempt may fail unseen, its message becomes visible
again, and the second attempt still delivers it within the objective. And the claim of a file outlives the file.
"""

from typing import Final

SECONDS_PER_DAY: Final = 86_400

DELIVERY_OBJECTIVE_SECONDS: Final = 180
"""99.9% of files are in the mailbox 3 minutes after their arrival (requirements, NFR-02)."""

_LIFECYCLE_STEPS: Final = 2
_LIFECYCLE_DELAY_DAYS: Final = 2


def visibility_timeout_seconds(*, function_timeout: int, batching_window: int) -> int:
    """Six function timeouts and the batching window, both in seconds: what AWS asks of a queue behind a function.

    Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    """
    return 6 * function_timeout + batching_window


def delivery_after_one_retry_seconds(*, function_timeout: int, batching_window: int) -> int:
    """The longest time, in seconds, to a delivery whose first attempt died without giving its message back."""
    visibility = visibility_timeout_seconds(function_timeout=function_timeout, batching_window=batching_window)
    return 2 * batching_window + visibility + function_timeout


def longest_function_timeout_seconds(*, batching_window: int) -> int:
    """The longest function timeout that leaves room for one retry within the delivery objective."""
    fixed = delivery_after_one_retry_seconds(function_timeout=0, batching_window=batching_window)
    per_second = delivery_after_one_retry_seconds(function_timeout=1, batching_window=batching_window) - fixed
    return (DELIVERY_OBJECTIVE_SECONDS - 1 - fixed) // per_second


def claim_lifetime_days(*, landing_retention: int) -> int:
    """How long a claim must last, in days, so that it outlives every version of the file that it claims.

    A version leaves the landing bucket in two lifecycle steps, each after the retention: it becomes noncurrent, then
    it is deleted. Each step rounds up to the next midnight UTC and may be carried out a day late. A claim that ended
    while the version is still there would let a late duplicate message bundle the file a second time.
    """
    return _LIFECYCLE_STEPS * (landing_retention + _LIFECYCLE_DELAY_DAYS)
