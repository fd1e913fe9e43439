"""What must hold: each record is in the table once, counted once, and as the source showed it last."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from simulation.invariants import Harm, Violation
from simulation.workload import START

from baler.lake.counters import Day
from baler.lake.order import Order
from baler.lake.raw_key import RawKey, RawMetadata
from runtime.lake.curation.curator import Curator, Outcome
from simulation_lake.workload import INVALID, POISON, SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.lake_table import Item, LakeTable

    from runtime.lake.curation.ports import Read
    from runtime.lake.curation.reading import BadRecord, RawObject
    from simulation_lake.stores import Memory

_BAD: Final = frozenset({INVALID, POISON})

Shown = dict[int, dict[Order, str]]
"""What raw objects show: titles of each record, by the order of the raw object."""


@dataclass
class Invariants:
    """Watches one schedule."""

    _before: dict[str, Item] = field(default_factory=dict[str, "Item"])

    def after_change(self, memory: Memory) -> None:
        """Counters equal the table at every moment, and no record goes back in time."""
        check_counters(memory.table)
        for name, item in memory.table.items.items():
            before = self._before.get(name)
            if before is not None and item.seen < before.seen:
                raise Violation(Harm.DAMAGED, f"{name} went back to what was seen before")
        self._before = dict(memory.table.items)

    def at_the_end(self, memory: Memory, read: Read) -> None:
        """All of it, once everything has come to rest and the source was fetched once more."""
        if memory.dead:
            raise Violation(Harm.MISJUDGED, f"curation refused {memory.dead[0]}")
        shown = _shown(memory)
        _check_records(memory.table, shown, "the table")
        _check_source(memory)
        _check_aside(memory)
        if memory.workload.keeps_versions:
            _check_versions(memory, shown)
        for reverse in (False, True):
            rebuilt = _rebuilt(memory, read, reverse=reverse)
            _check_records(rebuilt, shown, "the table that is rebuilt")
            check_counters(rebuilt)
            if rebuilt.counted != memory.table.counted:
                raise Violation(Harm.DAMAGED, f"rebuilt: {rebuilt.counted}, and not {memory.table.counted}")


def check_counters(table: LakeTable) -> None:
    """Counters equal the table."""
    days = Counter(Day(item.sighting.source, item.first_day) for item in table.items.values())
    if table.counted != days:
        raise Violation(Harm.DAMAGED, f"counted {dict(table.counted)}, and the table has {dict(days)}")


def _shown(memory: Memory) -> Shown:
    shown: Shown = {}
    for (key, _), raw in memory.raw.items():
        order = RawMetadata.parse(RawKey.parse(key), raw.metadata).order
        for item in json.loads(raw.content):
            shown.setdefault(item["id"], {})[order] = item["title"]
    return shown


def _check_records(table: LakeTable, shown: Shown, what: str) -> None:
    """Each record that a raw object shows is there, as the newest shows it, and under the day of the oldest."""
    expected = {number: titles for number, titles in shown.items() if number not in _BAD}
    if table.items.keys() != {_name(number) for number in expected}:
        raise Violation(Harm.LOST, f"{what} has {sorted(table.items)}, and raw objects show {sorted(expected)}")
    for number, titles in expected.items():
        item, newest = table.items[_name(number)], max(titles)
        if (item.sighting.fields["title"], item.seen) != (titles[newest], newest):
            found = f"{item.sighting.fields['title']} at {item.seen}"
            raise Violation(Harm.LOST, f"{what} shows {number} as {found}, and not as {titles[newest]} at {newest}")
        brought = Order(item.sighting.order.captured_at, item.sighting.order.generation)
        if titles.get(brought) != titles[newest]:
            raise Violation(Harm.DAMAGED, f"{what} says that {number} is of a raw object that shows another content")
        if item.first_day != min(titles).captured_at.date():
            raise Violation(Harm.DAMAGED, f"{what} counts {number} under {item.first_day}")


def _check_source(memory: Memory) -> None:
    """What the source has now is in the table as the source has it."""
    there = {item["id"]: item["title"] for item in json.loads(memory.workload.body_at(memory.world.now - START))}
    for number, title in there.items():
        item = memory.table.items.get(_name(number))
        if number not in _BAD and (item is None or item.sighting.fields["title"] != title):
            raise Violation(Harm.STUCK, f"the source has {number} as {title}, and the table does not")


def _check_aside(memory: Memory) -> None:
    """What is bad is set aside, from each raw object that shows it, and nothing else is."""
    for (key, _), raw in memory.raw.items():
        numbers = {item["id"] for item in json.loads(raw.content)}
        bad = {_name(number) for number in numbers & _BAD}
        found = {each.id for each in memory.aside.get(key, ())}
        if found != bad:
            raise Violation(
                Harm.MISJUDGED, f"{found or 'nothing'} of {key} is set aside, and {bad or 'nothing'} is bad"
            )


def _check_versions(memory: Memory, shown: Shown) -> None:
    for number in shown.keys() - _BAD:
        kept = {order: title for (name, order), title in memory.versions.items() if name == _name(number)}
        if _runs(kept) != _runs(shown[number]):
            raise Violation(Harm.LOST, f"versions of {number} are {_runs(kept)}, and not {_runs(shown[number])}")


def _runs(titles: dict[Order, str]) -> list[str]:
    return [title for title, _ in itertools.groupby(title for _, title in sorted(titles.items()))]


def _name(number: int) -> str:
    return f"{SOURCE.name}-{number}"


def _rebuilt(memory: Memory, read: Read, *, reverse: bool) -> LakeTable:
    """Curate all raw objects into an empty table, one after the other."""
    from simulation_lake.stores import table_of  # noqa: PLC0415 - they know each other

    table = table_of(memory.workload)
    tokens = itertools.count()
    calm = _Calm(memory)
    curator = Curator(
        raw=calm, read=read, table=table, versions=None, aside=calm, clock=calm, random=lambda: 0.5,
        new_token=lambda: str(next(tokens)),
    )  # fmt: skip
    for key, version in sorted(memory.raw, reverse=reverse):
        report = curator.handle(key, version, float("inf"))
        if report.outcome is not Outcome.CURATED:
            raise Violation(Harm.LOST, f"rebuilding, {key} is not curated: {report.reason}")
    return table


class _Calm:
    """Stores in which nothing goes wrong, and a clock that stands."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, key: str, version: str | None) -> RawObject | None:
        return self._memory.raw.get((key, version or ""))

    def put(self, key: str, records: Sequence[BadRecord]) -> None:
        del key, records

    def now(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"waits {seconds} s for nothing")
