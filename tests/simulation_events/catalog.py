"""The table of all events, of one schedule: states that never change, and one pointer to the current one.

That is what Iceberg gives: a commit is one step, and it fails where its state is no longer the current one. Rows are
kept file by file, as they were written, so that rows which are not replaced are there twice. Files are written before
the commit and deleted by a sweep.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from simulation.invariants import Harm, Violation

from runtime.events.compactor.ports import TableSize
from simulation_events.synthetic import number_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from simulation.world import World

    from baler.events.partition import Partition
    from baler.events.table.source_rows import SourceRows
    from simulation_events.stores import Call

READING_SECONDS: Final = 3600.0
"""For so long a reader may go on with the state that it began with."""


class Row(NamedTuple):
    """A row: the object that it came from, and the line of it."""

    source: str
    line: bytes


class DataFile(NamedTuple):
    """Some rows of one hour."""

    number: int
    hour: Partition
    rows: tuple[Row, ...]


@dataclass
class Catalog:
    """Points to the current state; somebody reads in a loop, and so sees each state that it ever pointed to.

    Attributes:
        version, files: of the current state.
        rewritten_at: the versions with which the compactor's schedule fires.
        rewrites_due: how often it fired, and nobody has taken it yet.
        written: when each file that exists was, by its number.
    """

    world: World
    version: int = 0
    files: tuple[DataFile, ...] = ()
    rewritten_at: frozenset[int] = frozenset()
    rewrites_due: int = 0
    written: dict[int, float] = field(default_factory=dict[int, float])
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _seen: set[str] = field(default_factory=set[str])
    _left: list[tuple[float, tuple[DataFile, ...]]] = field(default_factory=list[tuple[float, tuple[DataFile, ...]]])

    @property
    def lines(self) -> dict[str, list[bytes]]:
        """All rows, by their sources."""
        found: dict[str, list[bytes]] = {}
        for file in self.files:
            for source, line in file.rows:
                found.setdefault(source, []).append(line)
        return found

    def write(self, hour: Partition, rows: tuple[Row, ...]) -> DataFile:
        """Write a file, which belongs to no state yet."""
        number = next(self._numbers)
        self.written[number] = self.world.now
        return DataFile(number, hour, rows)

    def swap(self, version: int, files: tuple[DataFile, ...]) -> bool:
        """Point to other files, unless the state is no longer that of a version; a reader looks at once."""
        if self.version != version:
            return False
        self._left.append((self.world.now, self.files))
        self.version += 1
        self.rewrites_due += self.version in self.rewritten_at
        self.files = files
        self._check_files(files)
        lines = self.lines
        for number, times in Counter(number_in(line) for each in lines.values() for line in each).items():
            if times > 1:
                raise Violation(Harm.DUPLICATED, f"a reader sees record {number} {times} times")
        if self._seen - lines.keys():
            raise Violation(Harm.LOST, "a reader no longer sees what it saw before")
        self._seen.update(lines)
        return True

    def sweep(self, before: float) -> int:
        """Delete files that were written before a moment and belong to no state since; those who read look again."""
        states = [*self._left, (self.world.now, self.files)]
        kept = {file.number for at, files in states if at >= before for file in files}
        swept = [number for number, at in self.written.items() if at < before and number not in kept]
        for number in swept:
            del self.written[number]
        for at, files in states:
            if at >= self.world.now - READING_SECONDS:
                self._check_files(files)
        return len(swept)

    def _check_files(self, files: tuple[DataFile, ...]) -> None:
        if any(file.number not in self.written for file in files):
            raise Violation(Harm.LOST, "a reader finds a file deleted")


class CatalogTable:
    """The table, as an actor calls it."""

    def __init__(self, call: Call, catalog: Catalog) -> None:
        self._call = call
        self._catalog = catalog

    def snapshot(self) -> State:
        """See the port."""
        catalog = self._catalog
        return self._call("catalog.load", "", lambda: State(self._call, catalog, catalog.version, catalog.files))

    def size(self) -> TableSize:
        """See the port."""

        def effect() -> TableSize:
            files = self._catalog.files
            return TableSize(sum(len(file.rows) for file in files), len(files))

        return self._call("catalog.read", "size", effect)

    def sweep(self, before: datetime) -> int:
        """See the port."""
        return self._call("catalog.sweep", "", lambda: self._catalog.sweep(before.timestamp()))


@dataclass(frozen=True)
class State:
    """One state of the table, as an actor uses it."""

    call: Call
    catalog: Catalog
    version: int
    files: tuple[DataFile, ...]

    def holding(self, sources: Sequence[SourceRows]) -> frozenset[str]:
        """See the port."""

        def effect() -> frozenset[str]:
            held = {row.source for file in self.files for row in file.rows}
            return frozenset(source.key for source in sources if source.key in held)

        return self.call("catalog.read", f"state {self.version}", effect)

    def commit(self, sources: Sequence[SourceRows], replaced: frozenset[str]) -> bool:
        """See the port."""
        untouched = tuple(file for file in self.files if not any(row.source in replaced for row in file.rows))
        kept = [
            (file.hour, tuple(row for row in file.rows if row.source not in replaced))
            for file in self.files
            if file not in untouched
        ]
        made = [(each.partition, tuple(Row(each.key, _line(row["line"])) for row in each.rows)) for each in sources]
        return self._commit(untouched, [*kept, *made])

    def scattered(self, before: datetime) -> Sequence[Partition]:
        """See the port."""
        del before
        times = Counter(file.hour for file in self.files)
        return [hour for hour, count in times.items() if count > 1]

    def rewrite(self, hour: Partition) -> bool:
        """See the port."""
        rows = tuple(row for file in self.files if file.hour == hour for row in file.rows)
        return self._commit(tuple(file for file in self.files if file.hour != hour), [(hour, rows)])

    def drop(self, before: datetime) -> bool:
        """See the port; no event of a schedule is so old."""
        del before
        return True

    def _commit(self, kept: tuple[DataFile, ...], made: Sequence[tuple[Partition, tuple[Row, ...]]]) -> bool:
        def write() -> tuple[DataFile, ...]:
            return tuple(self.catalog.write(hour, rows) for hour, rows in made if rows)

        return self._swap((*kept, *self.call("catalog.write", f"state {self.version}", write)))

    def _swap(self, files: tuple[DataFile, ...]) -> bool:
        return self.call("catalog.commit", f"state {self.version}", lambda: self.catalog.swap(self.version, files))


def _line(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
