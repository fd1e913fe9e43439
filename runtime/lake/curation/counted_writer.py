"""Writes records and counts them, whatever a store answers: a record is there if, and only if, it is counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.store_errors import Unavailable
from runtime.lake.curation.transaction import MOST_ITEMS, Cancelled, InvalidTransaction, Reason, Transaction, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.lake.counters import Count
    from runtime.lake.curation.backoff import Backoff
    from runtime.lake.curation.ports import RecordTable
    from runtime.lake.curation.transaction import Insert, Move

# In a row; then the store is left alone, and the message comes again.
_MOST_UNANSWERED: Final = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What became of writes, by the ids of their records.

    Attributes:
        done: written and counted.
        raced: the table is not as it was read; read again.
        invalid: the store takes them never.
    """

    done: list[str] = field(default_factory=list[str])
    raced: list[str] = field(default_factory=list[str])
    invalid: list[str] = field(default_factory=list[str])


class CountedWriter:
    """Writes records together with their counts.

    Args:
        table: takes them.
        backoff: waits for what passes.
        new_token: makes a name for a transaction that no other has, of at most 36 characters.
    """

    def __init__(self, table: RecordTable, backoff: Backoff, new_token: Callable[[], str]) -> None:
        self._table = table
        self._backoff = backoff
        self._new_token = new_token

    def write(
        self, writes: Sequence[Insert | Move], counts_of: Callable[[int], Sequence[Count]], written: Written
    ) -> None:
        """Write what can be written.

        Args:
            writes: each of another record.
            counts_of: what a transaction of so many writes adds to counters.
            written: where it is noted what became of each, at once: what was done is done, whatever comes after.

        Raises:
            Unavailable: a store did not answer, or no time is left. Of the writes that are not noted it is unknown
                whether they are done; reading the table tells.
        """
        queue = deque(packed(writes, MOST_ITEMS - len(counts_of(1))))
        while queue:
            run = queue.popleft()
            try:
                answer = self._transact(Transaction(run, counts_of(len(run)), self._new_token()))
            except InvalidTransaction:
                if len(run) == 1:
                    written.invalid.append(run[0].id)
                else:
                    # The bad one, and nobody says which: the half without it is written.
                    middle = len(run) // 2
                    queue.extendleft((run[middle:], run[:middle]))
                continue
            if answer is None:
                written.done.extend(each.id for each in run)
                self._backoff.reset()
            elif rest := self._sort(run, answer, written):
                queue.appendleft(rest)

    def _sort(self, run: list[Insert | Move], answer: Cancelled, written: Written) -> list[Insert | Move]:
        """Note what a cancellation says of its writes, and return those of which it says nothing."""
        rest: list[Insert | Move] = []
        for write, reason in zip(run, answer.writes, strict=True):
            match reason:
                case Reason.RACED:
                    written.raced.append(write.id)
                case Reason.INVALID:
                    written.invalid.append(write.id)
                case _:
                    rest.append(write)
        passing = Reason.PASSING in answer.writes or answer.counts is not Reason.NONE
        if rest and (passing or len(rest) == len(run)):
            self._backoff.wait()
        return rest

    def _transact(self, transaction: Transaction) -> Cancelled | None:
        """Do a transaction; one whose outcome is unknown is repeated as it is, by its own name."""
        for _ in range(_MOST_UNANSWERED - 1):
            self._backoff.check()
            try:
                return self._table.transact(transaction)
            except Unavailable:
                self._backoff.wait()
        self._backoff.check()
        return self._table.transact(transaction)
