"""Records and counters in memory, by DynamoDB's rules for transactions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from baler.lake.counters import CounterItem, sums
from runtime.lake.curation.sighting import Known
from runtime.lake.curation.transaction import Cancelled, Insert, InvalidTransaction, Reason

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Sequence

    from baler.lake.counters import Counted
    from runtime.lake.curation.sighting import Sighting
    from runtime.lake.curation.transaction import Move, Transaction

_MOST_ITEMS: Final = 100
_MOST_BYTES: Final = 4_000_000
_TOKEN_CHARACTERS: Final = 36
# How long a token is remembered.
_TOKEN_SECONDS: Final = 600.0


@dataclass(frozen=True)
class Item:
    """A record in the table: what brought its content, the newest raw object that shows it, and what is known of it."""

    sighting: Sighting
    raw_s3_key: str
    known: Known

    def stamped(self, sighting: Sighting) -> Item:
        """Return it after a sighting of the same content, or an older one."""
        after = self.known.after(sighting)
        newest = sighting.raw_s3_key if after.seen != self.known.seen else self.raw_s3_key
        return replace(self, raw_s3_key=newest, known=after)


@dataclass
class LakeTable:
    """What the two tables hold.

    Attributes:
        items: records by id.
        counters: by counter and shard.
        invalid: ids of records that are refused each by itself, with a reason.
        poison: ids of records for which the whole request is refused.
        remembers_tokens: as DynamoDB does; without, each try is judged by its conditions alone.
    """

    items: dict[str, Item] = field(default_factory=dict[str, Item])
    counters: dict[tuple[Counted, int], CounterItem] = field(default_factory=dict[tuple["Counted", int], CounterItem])
    invalid: frozenset[str] = frozenset()
    poison: frozenset[str] = frozenset()
    remembers_tokens: bool = True
    _tokens: dict[str, tuple[float, Transaction]] = field(default_factory=dict[str, tuple[float, "Transaction"]])

    def read(self, ids: Collection[str]) -> dict[str, Known]:
        """See the port."""
        return {each: self.items[each].known for each in ids if each in self.items}

    def transact(self, transaction: Transaction, now: float = 0.0) -> Cancelled | None:
        """See the port; `now` in seconds since the epoch."""
        writes = transaction.writes
        assert len(writes) + len(transaction.counts) <= _MOST_ITEMS, "a transaction of too many items"
        assert sum(each.bytes for each in writes) < _MOST_BYTES, "a transaction of too many bytes"
        assert len({each.id for each in writes}) == len(writes), "two writes of one record"
        assert len({(each.of, each.shard) for each in transaction.counts}) == len(transaction.counts)
        assert 0 < len(transaction.token) <= _TOKEN_CHARACTERS, "no token"
        at, before = self._tokens.get(transaction.token, (now, transaction))
        assert before == transaction, "one token for two contents"
        if transaction.token in self._tokens and self.remembers_tokens and now < at + _TOKEN_SECONDS:
            return None
        if any(each.id in self.poison for each in writes):
            raise InvalidTransaction("ValidationException")
        reasons = [self._reason(each) for each in writes]
        if any(each is not Reason.NONE for each in reasons):
            return Cancelled(reasons, Reason.NONE)
        self._tokens[transaction.token] = (now, transaction)
        for write in writes:
            self._write(write)
        for count in transaction.counts:
            self.add(count.of, count.shard, count.by)
        return None

    def replace(self, changes: Sequence[tuple[Sighting, Known]]) -> dict[str, Reason]:
        """See the port."""
        bad = self.invalid | self.poison
        undone = {sighting.id: Reason.INVALID for sighting, _ in changes if sighting.id in bad}
        good = [each for each in changes if each[0].id not in bad]
        return undone | {each.id: Reason.RACED for each, known in good if not self._replaced(each, known)}

    def stamp(self, changes: Sequence[tuple[Sighting, Known]]) -> dict[str, Reason]:
        """See the port."""
        return {each.id: Reason.RACED for each, known in changes if not self._stamped(each, known)}

    def add(self, counted: Counted, shard: int, by: int) -> None:
        """Add to a counter."""
        before = self.counters.get((counted, shard), CounterItem(counted, shard, 0, 0))
        self.counters[counted, shard] = replace(before, n=before.n + by, changes=before.changes + 1)

    @property
    def counted(self) -> Counter[Counted]:
        """What the counters say."""
        return sums(self.counters.values())

    def _replaced(self, sighting: Sighting, known: Known) -> bool:
        item = self.items.get(sighting.id)
        if item is None or item.known != known:
            return False
        self.items[sighting.id] = Item(sighting, sighting.raw_s3_key, known.after(sighting))
        return True

    def _stamped(self, sighting: Sighting, known: Known) -> bool:
        item = self.items.get(sighting.id)
        if item is None or item.known != known:
            return False
        self.items[sighting.id] = item.stamped(sighting)
        return True

    def _reason(self, write: Insert | Move) -> Reason:
        if write.id in self.invalid:
            return Reason.INVALID
        item = self.items.get(write.id)
        if isinstance(write, Insert):
            return Reason.NONE if item is None else Reason.RACED
        return Reason.NONE if item is not None and item.known == write.before else Reason.RACED

    def _write(self, write: Insert | Move) -> None:
        if isinstance(write, Insert):
            sighting = write.sighting
            self.items[write.id] = Item(sighting, sighting.raw_s3_key, Known.of(sighting))
        else:
            self.items[write.id] = replace(self.items[write.id], known=write.after)
