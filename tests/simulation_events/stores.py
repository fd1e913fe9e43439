"""The stores of one schedule, in memory, and the ports through which an actor calls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from simulation_events.catalog import Catalog
from simulation_events.queues import Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulation.world import World

    from baler.events.raw_object import StreamObject
    from baler.events.recovery.span import Span
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from baler.events.stream_record import StreamRecord
    from simulation_events.invariants import Invariants

T = TypeVar("T")


def short(key: str) -> str:
    """Return what tells an object's key from others in a trace: its partition's type, its shard, span and hash."""
    folder, _, name = key.rpartition("/")
    _, shard, first, last, content = (*name.removesuffix(".json").split("_"), "", "", "", "")[:5]
    if not content:
        return key
    event_type = folder.partition("event_type=")[2].partition("/")[0] or "rejected"
    return f"{event_type}/{shard.partition('.')[2]}/{int(first)}-{int(last)}/{content[:4]}"


class Call(Protocol):
    """Makes a call that may go wrong; see Actor.call."""

    def __call__(self, name: str, subject: str, effect: Callable[[], T], /) -> T: ...


@dataclass
class Memory:
    """What the stores of one schedule hold.

    Attributes:
        transforms, compactions: the queues of the transformer and the compactor.
        frontiers, batches, recovered, processed_notes: the protocol's table.
        runs: of single records that began and did not end.
        raw, processed: the buckets, by key.
        versions: number of the version of each raw object, and when it was put.
        catalog: the table of all events.
        puts: raw objects that were put.
        code: the version of the transformer's code.
        given_up: what the on-failure destination took, in order.
    """

    seed: int
    world: World
    invariants: Invariants
    transforms: Queue = field(init=False)
    compactions: Queue = field(init=False)
    frontiers: dict[ShardKey, str] = field(default_factory=dict["ShardKey", str])
    batches: dict[tuple[ShardKey, str], CommittedBatch] = field(
        default_factory=dict[tuple["ShardKey", str], "CommittedBatch"]
    )
    recovered: dict[ShardKey, list[Span]] = field(default_factory=dict["ShardKey", list["Span"]])
    processed_notes: set[str] = field(default_factory=set[str])
    runs: dict[tuple[ShardKey, str], set[str]] = field(default_factory=dict[tuple["ShardKey", str], set[str]])
    raw: dict[str, bytes] = field(default_factory=dict[str, bytes])
    versions: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    processed: dict[str, bytes] = field(default_factory=dict[str, bytes])
    catalog: Catalog = field(init=False)
    code: int = 1
    puts: int = 0
    given_up: list[Sequence[StreamRecord]] = field(default_factory=list["Sequence[StreamRecord]"])

    def __post_init__(self) -> None:
        self.transforms, self.compactions = Queue(self.seed, self.world), Queue(self.seed + 1, self.world)
        self.catalog = Catalog(self.world, rewritten_at=self.invariants.workload.rewritten_at)

    def put_raw(self, key: str, body: bytes) -> None:
        """Put an object unless it is there; S3 announces it."""
        if key in self.raw:
            return
        self.raw[key] = body
        self.puts += 1
        self.versions[key] = (self.puts, self.world.now)
        if key.startswith("raw/"):
            self.transforms.announce(key)


class Raw:
    """The raw store, as both functions call it."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    @property
    def now(self) -> float:
        """For a broken processor, which names objects by it."""
        return self._memory.world.now

    def put(self, objects: Sequence[StreamObject]) -> None:
        """See the port."""
        for each in objects:
            self._call("raw.put", short(each.key), lambda each=each: self._memory.put_raw(each.key, each.content))

    def get(self, key: str) -> bytes | None:
        """See the port."""
        return self._call("raw.get", short(key), lambda: self._memory.raw.get(key))


class Processed:
    """The processed store."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, key: str, body: bytes) -> None:
        """See the port."""

        def effect() -> None:
            self._memory.processed[key] = body
            self._memory.compactions.announce(key)
            self._memory.invariants.after_processed(self._memory)

        self._call("processed.put", short(key), effect)
