"""The stores of one schedule, in memory, and the ports through which an actor calls them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from baler.events.stream.frontier import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulation.world import World

    from baler.events.raw_object import StreamObject
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey
    from simulation_events.invariants import Invariants

T = TypeVar("T")

_VISIBILITY_SECONDS: Final = 108.0
_EVENT_DELAYS: Final = (0.1, 0.5, 1.0, 20.0, 70.0)


class Call(Protocol):
    """Makes a call that may go wrong; see Actor.call."""

    def __call__(self, name: str, subject: str, effect: Callable[[], T], /) -> T: ...


@dataclass(eq=False)
class Announcement:
    """A message of the transformer's queue: what was put, when, and from when on it can be received."""

    key: str
    written_at: float
    visible_at: float


@dataclass
class Memory:
    """What the stores of one schedule hold.

    Attributes:
        frontiers, batches, processed_notes: the protocol's table.
        runs: of single records that began and did not end.
        raw, processed: the buckets, by key.
        queue: of the transformer.
        dead: what it refused.
    """

    seed: int
    world: World
    invariants: Invariants
    frontiers: dict[ShardKey, str] = field(default_factory=dict["ShardKey", str])
    batches: dict[tuple[ShardKey, str], CommittedBatch] = field(
        default_factory=dict[tuple["ShardKey", str], "CommittedBatch"]
    )
    processed_notes: set[str] = field(default_factory=set[str])
    runs: dict[tuple[ShardKey, str], set[str]] = field(default_factory=dict[tuple["ShardKey", str], set[str]])
    raw: dict[str, bytes] = field(default_factory=dict[str, bytes])
    processed: dict[str, bytes] = field(default_factory=dict[str, bytes])
    queue: list[Announcement] = field(default_factory=list[Announcement])
    dead: list[str] = field(default_factory=list[str])
    _puts: int = 0

    def put_raw(self, key: str, body: bytes) -> None:
        """Put an object unless it is there; S3 announces it late, perhaps twice, in any order."""
        if key in self.raw:
            return
        self.raw[key] = body
        if not key.startswith("raw/"):
            return
        self._puts += 1
        chance = random.Random(f"{self.seed} {key} {self._puts}")  # noqa: S311 - a schedule, no secret
        for _ in range(chance.choice((1, 1, 2))):
            now, delay = self.world.now, chance.choice(_EVENT_DELAYS)
            announcement = Announcement(key, now, now + delay)
            self.world.at(now + delay, lambda announcement=announcement: self.queue.append(announcement))

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


class Table:
    """The protocol's table, as an actor calls it."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def frontier(self, shard: ShardKey) -> str:
        """See the port."""
        return self._call("table.frontier", shard.shard_id, lambda: self._memory.frontiers.get(shard, BEGINNING))

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        """See the port."""
        subject = f"{shard.shard_id} {int(last)}"
        return self._call("table.batch", subject, lambda: self._memory.batches.get((shard, last)))

    def commit(self, batch: CommittedBatch) -> bool:
        """See the port."""
        memory = self._memory

        def effect() -> bool:
            if memory.frontiers.get(batch.shard, BEGINNING) != batch.after:
                return False
            memory.frontiers[batch.shard] = batch.last
            memory.batches[batch.shard, batch.last] = batch
            memory.invariants.after_commit(batch, memory)
            return True

        return self._call("table.commit", f"{batch.shard.shard_id} to {int(batch.last)}", effect)

    def note_processed(self, shard: ShardKey, last: str, key: str) -> None:
        """See the port."""
        del shard, last
        self._call("table.note", key, lambda: self._memory.processed_notes.add(key))


class Runs:
    """Runs of single records, as an actor notes them: by one kind of call, so that who may do one may do the other."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._runs = memory.runs

    def begin(self, shard: ShardKey, sequence_number: str, run_id: str) -> int:
        """See the port."""

        def effect() -> int:
            runs = self._runs.setdefault((shard, sequence_number), set())
            others = len(runs - {run_id})
            runs.add(run_id)
            return others

        return self._call("runs.update", str(int(sequence_number)), effect)

    def end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None:
        """See the port."""
        self._call(
            "runs.update",
            str(int(sequence_number)),
            lambda: self._runs.get((shard, sequence_number), set()).discard(run_id),
        )


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
            self._call("raw.put", each.key, lambda each=each: self._memory.put_raw(each.key, each.content))

    def get(self, key: str) -> bytes | None:
        """See the port."""
        return self._call("raw.get", key, lambda: self._memory.raw.get(key))


class Processed:
    """The processed store."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, key: str, body: bytes) -> None:
        """See the port."""

        def effect() -> None:
            self._memory.processed[key] = body
            self._memory.invariants.after_processed(self._memory)

        self._call("processed.put", key, effect)
