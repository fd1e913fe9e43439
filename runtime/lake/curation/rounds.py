"""Brings the sightings of one raw object into the table: reads, writes, and reads again until nothing is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.lake.counters import Day, inserted, moved, shard_of
from runtime.lake.curation.counted_writer import Written
from runtime.lake.curation.item_size import bytes_of
from runtime.lake.curation.sighting import Step, step_for
from runtime.lake.curation.transaction import Insert, Move, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from runtime.lake.curation.backoff import Backoff
    from runtime.lake.curation.counted_writer import CountedWriter
    from runtime.lake.curation.ports import RecordTable, VersionTable
    from runtime.lake.curation.sighting import Known, Sighting


@dataclass(slots=True)
class Tally:
    """What was done with records.

    Attributes:
        inserted: new in the table.
        replaced, stamped, moved: known ones that were changed; see Step.
        unchanged: there was nothing to do, or an earlier try had done it whose answer was lost.
    """

    inserted: int = 0
    replaced: int = 0
    stamped: int = 0
    moved: int = 0
    unchanged: int = 0


class Rounds:
    """The rounds of one raw object.

    Each reads what the table holds of the records that are left, and writes by condition of just that. What another
    writer changed meanwhile is left for the next round.

    Args:
        key: of the raw object.
        sightings: by id.
        table: records and counters.
        versions: takes every sighting; None where records are replaced.
        writer: writes what is counted.
        backoff: waits between rounds.

    Attributes:
        tally: what was done so far.
    """

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        key: str,
        sightings: Mapping[str, Sighting],
        *,
        table: RecordTable,
        versions: VersionTable | None,
        writer: CountedWriter,
        backoff: Backoff,
    ) -> None:
        self._shard = shard_of(key)
        self._sightings = sightings
        self._table = table
        self._versions = versions
        self._writer = writer
        self._backoff = backoff
        self.tally = Tally()

    def run(self) -> list[str]:
        """Run until nothing is left; return the ids of records that the table calls invalid.

        Raises:
            Unavailable: a store did not answer, or no time is left.
        """
        left = dict(self._sightings)
        invalid: list[str] = []
        while left:
            self._backoff.check()
            known = self._table.read(left)
            steps = {each: step_for(left[each], known[each]) for each in known}
            if self._versions is not None and len(left) == len(self._sightings):
                self._keep_versions(self._versions, known, steps)
            settled = {each for each, step in steps.items() if step is Step.NONE}
            self.tally.unchanged += len(settled)
            left = {each: sighting for each, sighting in left.items() if each not in settled}
            if not left:
                break
            written = self._insert([sighting for each, sighting in left.items() if each not in known])
            changed = self._change(left, known, steps)
            moved = self._move(left, known, [each for each, step in steps.items() if step is Step.MOVE])
            invalid += [*written.invalid, *changed.invalid, *moved.invalid]
            done = {*written.done, *changed.done, *moved.done, *invalid}
            left = {each: sighting for each, sighting in left.items() if each not in done}
            if left and not done:
                self._backoff.wait()
        return invalid

    def _keep_versions(self, versions: VersionTable, known: Mapping[str, Known], steps: Mapping[str, Step]) -> None:
        """Keep every sighting, older ones too, before its record is written: after that nothing would bring it again.

        One that the table has seen as it is was kept by whoever wrote that.
        """
        kept = {each for each, step in steps.items() if step is Step.NONE and self._is_seen(known[each])}
        if new := [sighting for each, sighting in self._sightings.items() if each not in kept]:
            versions.put(new)

    def _is_seen(self, known: Known) -> bool:
        return known.seen == self._sightings[known.id].order

    def _insert(self, sightings: Iterable[Sighting]) -> Written:
        by_day: dict[Day, list[Insert]] = {}
        for sighting in sightings:
            by_day.setdefault(Day(sighting.source, sighting.day), []).append(Insert(sighting, bytes_of(sighting)))
        written = Written()
        try:
            for day, inserts in by_day.items():
                self._writer.write(inserts, lambda n, day=day: inserted(day, self._shard, n), written)
        finally:
            self.tally.inserted += len(written.done)
        return written

    def _change(self, left: Mapping[str, Sighting], known: Mapping[str, Known], steps: Mapping[str, Step]) -> Written:
        """Replace and stamp; each by itself."""

        def those(step: Step) -> list[tuple[Sighting, Known]]:
            return [(left[each], known[each]) for each, found in steps.items() if found is step]

        written = Written()
        if replaced := those(Step.REPLACE):
            self.tally.replaced += _note(replaced, self._table.replace(replaced), written)
        if stamped := those(Step.STAMP):
            self.tally.stamped += _note(stamped, self._table.stamp(stamped), written)
        return written

    def _move(self, left: Mapping[str, Sighting], known: Mapping[str, Known], ids: Iterable[str]) -> Written:
        by_days: dict[tuple[str, date, date], list[Move]] = {}
        for each in ids:
            sighting, before = left[each], known[each]
            after = before.after(sighting)
            by_days.setdefault((sighting.source, before.day, after.day), []).append(Move(before, after))
        written = Written()
        try:
            for (source, before, after), moves in by_days.items():
                self._writer.write(
                    moves,
                    lambda n, source=source, before=before, after=after: moved(source, before, after, self._shard, n),
                    written,
                )
        finally:
            self.tally.moved += len(written.done)
        return written


def _note(changes: Iterable[tuple[Sighting, Known]], undone: Mapping[str, Reason], written: Written) -> int:
    """Note what became of changes; return how many are done."""
    ids = [sighting.id for sighting, _ in changes]
    done = [each for each in ids if each not in undone]
    written.done.extend(done)
    written.invalid.extend(each for each in ids if undone.get(each) is Reason.INVALID)
    return len(done)
