"""Sends, hides and deletes messages as their reports say.

The order is always: send, then delete. A function that dies in between leaves two messages that say the same, which
does no harm: curating again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from baler.store_errors import Unavailable
from runtime.lake.curation.delay import seconds_of_outage, seconds_until_next_try
from runtime.lake.curation.message_batch import MessageOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runtime.lake.curation.message_batch import MessageReport


class Queues(Protocol):
    """Curation's queue and its dead letters."""

    def copy(self, copies: Sequence[tuple[MessageReport, int]]) -> dict[int, str]:
        """Send copies of messages, each held back so many seconds; return why some were not taken, by position."""
        ...

    def move(self, reports: Sequence[MessageReport]) -> dict[int, str]:
        """Send messages to the dead letters, with the reason; return why some were not taken, by position."""
        ...

    def set_visibility(self, after: Mapping[str, int]) -> None:
        """Set when messages that stay are seen again, in seconds from now, by receipt. Raises Unavailable."""
        ...

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages. Raises Unavailable."""
        ...


class Settlement:
    """Settles the messages of one batch.

    Args:
        queues: where they are sent.
        spread: random numbers from 0 to 1.
        warn: is told what a queue did not do that does no harm, and why.

    Attributes:
        stay: why messages stay in the queue, by their ids: what the answer to Lambda names.
    """

    def __init__(self, queues: Queues, spread: Callable[[], float], warn: Callable[[str, str], None]) -> None:
        self._queues = queues
        self._spread = spread
        self._warn = warn
        self.stay: dict[str, str] = {}

    def __call__(self, reports: Sequence[MessageReport], /, *, delete: bool) -> None:
        """Settle messages; see message_batch.Settle."""
        again = {MessageOutcome.POSTPONED, MessageOutcome.UNAVAILABLE}
        copied = [(each, self._delay(each)) for each in reports if each.outcome in again]
        moved = [each for each in reports if each.is_last]
        failed = [each for each in reports if each.outcome is MessageOutcome.FAILED and not each.is_last]
        stay = {each.message.message_id: each.reason for each in failed}
        for sent, refused in (
            ([each for each, _ in copied], self._queues.copy(copied) if copied else {}),
            (moved, self._queues.move(moved) if moved else {}),
        ):
            # It comes again by the queue's own timeout, and a try is used up.
            stay |= {sent[position].message.message_id: reason for position, reason in refused.items()}
        self.stay |= stay
        if failed:
            after = {
                each.message.receipt: seconds_until_next_try(each.message.tries + 1, self._spread()) for each in failed
            }
            self._harmless("set when messages are seen again", lambda: self._queues.set_visibility(after))
        gone = [each.message.receipt for each in reports if each.message.message_id not in stay]
        if delete and gone:
            self._harmless("delete messages before their answer", lambda: self._queues.delete(gone))

    def _delay(self, report: MessageReport) -> int:
        waits = report.message.waits if report.outcome is MessageOutcome.UNAVAILABLE else 0
        return seconds_of_outage(waits, self._spread())

    def _harmless(self, what: str, call: Callable[[], None]) -> None:
        try:
            call()
        except Unavailable as error:
            self._warn(what, str(error))
