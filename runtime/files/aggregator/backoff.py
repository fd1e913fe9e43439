"""When a message that failed is seen again.

A failure that the code sees need not wait for the queue's visibility timeout: the first retries come after seconds, so
that a passing fault stays within the 3-minute SLO (PULL-NFR-02). Later ones come after minutes, so that an outage of
hours uses up few of the receives that the queue allows before it moves a good message to the dead letters. How many
those are, and the longest wait that lets a message use them up before the queue's retention ends, is derived in
components/files/timing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runtime.files.aggregator.file_outcome import FileOutcome

SOON_SECONDS: Final = 20
"""Sooner than the message of a run that was killed can come again, with any function timeout that settings allow."""

_FIRST_SECONDS: Final = 5.0
_DOUBLINGS: Final = 16


def seconds_until_retry(outcome: FileOutcome, receive_count: int, now: float, spread: float, longest: int) -> int:
    """Return the visibility timeout of a failed message, in whole seconds.

    Args:
        outcome: on the message.
        receive_count: how often it was received, this time included (ApproximateReceiveCount).
        now: seconds since the epoch.
        spread: a random number from 0 to 1, which keeps the messages of a batch from coming back as one.
        longest: seconds that it is at most.
    """
    backoff = _FIRST_SECONDS * 2 ** min(max(receive_count - 1, 0), _DOUBLINGS)
    wait = max(backoff * (0.75 + 0.5 * spread), outcome.not_before - now + 1)
    return int(min(wait, longest))
