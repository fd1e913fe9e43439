"""What tells a shard from every other that there ever was."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShardKey:
    """A shard of one life of a stream.

    Attributes:
        stream: the stream's ARN.
        created_at: when the stream was made, whole seconds since the epoch. A stream that replaces another of the same
            name has its ARN and its shard ids; with the frontier of the old one, its first events would be dropped.
        shard_id: the shard's id, for example "shardId-000000000000".
    """

    stream: str
    created_at: int
    shard_id: str

    def __str__(self) -> str:
        return f"{self.stream}@{self.created_at}/{self.shard_id}"
