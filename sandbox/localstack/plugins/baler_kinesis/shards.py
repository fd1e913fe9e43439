"""Which shards are read when, and from where on.

A child is read when its parents are done (developer guide, "Strategies for resharding"), so that the records of a key
stay in order. What is there when a mapping begins is read from its starting position; what comes later, from its first
record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass
class Checkpoints:
    """How far a mapping is: kept while it is stopped or changed, and gone with it."""

    begun: bool = False
    positions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By shard that was begun: what GetShardIterator is asked for."""
    done: set[str] = field(default_factory=set)

    def begin(self, shards: Iterable[Mapping[str, Any]], starting: Mapping[str, Any]) -> None:
        """Note the shards that are there when the mapping is made, and where each begins.

        Args:
            shards: as ListShards answers.
            starting: `ShardIteratorType`, and `Timestamp` where that asks for one.
        """
        if self.begun:
            return
        self.begun = True
        for shard in shards:
            if starting["ShardIteratorType"] == "LATEST" and "EndingSequenceNumber" in shard["SequenceNumberRange"]:
                self.done.add(shard["ShardId"])
            else:
                self.positions[shard["ShardId"]] = dict(starting)

    def ready(self, shards: Iterable[Mapping[str, Any]]) -> list[str]:
        """Return the shards that can be read: not done, and their parents done or gone with the retention period."""
        listed = {shard["ShardId"]: shard for shard in shards}
        found: list[str] = []
        for shard_id, shard in listed.items():
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} & listed.keys()
            if shard_id not in self.done and parents <= self.done:
                self.positions.setdefault(shard_id, {"ShardIteratorType": "TRIM_HORIZON"})
                found.append(shard_id)
        return found

    def passed(self, shard: str, number: str) -> None:
        """Note the last record that is done."""
        self.positions[shard] = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": number}

    def finish(self, shard: str) -> None:
        """Note that a shard is read to its end, and its last batch done."""
        self.done.add(shard)
