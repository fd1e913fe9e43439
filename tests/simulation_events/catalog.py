"""The table of all events, of one schedule: states that never change, and one pointer to the current one.

That is what Iceberg gives: a commit is one step, and it fails where its state is no longer the current one. Rows are
kept file by file, as they were written, so that rows which are not replaced are there twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from simulation.invariants import Harm, Violation

from simulation_events.synthetic import number_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from baler.events.partition import Partition
    from baler.events.table.source_rows import SourceRows
    from simulation_events.stores import Call


class Row(NamedTuple):
    """A row: the object that it came from, and the line of it."""

    source: str
    line: bytes


class DataFile(NamedTuple):
    """Some rows of one hour."""

    hour: Partition
    rows: tuple[Row, ...]


@dataclass
class Catalog:
    """Points to the current state; whoever reads in a loop sees each state that it ever pointed to.

    Attributes:
        version: of the state.
        files: of the state.
    """

    version: int = 0
    files: tuple[DataFile, ...] = ()
    _seen: set[str] = field(default_factory=set[str])

    @property
    def lines(self) -> dict[str, list[bytes]]:
        """All rows, by their sources."""
        found: dict[str, list[bytes]] = {}
        for file in self.files:
            for source, line in file.rows:
                found.setdefault(source, []).append(line)
        return found

    def swap(self, version: int, files: tuple[DataFile, ...]) -> bool:
        """Point to new files, unless the state is no longer that of a version; a reader looks at once."""
        if self.version != version:
            return False
        self.version += 1
        self.files = files
        lines = self.lines
        for number, times in Counter(number_in(line) for each in lines.values() for line in each).items():
            if times > 1:
                raise Violation(Harm.DUPLICATED, f"a reader sees record {number} {times} times")
        if self._seen - lines.keys():
            raise Violation(Harm.LOST, "a reader no longer sees what it saw before")
        self._seen.update(lines)
        return True


class CatalogTable:
    """The table, as an actor calls it."""

    def __init__(self, call: Call, catalog: Catalog) -> None:
        self._call = call
        self._catalog = catalog

    def snapshot(self) -> State:
        """See the port."""
        catalog = self._catalog
        return self._call("catalog.load", "", lambda: State(self._call, catalog, catalog.version, catalog.files))


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
        kept = (
            DataFile(file.hour, tuple(row for row in file.rows if row.source not in replaced)) for file in self.files
        )
        made = (
            DataFile(each.partition, tuple(Row(each.key, _line(row["line"])) for row in each.rows)) for each in sources
        )
        return self._swap((*(file for file in kept if file.rows), *made))

    def scattered(self, before: datetime) -> Sequence[Partition]:
        """See the port."""
        del before
        times = Counter(file.hour for file in self.files)
        return [hour for hour, count in times.items() if count > 1]

    def rewrite(self, hour: Partition) -> bool:
        """See the port."""
        rows = tuple(row for file in self.files if file.hour == hour for row in file.rows)
        others = tuple(file for file in self.files if file.hour != hour)
        return self._swap((*others, DataFile(hour, rows)))

    def _swap(self, files: tuple[DataFile, ...]) -> bool:
        return self.call("catalog.commit", f"state {self.version}", lambda: self.catalog.swap(self.version, files))


def _line(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
