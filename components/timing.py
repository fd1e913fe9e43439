"""The numbers that follow from other numbers, derived here and typed nowhere else.

The chain they protect: a file waits for a batch, its first attempt may fail unseen, its message becomes visible
again, and the second attempt still delivers it within the objective. And the claim of a file outlives the file.
"""

import math
from typing import Final

SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400

TYPICAL_DELIVERY_OBJECTIVE_SECONDS: Final = 120
"""95% of files are in the mailbox 2 minutes after their arrival (requirements, NFR-02)."""

DELIVERY_OBJECTIVE_SECONDS: Final = 180
"""99.9% of files are in the mailbox 3 minutes after their arrival (requirements, NFR-02)."""

BURST_FACTOR: Final = 10
"""How many times the expected files a burst may bring: 100 files/s on 10 (requirements, NFR-05)."""

OUTAGE_HOURS: Final = 12
"""An outage of so many hours, whatever fails, moves no good message to the dead-letter queue."""

MOST_RECEIVES: Final = 1_000
"""What SQS takes as maxReceiveCount at the most (API reference, SetQueueAttributes)."""

_LONGEST_RETRY_SECONDS: Final = 900
# The share of the queue's retention in which a message that always fails uses up its receives. The rest is for waits in
# the queue: SQS deletes what reaches the end of the retention, and does not move it to the dead-letter queue.
_SHARE_OF_RETENTION: Final = 0.9

_NEAR_TIMEOUT: Final = 0.8

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


def receives_of_an_outage(*, visibility_timeout: int) -> int:
    """How often a message is received at the most in the longest outage; each receive hides it so many seconds.

    That is the pace of a function that crashes or is killed. A failure that the function sees uses up fewer: it sets
    longer waits from the fifth receive on.
    """
    return math.ceil(OUTAGE_HOURS * SECONDS_PER_HOUR / visibility_timeout)


def least_function_timeout_seconds(*, batching_window: int) -> int:
    """The shortest function timeout with which the receives that SQS allows outlast the longest outage."""
    visibility = math.ceil(OUTAGE_HOURS * SECONDS_PER_HOUR / MOST_RECEIVES)
    fixed = visibility_timeout_seconds(function_timeout=0, batching_window=batching_window)
    per_second = visibility_timeout_seconds(function_timeout=1, batching_window=batching_window) - fixed
    return math.ceil((visibility - fixed) / per_second)


def longest_retry_seconds(*, queue_retention: int, receives: int) -> int:
    """The longest wait before a message that failed is seen again, so that its receives end before its retention.

    The retention is in days.
    """
    fitting = queue_retention * SECONDS_PER_DAY * _SHARE_OF_RETENTION / receives
    return min(_LONGEST_RETRY_SECONDS, int(fitting))


def claim_lifetime_days(*, landing_retention: int) -> int:
    """How long a claim must last, in days, so that it outlives every version of the file that it claims.

    A version leaves the landing bucket in two lifecycle steps, each after the retention: it becomes noncurrent, then
    it is deleted. Each step rounds up to the next midnight UTC and may be carried out a day late. A claim that ended
    while the version is still there would let a late duplicate message bundle the file a second time.
    """
    return _LIFECYCLE_STEPS * (landing_retention + _LIFECYCLE_DELAY_DAYS)


def hour_of_files(*, files_per_second: int) -> int:
    """How many files, and so messages, an hour of the expected load brings."""
    return files_per_second * SECONDS_PER_HOUR


def hour_of_bundles(*, files_per_second: int, batch_size: int, batching_window: int) -> int:
    """How many bundles an hour of the expected load brings: a batch ends when it is full or its window, in seconds, is.

    Without a window each batch is what happens to be there, at the least one file.
    """
    full = files_per_second / batch_size
    bundles_per_second = max(full, 1 / batching_window) if batching_window else files_per_second
    return math.ceil(bundles_per_second * SECONDS_PER_HOUR)


def burst_of_files(*, files_per_second: int, seconds: int) -> int:
    """How many files come in a time that is one long burst: the pipeline is not built for more."""
    return files_per_second * BURST_FACTOR * seconds


def run_near_timeout_milliseconds(*, function_timeout: int) -> float:
    """How long a run of the function, whose timeout is in seconds, takes that is close to being killed."""
    return function_timeout * 1000 * _NEAR_TIMEOUT
