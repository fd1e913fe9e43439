"""The numbers that follow from other numbers, derived here and typed nowhere else.

The chain they protect: a record stays in the stream as long as anything may fail, and is set aside with its data before
it is gone from there. A raw object that is announced finds its batch's fate as long as that may be open, and is read
again as long as any message, or dead letter, names it.
"""

import math
from typing import Final

SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400
HOURS_PER_DAY: Final = 24

RECORDS_PER_SHARD: Final = 1_000
"""Records a second that a shard takes (Kinesis quotas)."""

OUTAGE_HOURS: Final = 24
"""An outage of so many hours, whatever fails, moves no good message to the dead letters."""

OBJECTS_AT_ONCE: Final = 10
"""Raw objects of one invocation of the transformer: the most that Lambda takes without a wait for more."""

COMPACTED_AT_ONCE: Final = 2_000
"""Processed objects of one commit. Lambda closes a batch before, at 6 MB, which some 3,000 messages are."""

COMPACTOR_CONCURRENCY: Final = 2
"""Compactors at a time: the fewest that Lambda takes. The second one redoes its commit on what the first one left."""

# Set aside so long before the retention ends: a record whose age is found too high is read once more, with its data.
_MARGIN_HOURS: Final = 1
# The longest that a mapping takes (Lambda API reference, CreateEventSourceMapping, MaximumRecordAgeInSeconds).
_OLDEST_RECORD_SECONDS: Final = 7 * SECONDS_PER_DAY


def oldest_record_seconds(*, retention_hours: int) -> int:
    """The age at which a record that still fails is set aside: just before the stream forgets it."""
    return min((retention_hours - _MARGIN_HOURS) * SECONDS_PER_HOUR, _OLDEST_RECORD_SECONDS)


def patience_seconds(*, retention_hours: int) -> int:
    """How long after a raw object was written its batch may still be committed: as long as the stream has the record.

    And a margin, since an object may be written at the last moment of an invocation that began before.
    """
    return (retention_hours + _MARGIN_HOURS) * SECONDS_PER_HOUR


def visibility_timeout_seconds(*, function_timeout: int, batching_window: int = 0) -> int:
    """Six function timeouts and the batching window, both in seconds: what AWS asks of a queue behind a function.

    Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    """
    return 6 * function_timeout + batching_window


def receives_of_an_outage(*, visibility_timeout: int, sooner: int = 0) -> int:
    """Receives of a message, each `visibility_timeout` seconds after the last one, that the longest outage takes.

    `sooner`: so many come sooner than that, and count for nothing.
    """
    return math.ceil(OUTAGE_HOURS * SECONDS_PER_HOUR / visibility_timeout) + sooner


def days_of_stream(*, retention_hours: int) -> int:
    """The retention of the stream in whole days."""
    return math.ceil(retention_hours / HOURS_PER_DAY)


def days_that_objects_are_read(*, retention_hours: int, dead_letter_retention_days: int) -> int:
    """How many days after an object was written a message may still ask for it.

    It is announced, and announced again until its batch's fate is known, which takes the stream's retention; what is
    set aside then stays as long as dead letters do, whose days count from the last announcement.
    """
    return days_of_stream(retention_hours=retention_hours) + dead_letter_retention_days
