"""When a message that could not be curated is seen again.

Waits grow: the first ones are short, so that what passes quickly stays within the objective of 23 seconds, and the
later ones long, so that an outage of hours costs few calls.
"""

from __future__ import annotations

from typing import Final

LONGEST_SECONDS: Final = 900
"""What SQS holds a message back at most (API reference, SendMessage, DelaySeconds)."""

_FIRST_SECONDS: Final = 2.0
_DOUBLINGS: Final = 16
# Tries that are used up are few: a source that is declared a minute later should not use up all of them.
_FIRST_TRY_SECONDS: Final = 5.0
_TRY_FACTOR: Final = 4


def seconds_of_outage(waits: int, spread: float) -> int:
    """Return how long a copy is held back.

    Args:
        waits: how often a store did not answer before.
        spread: a random number from 0 to 1, which keeps messages from coming back as one.
    """
    return _bounded(_FIRST_SECONDS * 2 ** min(waits, _DOUBLINGS), spread)


def seconds_until_next_try(tries: int, spread: float) -> int:
    """Return how long a message that failed is hidden.

    Args:
        tries: that it has used up, this one included.
        spread: as above.
    """
    return _bounded(_FIRST_TRY_SECONDS * _TRY_FACTOR ** min(max(tries - 1, 0), _DOUBLINGS), spread)


def _bounded(seconds: float, spread: float) -> int:
    return min(round(seconds * (0.75 + 0.5 * spread)), LONGEST_SECONDS)
