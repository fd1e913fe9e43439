"""What is written when a batch is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.events.stream.shard_key import ShardKey


@dataclass(frozen=True, slots=True)
class CommittedBatch:
    """The records of a shard that moved its frontier in one step. Each batch of a shard has another `last`.

    Attributes:
        shard: whose records.
        after: the frontier that was read, from which the batch moves it: the `last` of the batch before, so that a gap
            shows; `frontier.BEGINNING` in the first batch of a shard.
        first, last: sequence numbers of the first and the last record.
        objects: keys of the objects that hold its events, in the order of their partitions.
        rejected: key of the object that holds its rejected lines; None if there are none.
        events, rejections: how many there are.
        arrived_at: when its last record came into the stream, seconds since the epoch: the same in each attempt.
    """

    shard: ShardKey
    after: str
    first: str
    last: str
    objects: tuple[str, ...]
    rejected: str | None
    events: int
    rejections: int
    arrived_at: float
