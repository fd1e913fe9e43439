"""Sweeps a folder of raw objects: orphans go, and what looks like one and is none is named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from baler.events.processed_object import processed_key
from baler.events.raw_object import ForeignObjectError, raw_object_name
from baler.events.recovery.pseudo_shard import origin_of
from baler.events.recovery.span import Span
from baler.events.stream.frontier import is_beyond
from baler.events.stream.shard_key import ShardKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.raw_object import RawObjectName
    from runtime.events.sweeper.ports import ProcessedNames, RawVersions, SweepTable, VersionedObject


class Fate(StrEnum):
    """What an object is to the sweeper."""

    YOUNG = "young"
    """A version of it was put within the patience: nothing is said of it yet."""

    EXPIRING = "expiring"
    """It is older than raw objects are kept: S3 removes it, and its batch's item may be gone."""

    LISTED = "listed"
    """A committed batch lists it."""

    ORPHAN = "orphan"
    """No batch lists it, and other batches cover each of its records."""

    UNCOVERED = "uncovered"
    """No batch lists it, and one of its records is in no batch: perhaps there is no other copy of that."""

    UNREADABLE = "unreadable"
    """No batch lists it, and its bytes are not those that its name was made of, or in Glacier."""


class UntrustedTableError(Exception):
    """The stores say that the protocol's table has lost a batch; the message names the object that tells."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What became of the objects of a folder.

    Attributes:
        objects: how many were looked at.
        removed: of these, orphans that are gone; in a dry run, those that would be.
        uncovered, unreadable: keys of those that stay and that somebody is to see.
        is_finished: False where time ran out before the end of the folder.
    """

    objects: int = 0
    removed: int = 0
    uncovered: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    is_finished: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """Removes orphans.

    An object goes only if all of this holds: it is older than the patience; the frontier of its shard, read first, lies
    behind it, so that no attempt can commit it any more; no batch lists it; committed batches cover each of its
    records; and nothing was ever processed of it. A table that was restored, or is new, covers nothing of what it lost,
    so whatever it lost stays.

    Attributes:
        table: the protocol's, as it is now.
        raw: the raw store.
        processed: what was made of raw objects.
        stream: ARN.
        sequence_numbers: of the records in a raw object.
        patience_seconds: how long after an object was put its batch may still be committed.
        lifetime_seconds: after which S3 removes raw objects; infinite where they stay.
        dry_run: whether nothing is removed.
    """

    table: SweepTable
    raw: RawVersions
    processed: ProcessedNames
    stream: str
    sequence_numbers: Callable[[bytes], Sequence[str]]
    patience_seconds: float
    lifetime_seconds: float
    dry_run: bool = False
    _frontiers: dict[ShardKey, str] = field(default_factory=dict["ShardKey", str])

    def sweep(self, prefix: str, clock: Callable[[], float], until: float) -> SweepReport:
        """Sweep what lies below a prefix, as far as time allows.

        Args:
            prefix: of the keys.
            clock: seconds since the epoch.
            until: when no further object is begun, the same.

        Raises:
            Unavailable: a store does not answer.
            UntrustedTableError: the table has lost a batch; nothing is removed after that.
        """
        report = SweepReport()
        for each in self.raw.below(prefix):
            now = clock()
            if now >= until:
                return replace(report, is_finished=False)
            fate = self.judge(each, now)
            report = replace(report, objects=report.objects + 1)
            match fate:
                case Fate.ORPHAN:
                    self._remove(each)
                    report = replace(report, removed=report.removed + 1)
                case Fate.UNCOVERED:
                    report = replace(report, uncovered=(*report.uncovered, each.key))
                case Fate.UNREADABLE:
                    report = replace(report, unreadable=(*report.unreadable, each.key))
                case _:
                    pass
        return report

    def judge(self, each: VersionedObject, now: float) -> Fate:
        """Say what an object is; the exceptions are those of `sweep`."""
        newest = max(version.written_at for version in each.versions)
        if now - newest < self.patience_seconds:
            return Fate.YOUNG
        if now - newest > self.lifetime_seconds:
            return Fate.EXPIRING
        try:
            name = raw_object_name(each.key)
            return self._fate(each.key, name, ShardKey.of_label(self.stream, name.shard_label))
        except ForeignObjectError:
            return Fate.UNREADABLE

    def _fate(self, key: str, name: RawObjectName, shard: ShardKey) -> Fate:
        origin = origin_of(shard) or shard
        # First of all, as at the gate: what it lies behind is committed by now, or never.
        is_open = is_beyond(name.last, self._frontier(origin))
        batch = self.table.batch(shard, name.last)
        if batch is not None and key in batch.objects:
            return Fate.LISTED
        if is_open:
            return Fate.UNCOVERED
        content = self.raw.read(key)
        if content is None:
            return Fate.UNREADABLE
        name.check(content)
        # The batches themselves, not notes of them: of a table that is being copied back, either may be there alone.
        over = self.table.batches_over(origin, Span(name.first, name.last))
        if any(key in each.objects for each in over):
            return Fate.LISTED
        spans = [Span(each.first, each.last) for each in over]
        if not all(any(span.holds(number) for span in spans) for number in self.sequence_numbers(content)):
            return Fate.UNCOVERED
        # What was processed passed the gate, so a batch did list it once.
        if self.processed.has(processed_key(key)):
            raise UntrustedTableError(f"{key} was processed, and no batch lists it any more")
        return Fate.ORPHAN

    def _frontier(self, shard: ShardKey) -> str:
        """Return a frontier as it was once; it only moves on, so an older one only keeps more."""
        if shard not in self._frontiers:
            self._frontiers[shard] = self.table.frontier(shard)
        return self._frontiers[shard]

    def _remove(self, each: VersionedObject) -> None:
        """Remove all versions, the current one last: else an older one would come to light in between."""
        for version in reversed(each.versions) if not self.dry_run else ():
            self.raw.remove(each.key, version.version_id)
