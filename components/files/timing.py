"""The numbers that follow from other numbers, derived here and typed nowhere else.

The chain they protect: a file waits for a batch, its first attempt may fail unseen, its message becomes visible
again, and the second attempt still delivers it within the objective. A file stays as long as its message may wait, and
its claim outlives both.
"""

import math
from dataclasses import dataclass
from typing import Final

from baler.aws.event_source import files_per_batch, first_readers
from baler.files import objectives

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400

TYPICAL_DELIVERY_OBJECTIVE_SECONDS: Final = objectives.TYPICAL_SECONDS
DELIVERY_OBJECTIVE_SECONDS: Final = objectives.NEARLY_ALL_SECONDS

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

RECONCILIATION_GRACE_SECONDS: Final = SECONDS_PER_HOUR
"""How long a landed file is left alone before reconciliation asks what became of it, in seconds.

S3's events come within seconds and sometimes take a minute or longer (S3 user guide, "Amazon S3 Event Notifications");
a delivery after one failed attempt takes 3 minutes; and the last wait of a message that failed for longer is 15. An
hour holds all three, twice. A file that is retried for longer is announced a second time, which costs a message.
"""

RECONCILIATION_OBJECTIVE_SECONDS: Final = 2 * SECONDS_PER_DAY
"""The oldest that the last complete sweep may be, in seconds: there is one a day, and a day for what goes wrong."""

REGISTER_OBJECTIVE_SECONDS: Final = 6 * SECONDS_PER_HOUR
"""How far the register may be behind the archive, in seconds: it is an hour and a half when all is well."""

WAITING_SECONDS: Final = DELIVERY_OBJECTIVE_SECONDS // 2
"""Files that nobody has taken for so long are on their way to being late; one that is retried once waits longer."""

STUCK_SECONDS: Final = 60
"""Older files that fail once more are stuck: retries come at 75 and 125 s, so two bad minutes are over within five."""

LOST_BELL_SECONDS: Final = SECONDS_PER_MINUTE
"""How long a bundle lies in the mailbox if S3's event does not wake the courier: until its rule does, each minute."""

PAUSE_BEFORE_A_RESEND_SECONDS: Final = 1
"""How long the courier waits after the first failure (runtime/files/courier/run.py)."""

_REJECTED_SHARE: Final = 0.1

_NEAR_TIMEOUT: Final = 0.8

_LEAST_WAIT_WITH_A_WINDOW: Final = 20

# Each step of a lifecycle rounds up to the next midnight UTC (S3 user guide, "Lifecycle configuration elements"), and
# S3, which promises no time, may carry it out a day late.
_LIFECYCLE_STEPS: Final = 2
_LIFECYCLE_DELAY_DAYS: Final = 2


def visibility_timeout_seconds(*, function_timeout: int, batching_window: int) -> int:
    """Six function timeouts and the batching window, both in seconds: what AWS asks of a queue behind a function.

    Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    """
    return 6 * function_timeout + batching_window


def longest_wait_for_a_batch_seconds(*, batching_window: int) -> int:
    """The longest that a message waits for its batch, in seconds: the window, and 20 at a low rate if there is one.

    Source: Lambda developer guide, "Using Lambda with Amazon SQS", batching behavior: with a window and little traffic
    Lambda may wait up to 20 seconds, even if the window is shorter.
    """
    return max(batching_window, _LEAST_WAIT_WITH_A_WINDOW) if batching_window else 0


def delivery_after_one_retry_seconds(*, function_timeout: int, batching_window: int) -> int:
    """The longest time, in seconds, to a delivery whose first attempt died without giving its message back."""
    visibility = visibility_timeout_seconds(function_timeout=function_timeout, batching_window=batching_window)
    return 2 * longest_wait_for_a_batch_seconds(batching_window=batching_window) + visibility + function_timeout


def longest_function_timeout_seconds(*, batching_window: int) -> int:
    """The longest function timeout that leaves room for one retry within the delivery objective."""
    fixed = delivery_after_one_retry_seconds(function_timeout=0, batching_window=batching_window)
    per_second = delivery_after_one_retry_seconds(function_timeout=1, batching_window=batching_window) - fixed
    return (DELIVERY_OBJECTIVE_SECONDS - 1 - fixed) // per_second


def acknowledged_after_one_resend_seconds(*, function_timeout: int, batching_window: int, send_timeout: int) -> int:
    """The longest time, in seconds, to a receiver's acknowledgement of a bundle whose first send timed out.

    A file waits for its batch; the aggregator takes all of its time; the bell is lost, so the courier's rule finds the
    bundle a minute later; the first send times out; after the courier's shortest pause the second one succeeds at its
    last moment. The pause is that of a breaker that one failure does not open (`filesFailuresToOpen` is at least 2).
    """
    wait = longest_wait_for_a_batch_seconds(batching_window=batching_window)
    return wait + function_timeout + LOST_BELL_SECONDS + send_timeout + PAUSE_BEFORE_A_RESEND_SECONDS + send_timeout


def longest_send_timeout_seconds(*, function_timeout: int, batching_window: int) -> int:
    """The longest time-out of a send that leaves room for a second one within the delivery objective."""
    fixed = acknowledged_after_one_resend_seconds(
        function_timeout=function_timeout, batching_window=batching_window, send_timeout=0
    )
    return (DELIVERY_OBJECTIVE_SECONDS - 1 - fixed) // 2


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


@dataclass(frozen=True)
class LandingLifecycle:
    """The two steps in which S3 removes a file from the versioned landing bucket.

    Attributes:
        expiration_days: since a file was put, until it becomes a noncurrent version, which is still read by its id.
        noncurrent_days: since that, or since the file was overwritten, until the version is deleted.
    """

    expiration_days: int
    noncurrent_days: int


def landing_lifecycle(*, landing_retention: int, queue_retention: int) -> LandingLifecycle:
    """Divide the retention, in days, so that a file is gone after it, and none before its message.

    A file that is overwritten at once has the second step alone, so that lasts as long as a message waits in the queue.
    Both steps make the retention, to which S3 adds its rounding (`longest_stay_days`).
    """
    return LandingLifecycle(expiration_days=landing_retention - queue_retention, noncurrent_days=queue_retention)


def longest_stay_days(*, landing_retention: int) -> int:
    """How long a version can be in the landing bucket at most, in days, when S3 is late with both steps."""
    return landing_retention + _LIFECYCLE_STEPS * _LIFECYCLE_DELAY_DAYS


def claim_lifetime_days(*, landing_retention: int, dead_letter_retention: int) -> int:
    """How long a claim must last, in days, so that it outlives every version, and every message, of its file.

    A claim that ended while both are still there would let a late duplicate message, or one that is redriven from the
    dead-letter queue, bundle the file a second time.
    """
    return max(longest_stay_days(landing_retention=landing_retention), dead_letter_retention + 1)


def hour_of_files(*, files_per_second: int) -> int:
    """How many files, and so messages, an hour of the expected load brings."""
    return files_per_second * SECONDS_PER_HOUR


def calm_queue_messages(*, files_per_second: int) -> int:
    """How many messages the ingest queue may hold for reconciliation to add any: half of what lands within its grace.

    At the expected rate no file then waits in the queue for longer than half the grace, so one that is older than the
    grace does not wait there. At a lower rate some may, and are announced twice: no more of them than this.
    """
    return files_per_second * RECONCILIATION_GRACE_SECONDS // 2


def hour_of_bundles(
    *, files_per_second: int, batch_size: int, batching_window: int, maximum_concurrency: int, lanes: int = 1
) -> int:
    """How many bundles an hour of the expected load brings; the window is in seconds.

    The function's own time makes a batch a little fuller, by up to a tenth: without it the number is on the high side.
    """
    batch = files_per_batch(
        files_per_second,
        readers=lanes * first_readers(maximum_concurrency),
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
