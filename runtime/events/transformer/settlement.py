"""Decides, when a batch of messages is processed, which of them may be deleted from the queue.

What is not committed yet is announced again by a new message, and then acknowledged: left in the queue it would use up
receives, of which good messages need many. What can never be processed is moved to the dead letters with its reason.
The order is always: send, acknowledge. A function that dies in between sends twice, which does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from runtime.events.transformer.delay import seconds_until_committed
from runtime.events.transformer.transformer import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.events.transformer.message_batch import ObjectReport


class Queues(Protocol):
    """Where messages are sent. Each returns why it did not take those that it did not take, by their position."""

    def announce_later(self, texts: Sequence[tuple[str, int]]) -> dict[int, str]:
        """Send messages to the function's own queue, each held back so many seconds."""
        ...

    def move(self, objects: Sequence[ObjectReport]) -> dict[int, str]:
        """Send messages to the dead letters."""
        ...


def settle(objects: Sequence[ObjectReport], queues: Queues, spread: Callable[[], float]) -> dict[str, str]:
    """Send what is to be sent.

    Args:
        objects: what became of the objects of a batch.
        queues: where messages are sent.
        spread: random numbers from 0 to 1.

    Returns:
        Why messages must stay in the queue, by their ids.
    """
    stay = {each.message.message_id: each.report.reason for each in _with(objects, Outcome.RETRY)}
    early = _with(objects, Outcome.NOT_YET)
    later = [(each.text, seconds_until_committed(each.ended_at - (each.put_at or 0.0), spread())) for each in early]
    refused = _with(objects, Outcome.REFUSED)
    for sent, failed in (
        (early, queues.announce_later(later) if later else {}),
        (refused, queues.move(refused) if refused else {}),
    ):
        stay |= {sent[position].message.message_id: reason for position, reason in failed.items()}
    return stay


def _with(objects: Sequence[ObjectReport], outcome: Outcome) -> list[ObjectReport]:
    return [each for each in objects if each.report.outcome is outcome]
