"""What the sweeper asks of the stores. Every call may raise Unavailable; reads of the table are strongly consistent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from baler.events.recovery.span import Span
    from baler.events.stream.committed_batch import CommittedBatch
    from baler.events.stream.shard_key import ShardKey


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """A version of an object.

    Attributes:
        version_id: S3's.
        written_at: when it was put, seconds since the epoch.
    """

    version_id: str
    written_at: float


@dataclass(frozen=True, slots=True)
class VersionedObject:
    """An object that is there.

    Attributes:
        key: of the object.
        versions: at least one; the current one first, and the others from newer to older.
    """

    key: str
    versions: tuple[ObjectVersion, ...]


class SweepTable(Protocol):
    """Frontiers, batches, and what covers records."""

    def frontier(self, shard: ShardKey) -> str:
        """Return the last committed sequence number of a shard; `frontier.BEGINNING` where there is none."""
        ...

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        """Return the batch of a shard that ends with a sequence number."""
        ...

    def batches_over(self, shard: ShardKey, span: Span) -> Sequence[CommittedBatch]:
        """Return the batches of a shard, and those recovered for it, that overlap a span; no fence."""
        ...


class RawVersions(Protocol):
    """The raw store, by versions."""

    def below(self, prefix: str) -> Iterator[VersionedObject]:
        """Yield the objects below a prefix, in the order of their keys; those that were deleted are left out."""
        ...

    def read(self, key: str) -> bytes | None:
        """Return the bytes of an object; None where it is gone, or where only a restore from Glacier brings them."""
        ...

    def remove(self, key: str, version_id: str) -> None:
        """Remove a version for good; one that is gone stays gone."""
        ...


class ProcessedNames(Protocol):
    """The processed store, by names."""

    def has(self, key: str) -> bool:
        """Whether an object is there."""
        ...
