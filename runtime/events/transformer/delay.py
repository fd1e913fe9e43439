"""When an object that could not be processed yet is looked at again.

Both waits grow: the first ones are short, so that a passing fault stays within the objective of 30 seconds, and the
later ones long, so that an outage of hours costs few calls and few of the receives that the queue allows.
"""

from __future__ import annotations

from typing import Final

LONGEST_SECONDS: Final = 900
"""What SQS holds a message back at most; for a failure too, so that what comes back is processed soon after."""

_FIRST_SECONDS: Final = 2.0
_DOUBLINGS: Final = 16


def seconds_until_committed(age: float, spread: float) -> int:
    """Return how long to wait for the batch of an object to be committed.

    The commit follows the put by milliseconds. So what is not committed when the message comes is most probably an
    orphan's, or its shard is stuck: it is looked at again whenever it is half as old again.

    Args:
        age: seconds since the object was put; below 0 where clocks differ.
        spread: a random number from 0 to 1, which keeps the objects of a batch from coming back as one.
    """
    return _bounded(max(age / 2, _FIRST_SECONDS), spread)


def seconds_until_retry(receives: int, spread: float) -> int:
    """Return the visibility timeout of a message that failed.

    Args:
        receives: how often it was received, this time included.
        spread: as above.
    """
    return _bounded(_FIRST_SECONDS * 2 ** min(max(receives - 1, 0), _DOUBLINGS), spread)


def _bounded(seconds: float, spread: float) -> int:
    return min(round(seconds * (0.75 + 0.5 * spread)), LONGEST_SECONDS)
