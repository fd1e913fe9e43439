"""The stores of one schedule, in memory, and the ports through which an actor calls them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from harness.lake_table import LakeTable
from simulation.workload import START

from baler.store_errors import Unavailable
from runtime.lake.curation.reading import RawObject
from runtime.lake.curation.transaction import Cancelled, InvalidTransaction, Reason
from runtime.lake.ingestion.ports import ConflictError, WebAnswer, WebError
from runtime.lake.ingestion.source_state import SourceState
from simulation_lake.workload import INVALID, POISON, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from simulation.world import World

    from baler.lake.order import Order
    from baler.lake.raw_key import RawKey, RawMetadata
    from runtime.lake.curation.reading import BadRecord
    from runtime.lake.curation.sighting import Known, Sighting
    from runtime.lake.curation.transaction import Transaction
    from runtime.lake.ingestion.ports import WebRequest
    from simulation_lake.invariants import Invariants
    from simulation_lake.workload import Workload

T = TypeVar("T")

_VISIBILITY_SECONDS: Final = 108.0
_EVENT_DELAYS: Final = (0.1, 0.5, 1.0, 20.0, 70.0, 400.0)


class Call(Protocol):
    """Makes a call that may go wrong; see Actor.call."""

    def __call__(self, name: str, subject: str, effect: Callable[[], T], /) -> T: ...


@dataclass(eq=False)
class Announcement:
    """A message of curation's queue: a version of a raw object, and from when on it can be received."""

    key: str
    version: str
    visible_at: float


@dataclass
class Memory:
    """What the stores of one schedule hold.

    Attributes:
        states: of sources.
        raw: versions of raw objects, by key and version, in the order of their puts.
        queue: of curation.
        dead: what it refused.
        table: records and counters.
        versions: sightings by id and order.
        aside: what is set aside, by raw key.
    """

    seed: int
    world: World
    workload: Workload
    invariants: Invariants
    states: dict[str, SourceState] = field(default_factory=dict[str, SourceState])
    raw: dict[tuple[str, str], RawObject] = field(default_factory=dict[tuple[str, str], RawObject])
    queue: list[Announcement] = field(default_factory=list[Announcement])
    dead: list[str] = field(default_factory=list[str])
    table: LakeTable = field(default_factory=LakeTable)
    versions: dict[tuple[str, Order], str] = field(default_factory=dict[tuple[str, "Order"], str])
    aside: dict[str, tuple[BadRecord, ...]] = field(default_factory=dict[str, tuple["BadRecord", ...]])

    def __post_init__(self) -> None:
        self.table = table_of(self.workload)

    def put_raw(self, key: str, raw: RawObject) -> None:
        """Put a version of an object; S3 announces it late, perhaps twice, in any order."""
        version = str(len(self.raw) + 1)
        self.raw[key, version] = raw
        chance = random.Random(f"{self.seed} {key} {version}")  # noqa: S311 - a schedule, no secret
        for _ in range(chance.choice((1, 1, 2))):
            due = self.world.now + chance.choice(_EVENT_DELAYS)
            announcement = Announcement(key, version, due)
            self.world.at(due, lambda announcement=announcement: self.queue.append(announcement))

    def receive(self, now: float) -> Announcement | None:
        """Take the first message that is visible, and hide it from others."""
        for announcement in self.queue:
            if announcement.visible_at <= now:
                announcement.visible_at = now + _VISIBILITY_SECONDS
                return announcement
        return None

    def remove(self, announcement: Announcement) -> None:
        """Delete a message."""
        if announcement in self.queue:
            self.queue.remove(announcement)


def table_of(workload: Workload) -> LakeTable:
    """Return an empty table."""
    return LakeTable(
        invalid=frozenset({f"{SOURCE.name}-{INVALID}"}),
        poison=frozenset({f"{SOURCE.name}-{POISON}"}),
        remembers_tokens=workload.remembers_tokens,
    )


class Web:
    """The source."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def get(self, request: WebRequest) -> WebAnswer:
        """See the port."""

        def effect() -> WebAnswer:
            body = self._memory.workload.body_at(self._memory.world.now - START)
            return WebAnswer(200, {}, body, request.url)

        try:
            return self._call("web.get", "", effect)
        except Unavailable as error:
            raise WebError("no-answer", may_pass=False) from error


class States:
    """States of sources."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def get(self, source: str) -> SourceState:
        """See the port."""
        states = self._memory.states
        return self._call("state.get", source, lambda: states.get(source) or SourceState.new(source))

    def replace(self, new: SourceState) -> None:
        """See the port."""

        def effect() -> bool:
            before = self._memory.states.get(new.source) or SourceState.new(new.source)
            is_repeated = (before.revision, before.written_by) == (new.revision, new.written_by)
            if before.revision + 1 != new.revision and not is_repeated:
                return False
            self._memory.states[new.source] = new
            return True

        if not self._call("state.replace", new.source, effect):
            raise ConflictError


class Raw:
    """The raw layer, as both functions call it."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, key: RawKey, metadata: RawMetadata, content: bytes) -> None:
        """See ingestion's port."""
        raw = RawObject(content, metadata.written())
        self._call("raw.put", key.text, lambda: self._memory.put_raw(key.text, raw))

    @property
    def known(self) -> Mapping[tuple[str, str], RawObject]:
        """All that is there, for a broken ingestion."""
        return self._memory.raw

    def get(self, key: str, version: str | None) -> RawObject | None:
        """See curation's port."""
        assert version is not None
        return self._call("raw.get", key, lambda: self._memory.raw.get((key, version)))


class Table:
    """Records and counters."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory
        self._table = memory.table
        self._transactions = 0

    def read(self, ids: Collection[str]) -> Mapping[str, Known]:
        """See the port."""
        return self._call("table.read", "", lambda: self._table.read(ids))

    def transact(self, transaction: Transaction) -> Cancelled | None:
        """See the port."""

        def effect() -> Cancelled | InvalidTransaction | None:
            if (cancelled := self._contended(transaction)) is not None:
                return cancelled
            try:
                return self._changed(lambda: self.do(transaction))
            except InvalidTransaction as error:
                return error

        answer = self._call("table.transact", transaction.token, effect)
        if isinstance(answer, InvalidTransaction):
            raise answer
        return answer

    def replace(self, changes: Sequence[tuple[Sighting, Known]]) -> dict[str, Reason]:
        """See the port."""
        return {name: reason for each in changes for name, reason in self._replace_one(each).items()}

    def stamp(self, changes: Sequence[tuple[Sighting, Known]]) -> dict[str, Reason]:
        """See the port."""
        return {name: reason for each in changes for name, reason in self._stamp_one(each).items()}

    def do(self, transaction: Transaction) -> Cancelled | None:
        """Do a transaction."""
        return self._table.transact(transaction, self._memory.world.now)

    def do_replace(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        """Replace one record."""
        return self._table.replace([change])

    def do_stamp(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        """Stamp one record."""
        return self._table.stamp([change])

    def _replace_one(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        effect = lambda: self._changed(lambda: self.do_replace(change))  # noqa: E731
        return self._call("table.replace", change[0].id, effect)

    def _stamp_one(self, change: tuple[Sighting, Known]) -> dict[str, Reason]:
        effect = lambda: self._changed(lambda: self.do_stamp(change))  # noqa: E731
        return self._call("table.stamp", change[0].id, effect)

    def _changed(self, change: Callable[[], T]) -> T:
        answer = change()
        self._memory.invariants.after_change(self._memory)
        return answer

    def _contended(self, transaction: Transaction) -> Cancelled | None:
        """Let another transaction, or a throttle, cancel this one now and then."""
        self._transactions += 1
        memory = self._memory
        if memory.world.calm:
            return None
        chance = random.Random(f"{memory.seed} {transaction.token} {self._transactions}")  # noqa: S311 - no secret
        if chance.random() >= memory.workload.contention:
            return None
        met = chance.randrange(len(transaction.writes) + 1)
        reasons = [Reason.PASSING if met == place else Reason.NONE for place in range(len(transaction.writes))]
        return Cancelled(reasons, Reason.PASSING if met == len(reasons) else Reason.NONE)


class Versions:
    """Every sighting."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, sightings: Sequence[Sighting]) -> None:
        """See the port."""
        for each in sightings:
            effect = lambda each=each: self._memory.versions.__setitem__(  # noqa: E731
                (each.id, each.order), str(each.fields["title"])
            )
            self._call("versions.put", each.id, effect)


class Aside:
    """Where bad records are set aside."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, key: str, records: Sequence[BadRecord]) -> None:
        """See the port."""
        self._call("aside.put", key, lambda: self._memory.aside.__setitem__(key, tuple(records)))
