"""The numbers that follow from other numbers, derived here and typed nowhere else.

The chain they protect: a file waits for a batch, its first attempt may fail unseen, its message becomes visible
again, and the second attempt still delivers it within the objective. And the claim of a file outlives the file.
"""

import math
from typing import Final

from runtime.event_source import files_per_batch, first_readers

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400

TYPICAL_DELIVERY_OBJECTIVE_SECONDS: Final = 120
"""95% of files are in the mailbox 2 minutes after their arrival (requirements, NFR-02)."""

DELIVERY_OBJECTIVE_SECONDS: Final = 180
"""99.9% of files are in the mailbox 3 minutes after their arrival (requirements, NFR-02)."""

BURST_FACTOR: Final = 10
"""How many times the expected files a burst may bring: 100 files/s on 10 (requirements, NFR-05)."""

WAITING_SECONDS: Final = DELIVERY_OBJECTIVE_SECONDS // 2
"""Files that nobody has taken for so long are on their way to being late; one that is retried once waits longer."""

STUCK_SECONDS: Final = 60
"""Older files that fail once more are stuck: retries come at 75 and 125 s, so two bad minutes are over within five."""

_REJECTED_SHARE: Final = 0.1

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


def hour_of_bundles(*, files_per_second: int, batch_size: int, batching_window: int, maximum_concurrency: int) -> int:
    """How many bundles an hour of the expected load brings; the window is in seconds.

    The function's own time makes a batch a little fuller, by up to a tenth: without it the number is on the high side.
    """
    batch = files_per_batch(
        files_per_second,
        readers=first_readers(maximum_concurrency),
        batch_size=batch_size,
        batching_window=batching_window,
        seconds=lambda _files: 0.0,
    )
    return math.ceil(files_per_second * SECONDS_PER_HOUR / batch)


def flood_of_rejections(*, files_per_second: int) -> int:
    """How many messages a minute that can never be processed are no single mistakes any more: a tenth of the files."""
    return int(files_per_second * _REJECTED_SHARE * SECONDS_PER_MINUTE)


def burst_of_files(*, files_per_second: int, seconds: int) -> int:
    """How many files come in a time that is one long burst: the pipeline is not built for more."""
    return files_per_second * BURST_FACTOR * seconds


def run_near_timeout_milliseconds(*, function_timeout: int) -> float:
    """How long a run of the function, whose timeout is in seconds, takes that is close to being killed."""
    return function_timeout * 1000 * _NEAR_TIMEOUT
