"""The numbers that follow from other numbers, derived here and typed nowhere else.

The chain they protect: a run of ingestion is over, and its lease with it, before the next event of the schedule; an
event waits no longer than until the next one; a raw object is there, and can be read, as long as any message, dead
letter or record names it.
"""

from typing import Final

SECONDS_PER_MINUTE: Final = 60

RECEIVES: Final = 3
"""Receives of a message after which SQS takes it for poison (document 4, "DLQ: Enabled after 3 retries")."""

MESSAGE_DAYS: Final = 4
"""Days that a message waits in the queue. SQS counts a dead letter's days from when it was sent, so this is less."""

DEAD_LETTER_DAYS: Final = 14
"""Days since it was sent that a message stays among the dead letters: the longest that SQS keeps anything."""

LEASE_MARGIN_SECONDS: Final = 5
"""How much longer than its function a lease of a source lives (`_LEASE_MARGIN_SECONDS` of ingestion's handler)."""

# Of an event that Lambda keeps for a function that fails (API reference, PutFunctionEventInvokeConfig).
_SHORTEST_EVENT_AGE_SECONDS: Final = 60
_LONGEST_EVENT_AGE_SECONDS: Final = 21_600


def interval_seconds(*, schedule_minutes: int) -> int:
    """Seconds between two events of the schedule, which is also the age from which an event is stale.

    The next event asks the same sources again: an older one would only ask them twice.
    """
    return schedule_minutes * SECONDS_PER_MINUTE


def event_age_seconds(*, schedule_minutes: int) -> int:
    """How long Lambda goes on trying an event: until it is stale, as far as Lambda goes."""
    interval = interval_seconds(schedule_minutes=schedule_minutes)
    return min(max(interval, _SHORTEST_EVENT_AGE_SECONDS), _LONGEST_EVENT_AGE_SECONDS)


def longest_run_seconds(*, schedule_minutes: int) -> int:
    """The longest that ingestion may run: its leases end before the next event, which would find every source taken."""
    return interval_seconds(schedule_minutes=schedule_minutes) - LEASE_MARGIN_SECONDS - 1


def visibility_timeout_seconds(*, function_timeout: int) -> int:
    """Six function timeouts, in seconds: what AWS asks of a queue behind a function.

    Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping". Document 4 has one
    timeout, with which a message is received again while its first receiver is still at work.
    """
    return 6 * function_timeout


DAYS_THAT_OBJECTS_ARE_READ: Final = 2 * DEAD_LETTER_DAYS
"""How many days after it was put a message may still ask for a raw object.

It is announced at once. A redrive sends a dead letter as a new message, whose days begin anew: one is counted with.
"""
