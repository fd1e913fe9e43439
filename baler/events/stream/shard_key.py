"""What tells a shard from every other that there ever was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_LABEL: Final = re.compile(r"(?P<created_at>[0-9]{1,12})\.(?P<shard_id>[A-Za-z0-9_.-]{1,128})")


@dataclass(frozen=True, slots=True)
class ShardKey:
    """A shard of one life of a stream.

    Attributes:
        stream: the stream's ARN.
        created_at: when the stream was made, whole seconds since the epoch. A stream that replaces another of the same
            name has its ARN and its shard ids; with the frontier of the old one, its first events would be dropped.
        shard_id: the shard's id, for example "shardId-000000000000"; or that of a pseudo-shard.
    """

    stream: str
    created_at: int
    shard_id: str

    @classmethod
    def of_label(cls, stream: str, label: str) -> Self:
        """Return the shard of a stream that has a label.

        Raises:
            ValueError: no shard has such a label.
        """
        found = _LABEL.fullmatch(label)
        if not found:
            raise ValueError("no shard has this label")
        return cls(stream, int(found["created_at"]), found["shard_id"])

    @property
    def label(self) -> str:
        """What tells it from the other shards of its stream, and of those that had the stream's name: part of keys."""
        return f"{self.created_at}.{self.shard_id}"

    def __str__(self) -> str:
        return f"{self.stream}@{self.created_at}/{self.shard_id}"
