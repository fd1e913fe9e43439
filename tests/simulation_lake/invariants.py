"""What must hold: each record is in the table once, counted once, and as the source showed it last."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from simulation.invariants import Harm, Violation
from simulation.workload import START

from baler.lake.counters import Day, counters_of
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
            if before is not None and item.known.seen < before.known.seen:
                raise Violation(Harm.DAMAGED, f"{name} went back to what was seen before")
            if before is not None and item.known.captured_at > before.known.captured_at:
                raise Violation(Harm.DAMAGED, f"{name} was captured later than it was before")
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
            _check_changes(rebuilt, shown, "the table that is rebuilt")
            check_counters(rebuilt)
            _check_same(rebuilt, memory.table)
        curated_again = _rebuilt(memory, read, upon=memory.table)
        _check_changes(curated_again, shown, "the table that is curated again")
        check_counters(curated_again)
        _check_same(curated_again, memory.table)


def check_counters(table: LakeTable) -> None:
    """Counters equal the table."""
    right = counters_of(Day(item.sighting.source, item.known.day) for item in table.items.values())
    if table.counted != right:
        raise Violation(Harm.DAMAGED, f"counted {dict(table.counted)}, and the table has {dict(right)}")


def _shown(memory: Memory) -> Shown:
    shown: Shown = {}
    for (key, version), raw in memory.raw.items():
        order = _order(memory, (key, version))
        for item in json.loads(raw.content):
            shown.setdefault(item["id"], {})[order] = item["title"]
    return shown


def _check_records(table: LakeTable, shown: Shown, what: str) -> None:
    """Each record that a raw object shows is there, as the newest shows it, and captured when the oldest was."""
    expected = {number: titles for number, titles in shown.items() if number not in _BAD}
    if table.items.keys() != {_name(number) for number in expected}:
        raise Violation(Harm.LOST, f"{what} has {sorted(table.items)}, and raw objects show {sorted(expected)}")
    for number, titles in expected.items():
        item, newest = table.items[_name(number)], max(titles)
        known, title = item.known, item.sighting.fields["title"]
        if (title, known.seen) != (titles[newest], newest):
            found = f"{title} at {known.seen}"
            raise Violation(Harm.LOST, f"{what} shows {number} as {found}, and not as {titles[newest]} at {newest}")
        if RawKey.parse(item.raw_s3_key).captured_at != newest.captured_at:
            raise Violation(Harm.DAMAGED, f"{what} names {item.raw_s3_key} for {number}, and not the newest")
        if known.captured_at != min(titles).captured_at:
            raise Violation(Harm.DAMAGED, f"{what} says that {number} was captured first at {known.captured_at}")
        if known.other != _other(titles):
            raise Violation(Harm.DAMAGED, f"{what} says that {number} was another at {known.other}")
        if not _since(titles) <= _plain(known.changed) <= newest or titles[_plain(known.changed)] != title:
            raise Violation(Harm.DAMAGED, f"{what} says that {number} is {title} since {known.changed}")


def _check_changes(table: LakeTable, shown: Shown, what: str) -> None:
    """Each record says exactly since when it is what it is.

    In the order of the day, or backwards, no raw object is curated before one that lies between it and another that
    shows the same: there is nothing that cannot be known. And where all raw objects are curated once more, it is known
    what else each record was, and when last.
    """
    for number in shown.keys() - _BAD:
        changed, since = _plain(table.items[_name(number)].known.changed), _since(shown[number])
        if changed != since:
            raise Violation(Harm.DAMAGED, f"{what} says that {number} changed at {changed}, and not at {since}")


def _check_same(rebuilt: LakeTable, table: LakeTable) -> None:
    """A table that is rebuilt equals the first, and so do its counters."""
    for name, item in table.items.items():
        other = rebuilt.items[name]
        if replace(other.known, changed=item.known.changed) != item.known or other.raw_s3_key != item.raw_s3_key:
            raise Violation(Harm.DAMAGED, f"rebuilt, {name} is {other.known}, and not {item.known}")
    if rebuilt.counted != table.counted:
        raise Violation(Harm.DAMAGED, f"rebuilt: {rebuilt.counted}, and not {table.counted}")


def _other(titles: dict[Order, str]) -> Order | None:
    """Order of the newest raw object that shows another content than the newest of all."""
    return max((order for order, title in titles.items() if title != titles[max(titles)]), default=None)


def _since(titles: dict[Order, str]) -> Order:
    """Order of the first raw object from which on all show the content of the newest."""
    other = _other(titles)
    return min(order for order in titles if other is None or order > other)


def _plain(order: Order) -> Order:
    """A broken protocol has orders of its own."""
    return Order(order.captured_at, order.generation)


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


def _rebuilt(memory: Memory, read: Read, *, reverse: bool = False, upon: LakeTable | None = None) -> LakeTable:
    """Curate all raw objects, one after the other, into an empty table or upon what another has."""
    from simulation_lake.stores import table_of  # noqa: PLC0415 - they know each other

    table = table_of(memory.workload)
    if upon is not None:
        table.items, table.counters = dict(upon.items), dict(upon.counters)
    tokens = itertools.count()
    calm = _Calm(memory)
    curator = Curator(
        raw=calm, read=read, table=table, versions=None, aside=calm, clock=calm, random=lambda: 0.5,
        new_token=lambda: str(next(tokens)),
    )  # fmt: skip
    order = sorted(memory.raw, key=lambda name: _order(memory, name), reverse=reverse)
    if upon is not None:
        random.Random(memory.seed).shuffle(order)  # noqa: S311 - a schedule, no secret
    for key, version in order:
        report = curator.handle(key, version, float("inf"))
        if report.outcome is not Outcome.CURATED:
            raise Violation(Harm.LOST, f"rebuilding, {key} is not curated: {report.reason}")
    return table


def _order(memory: Memory, name: tuple[str, str]) -> Order:
    return RawMetadata.parse(RawKey.parse(name[0]), memory.raw[name].metadata).order


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
