"""What is in the stream, and how it is read."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypedDict

from simulation.workload import START

from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord

STREAM: Final = "arn:aws:kinesis:eu-central-1:123456789012:stream/events"
DAY_SECONDS: Final = 86_400.0
_DIGITS: Final = 56

if TYPE_CHECKING:
    from collections.abc import Sequence


class Nature(StrEnum):
    """What a record is like."""

    GOOD = "good"
    BAD = "bad"
    """It can never be processed."""
    KILLS = "kills"
    """Whoever parses it dies."""
    LATER = "later"
    """The parser can say nothing of it for some time."""


@dataclass(frozen=True)
class Produced:
    """A record.

    Attributes:
        number: its sequence number.
        shard: number of its shard.
        nature: what it is like.
        partition: where it belongs.
        after: seconds from the start to its arrival.
    """

    number: int
    shard: int
    nature: Nature
    partition: str
    after: float

    @property
    def record(self) -> StreamRecord:
        """It as the function gets it."""
        data = f"{self.nature}:{self.partition}:{self.number}".encode()
        return StreamRecord(
            shard_of(self.shard).shard_id, f"{self.number:0{_DIGITS}}", 0, "key", START + self.after, data
        )


@dataclass(frozen=True)
class LostCheckpoint:
    """A reader begins anew: after so many seconds, which one, from which record of its shard on."""

    after: float
    reader: int
    position: int


@dataclass(frozen=True)
class Replay:
    """The operator replays, after so many seconds, which shard, from which of its records to which."""

    after: float
    shard: int
    first: int
    last: int


@dataclass(frozen=True)
class Foreign:
    """The transformer is told, so many seconds from the start, of an object that no processor wrote."""

    after: float
    key: str


@dataclass(frozen=True)
class Workload:
    """What is in the stream, and how it is read.

    Attributes:
        records: in the order of their numbers.
        parents: of shards that came from another by a reshard; they are read when that one is at its end.
        batch: records in a batch at most.
        readers: how many read each shard: two where a mapping is replaced while its old one still lives.
        halves_partial: whether a partial answer that cuts nothing off halves the batch; AWS does not say.
        foreign: what the transformer must refuse.
        lost: checkpoints that are lost.
        rewritten_at: the states of the table, by number, with which the compactor's schedule fires.
        reprocessed: seconds from the start to when newer code transforms everything once more.
        reprocessed_at_last: newer code does so too when all is well.
        oldest_seconds: the age at which a mapping gives a record up.
        idle_seconds: how long from the start on nobody reads: the mapping was switched off.
        redrives: seconds from the start to when the operator brings back what was given up.
        replays: ranges that the operator brings back.
        days: that pass before what was given up is brought back at last.
        later_until: seconds from the start to when records that are for later can be processed.
        reread: the mapping is replaced at the end, and begins at TRIM_HORIZON.
    """

    records: tuple[Produced, ...]
    parents: tuple[tuple[int, int], ...]
    batch: int
    readers: int
    halves_partial: bool
    foreign: tuple[Foreign, ...]
    lost: tuple[LostCheckpoint, ...]
    rewritten_at: frozenset[int]
    reprocessed: tuple[float, ...]
    reprocessed_at_last: bool
    oldest_seconds: float
    idle_seconds: float
    redrives: tuple[float, ...]
    replays: tuple[Replay, ...]
    days: int
    later_until: float
    reread: bool

    @property
    def patience_seconds(self) -> float:
        """How long the transformer waits for a batch: longer than any record can be read."""
        return DAY_SECONDS if math.isinf(self.oldest_seconds) else 3600.0

    @property
    def shards(self) -> list[int]:
        """All shards that have records, or whose children have."""
        return sorted({each.shard for each in self.records} | {parent for _, parent in self.parents})


def shard_of(number: int) -> ShardKey:
    """Return the key of a shard."""
    return key_of(f"shard-{number}")


def key_of(shard_id: str) -> ShardKey:
    """Return the key of a shard by its id."""
    return ShardKey(STREAM, int(START), shard_id)


class Recovered(TypedDict):
    """The part of a workload that is given up and brought back."""

    oldest_seconds: float
    idle_seconds: float
    redrives: tuple[float, ...]
    replays: tuple[Replay, ...]
    days: int


def draw_recovery(chance: random.Random, records: Sequence[Produced]) -> Recovered:
    """Draw what is given up and brought back; in half of the workloads nothing is."""
    if chance.random() < 0.5:
        return Recovered(oldest_seconds=math.inf, idle_seconds=0.0, redrives=(), replays=(), days=0)

    def replay() -> Replay:
        # While the stream's reader is at work on it, or later.
        newest = chance.choice(records)
        after = newest.after + chance.uniform(0.0, chance.choice([0.5, 3.0, 100.0]))
        first = chance.choice([0, 0, 1, 4])
        return Replay(after, newest.shard, first, first + chance.randint(0, 9))

    oldest_seconds = chance.choice([20.0, 60.0, 150.0, 400.0])
    redriven = [oldest_seconds + chance.uniform(5.0, 300.0) for _ in range(chance.choice([0, 1, 2]))]
    return Recovered(
        oldest_seconds=oldest_seconds,
        idle_seconds=chance.choice([0.0, 0.0, oldest_seconds + 15.0, oldest_seconds + 150.0]),
        redrives=tuple(at + after for at in redriven for after in (0.0, 0.0)[: chance.randint(1, 2)]),
        replays=tuple(replay() for _ in range(chance.choice([0, 2, 6]))),
        days=chance.choice([0, 0, 3]),
    )


def draw_workload(seed: int) -> Workload:
    """Draw one from a seed."""
    chance = random.Random(f"events {seed}")  # noqa: S311 - a schedule, no secret
    natures = chance.choice([[Nature.GOOD], [Nature.GOOD] * 4 + [Nature.BAD], [Nature.GOOD] * 4 + list(Nature)])
    resharded = chance.random() < 0.3
    shards = [0, 1, 2] if resharded else list(range(chance.randint(1, 2)))
    spread = chance.choice([0.0, 3.0, 30.0])
    numbers = range(1, chance.randint(3, 10) + 1)
    records = tuple(
        Produced(
            number,
            (0 if number <= len(numbers) // 2 else chance.choice(shards[1:])) if resharded else chance.choice(shards),
            chance.choice(natures),
            chance.choice(["metric", "metric", "transaction"]),
            spread * number,
        )
        for number in numbers
    )
    readers = 2 if chance.random() < 0.25 else 1
    lost = tuple(
        LostCheckpoint(chance.uniform(0.0, 90.0), chance.randrange(readers * len(shards)), chance.randint(0, 3))
        for _ in range(chance.choice([0, 0, 1, 2]))
    )
    foreign = tuple(
        Foreign(chance.uniform(0.0, 60.0), f"raw/event_type=metric/{number}.json")
        for number in range(chance.choice([0, 0, 0, 2]))
    )
    return Workload(
        records=records,
        parents=((1, 0), (2, 0)) if resharded else (),
        batch=chance.randint(1, 6),
        readers=readers,
        halves_partial=chance.random() < 0.5,
        foreign=foreign,
        lost=lost,
        rewritten_at=frozenset(chance.sample(range(2, 8), chance.choice([0, 1, 3]))),
        reprocessed=tuple(
            chance.uniform(0.0, chance.choice([20.0, 120.0])) for _ in range(chance.choice([0, 0, 1, 2]))
        ),
        reprocessed_at_last=chance.random() < 0.15,
        **draw_recovery(chance, records),
        later_until=chance.choice([5.0, 40.0]),
        reread=chance.random() < 0.3,
    )
