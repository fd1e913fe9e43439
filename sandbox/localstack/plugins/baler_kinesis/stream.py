"""A stream whose shards split and merge as AWS's: a parent keeps its records, and takes no more."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from moto.kinesis.exceptions import InvalidArgumentError
from moto.kinesis.models import Stream

from baler_kinesis.shard import LOCK, OrderedShard

if TYPE_CHECKING:
    from collections.abc import Iterable

_HASHES = 2**128
_LONGEST_KEY = 256


class ReshardableStream(Stream):
    """A stream of ordered shards."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # moto has the text of a local time without its zone.
        self.creation_datetime = time.time()

    def init_shards(self, shard_count: int) -> None:
        """Make the first shards, which share all hashes evenly."""
        self.shard_count = shard_count
        step = _HASHES // shard_count
        for index in range(shard_count):
            last = _HASHES - 1 if index == shard_count - 1 else (index + 1) * step - 1
            shard = OrderedShard(index, index * step, last)
            self.shards[shard.shard_id] = shard

    def get_shard_for_key(self, partition_key: str, explicit_hash_key: str) -> OrderedShard:
        """Return the open shard that takes a key.

        Raises:
            InvalidArgumentError: the key has no characters or more than 256, or the hash is none.
        """
        if not isinstance(partition_key, str) or not 1 <= len(partition_key) <= _LONGEST_KEY:
            raise InvalidArgumentError("partition_key")
        if explicit_hash_key:
            if not explicit_hash_key.isdecimal() or int(explicit_hash_key) >= _HASHES:
                raise InvalidArgumentError("explicit_hash_key")
            hashed = int(explicit_hash_key)
        else:
            hashed = int(hashlib.md5(partition_key.encode(), usedforsecurity=False).hexdigest(), 16)
        return next(shard for shard in self._open() if shard.starting_hash <= hashed <= shard.ending_hash)

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        """Close a shard and make two of its hashes.

        Raises:
            InvalidArgumentError: it is closed already, or the hash is not within it.
        """
        with LOCK:
            shard, middle = self.get_shard(shard_to_split), int(new_starting_hash_key)
            if not shard.is_open:
                raise InvalidArgumentError(
                    f"Shard {shard.shard_id} in stream {self.stream_name} under account {self.account_id} has already "
                    "been merged or split, and thus is not eligible for merging or splitting."
                )
            if not shard.starting_hash < middle < shard.ending_hash:
                raise InvalidArgumentError(
                    f"NewStartingHashKey {middle} used in SplitShard() on shard {shard.shard_id} in stream "
                    f"{self.stream_name} under account {self.account_id} is not both greater than one plus the shard's "
                    f"StartingHashKey {shard.starting_hash} and less than the shard's EndingHashKey "
                    f"{shard.ending_hash - 1}."
                )
            shard.close()
            self._add(shard.starting_hash, middle - 1, parent=shard.shard_id)
            self._add(middle, shard.ending_hash, parent=shard.shard_id)
            self.shard_count = len(self._open())

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        """Close two neighbours and make one shard of their hashes.

        Raises:
            InvalidArgumentError: one is closed already, or they are no neighbours.
        """
        with LOCK:
            named, adjacent = self.get_shard(shard_to_merge), self.get_shard(adjacent_shard_to_merge)
            low, high = sorted((named, adjacent), key=lambda shard: shard.starting_hash)
            if not (low.is_open and high.is_open) or low.ending_hash + 1 != high.starting_hash:
                raise InvalidArgumentError(
                    f"Shards {named.shard_id} and {adjacent.shard_id} in stream {self.stream_name} under account "
                    f"{self.account_id} are not open neighbours, and thus cannot be merged."
                )
            low.close()
            high.close()
            self._add(low.starting_hash, high.ending_hash, parent=named.shard_id, adjacent_parent=adjacent.shard_id)
            self.shard_count = len(self._open())

    def update_shard_count(self, target_shard_count: int) -> None:
        """Split and merge until there are so many open shards.

        Raises:
            InvalidArgumentError: those are more than twice, or fewer than half, of what there are.
        """
        with LOCK:
            count = len(self._open())
            if not count / 2 <= target_shard_count <= count * 2:
                raise InvalidArgumentError(
                    f"UpdateShardCount cannot scale from {count} to {target_shard_count} open shards: at most to "
                    "double, and at least to half of them."
                )
            super().update_shard_count(target_shard_count)

    def trim(self) -> None:
        """Forget what is older than the retention period."""
        for shard in self.shards.values():
            shard.trim(self.retention_period_hours)

    def _open(self) -> list[OrderedShard]:
        return [shard for shard in self._shards() if shard.is_open]

    def _shards(self) -> Iterable[OrderedShard]:
        return self.shards.values()

    def _add(self, start: int, end: int, *, parent: str, adjacent_parent: str | None = None) -> None:
        shard = OrderedShard(len(self.shards), start, end, parent=parent, adjacent_parent=adjacent_parent)
        self.shards[shard.shard_id] = shard
