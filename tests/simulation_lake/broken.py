"""Protocols that are wrong, each in one way: what the simulation must find, or it proves nothing of the real one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from baler.lake.counters import Total
from baler.lake.order import Order
from baler.store_errors import Unavailable
from runtime.lake.curation.reading import Reading
from runtime.lake.curation.transaction import Insert, Move, Reason, Transaction
from runtime.lake.ingestion.outcome import RunOutcome, SourceReport
from runtime.lake.ingestion.ports import ConflictError
from runtime.lake.ingestion.source_run import SourceRun
from runtime.lake.ingestion.source_state import Remembered, SourceState, declaration_of
from simulation_lake.situation import READ, Design
from simulation_lake.stores import Raw, States, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from baler.lake.counters import Count
    from baler.lake.raw_key import RawMetadata
    from baler.lake.sources import Source
    from runtime.lake.curation.sighting import Known, Sighting
    from runtime.lake.curation.transaction import Cancelled
    from runtime.lake.ingestion.fetch import Fetched


class CountsApart(Table):
    """Counts after the records are written, by a call of its own."""

    def transact(self, transaction: Transaction) -> Cancelled | None:
        answer = super().transact(replace(transaction, counts=()))
        if answer is None:
            for count in transaction.counts:
                self._call("table.transact", "count", lambda count=count: self._add(count))
        return answer

    def _add(self, count: Count) -> None:
        self._changed(lambda: self._table.add(count.of, count.shard, count.by))


class CountsTries(Table):
    """Counts also what is there already."""

    def do(self, transaction: Transaction) -> Cancelled | None:
        there = [each for each in transaction.writes if isinstance(each, Insert) and each.id in self._table.items]
        new = [each for each in transaction.writes if each not in there]
        return self._table.transact(replace(transaction, writes=new))


class TakesExistingForDone(Table):
    """Takes a record that exists for one that is written, whoever wrote it and when."""

    def transact(self, transaction: Transaction) -> Cancelled | None:
        answer = super().transact(transaction)
        if answer is None or Reason.RACED not in answer.writes:
            return answer
        pairs = zip(transaction.writes, answer.writes, strict=True)
        left = [write for write, reason in pairs if reason is not Reason.RACED]
        if not left:
            return None
        counts = [replace(each, by=len(left)) for each in transaction.counts]
        return self.transact(Transaction(left, counts, f"{transaction.token}-"))


class TakesConflictsForDone(Table):
    """Takes every cancellation for records that exist."""

    def transact(self, transaction: Transaction) -> Cancelled | None:
        super().transact(transaction)
        return None


class StampsNothing(Table):
    """Leaves a record alone that a newer raw object shows unchanged."""

    def stamp(self, changes: Sequence[tuple[Sighting, Known]]) -> dict[str, Reason]:
        del changes
        return {}


class StampsBlindly(Table):
    """Stamps a record whatever it holds by now."""

    def do_stamp(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        sighting, known = change
        if (item := self._table.items.get(sighting.id)) is not None:
            stamped = replace(item, known=known).stamped(sighting)
            content = replace(stamped.known, fingerprint=item.known.fingerprint)
            self._table.items[sighting.id] = replace(stamped, known=content)
        return {}


class ReplacesBlindly(Table):
    """Replaces what it has read, whatever is there by now."""

    def do_replace(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        sighting, _ = change
        return self._table.replace([(sighting, self._table.items[sighting.id].known)])


class CountsTotalsApart(Table):
    """Counts a source's records after they are written, by a call of its own; days as they should be."""

    def transact(self, transaction: Transaction) -> Cancelled | None:
        totals = [each for each in transaction.counts if isinstance(each.of, Total)]
        days = [each for each in transaction.counts if each not in totals]
        answer = super().transact(replace(transaction, counts=days))
        if answer is None:
            for count in totals:
                self._call("table.transact", "count", lambda count=count: self._add(count))
        return answer

    def _add(self, count: Count) -> None:
        self._changed(lambda: self._table.add(count.of, count.shard, count.by))


class MovesDaysAlone(Table):
    """Leaves the time of a first capture alone within a day, since no count changes."""

    def do_stamp(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        sighting, known = change
        undone = super().do_stamp(change)
        if sighting.id not in undone:
            item = self._table.items[sighting.id]
            late = replace(item.known, captured_at=known.captured_at)
            self._table.items[sighting.id] = replace(item, known=late)
        return undone


class NeverMoves(Table):
    """Leaves a record under the day on which it was curated first."""

    def transact(self, transaction: Transaction) -> Cancelled | None:
        if any(isinstance(each, Move) for each in transaction.writes):
            return None
        return super().transact(transaction)


class StateBeforeRaw(SourceRun):
    """Remembers what was fetched before it is in the raw layer."""

    def _publish(self, source: Source, event: datetime, state: SourceState, fetched: Fetched) -> SourceReport:
        remembered = Remembered(fetched.content_sha256, declaration_of(source))
        with suppress(ConflictError, Unavailable):
            self.states.replace(state.ended_well(remembered))
        return super()._publish(source, event, state, fetched)


class PublishesWhatIsNew(SourceRun):
    """Takes for unchanged whatever was fetched at any time."""

    def _publish(self, source: Source, event: datetime, state: SourceState, fetched: Fetched) -> SourceReport:
        assert isinstance(self.raw, Raw)
        known = {raw.content for raw in self.raw.known.values()}
        if known.issuperset(page.content for page in fetched.pages):
            return SourceReport(source.name, RunOutcome.UNCHANGED)
        return super()._publish(source, event, state, fetched)


class TrustingState(SourceState):
    """Compares with what was remembered, also after an attempt that died."""

    def taken(self, event: datetime, lease: str, until: float) -> SourceState:
        return replace(super().taken(event, lease, until), remembered=self.remembered)


class Trusting(States):
    """Gives out trusting states."""

    def get(self, source: str) -> SourceState:
        found = super().get(source)
        return TrustingState(**{name: getattr(found, name) for name in found.__slots__})


class LateEventState(SourceState):
    """Lets an event be fetched for after a later one was begun."""

    def taken(self, event: datetime, lease: str, until: float) -> SourceState:
        return replace(super().taken(event, lease, until), last_event=self.last_event, event_done=self.event_done)


class LateEvents(States):
    """Gives out states that know only of events that ended."""

    def get(self, source: str) -> SourceState:
        found = super().get(source)
        return LateEventState(**{name: getattr(found, name) for name in found.__slots__})


class TiedOrder(Order):
    """Knows the time of the event alone."""

    def __lt__(self, other: Order) -> bool:
        return self.captured_at < other.captured_at

    def __gt__(self, other: Order) -> bool:
        return self.captured_at > other.captured_at

    def __le__(self, other: Order) -> bool:
        return self.captured_at <= other.captured_at

    def __ge__(self, other: Order) -> bool:
        return self.captured_at >= other.captured_at

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Order) and self.captured_at == other.captured_at

    def __hash__(self) -> int:
        return hash(self.captured_at)


def tied(key: str, metadata: RawMetadata, content: bytes) -> Reading:
    """Order sightings by the time of their event alone."""
    reading, order = READ(key, metadata, content), metadata.order
    at = TiedOrder(order.captured_at, order.generation)
    return Reading([replace(each, order=at) for each in reading.sightings], reading.bad)


BROKEN: Final = {
    "counts-apart": Design(table=CountsApart),
    "counts-totals-apart": Design(table=CountsTotalsApart),
    "counts-tries": Design(table=CountsTries),
    "takes-existing-for-done": Design(table=TakesExistingForDone),
    "takes-conflicts-for-done": Design(table=TakesConflictsForDone),
    "stamps-nothing": Design(table=StampsNothing),
    "stamps-blindly": Design(table=StampsBlindly),
    "replaces-blindly": Design(table=ReplacesBlindly),
    "moves-days-alone": Design(table=MovesDaysAlone),
    "never-moves": Design(table=NeverMoves),
    "ties-of-one-event": Design(read=tied),
    "state-before-raw": Design(run=StateBeforeRaw),
    "publishes-what-is-new": Design(run=PublishesWhatIsNew),
    "trusts-after-a-death": Design(states=Trusting),
    "late-events": Design(states=LateEvents),
}
"""By what they do wrong."""
