"""When a message that failed is seen again.

A failure that the code sees need not wait for the queue's visibility timeout: the first retries come after seconds, so
that a passing fault stays within the 3-minute SLO (PULL-NFR-02). Later ones come after minutes, so that an outage of
an hour uses up fewer receives than the queue allows before it moves a good message to the dead letters.
"""

from __future__ import annotations

from typing import Final

from runtime.aggregator.verdict import Outcome, Verdict

_FIRST_SECONDS: Final = 5.0
_LONGEST_SECONDS: Final = 900.0
# Poison stays poison: it is moved to the dead letters soon, without being in the way of the batch that it came with.
_POISON_SECONDS: Final = 2.0
_DOUBLINGS: Final = 16


def seconds_until_retry(verdict: Verdict, receive_count: int, now: float, spread: float) -> int:
    """Return the visibility timeout of a failed message, in whole seconds, at most 15 minutes.

    Args:
        verdict: on the message.
        receive_count: how often it was received, this time included (ApproximateReceiveCount).
        now: seconds since the epoch.
        spread: a random number from 0 to 1, which keeps the messages of a batch from coming back as one.
    """
    if verdict.outcome is Outcome.REJECTED:
        return int(_POISON_SECONDS)
    backoff = _FIRST_SECONDS * 2 ** min(max(receive_count - 1, 0), _DOUBLINGS)
    wait = max(backoff * (0.75 + 0.5 * spread), verdict.not_before - now + 1)
    return int(min(wait, _LONGEST_SECONDS))
