"""The register under seeded schedules: late bundles, two runs at once, runs that die, clocks that are wrong.

Attempts, registrars and who tampers are fibers: any of them may stop at any call to the archive while the others go
on. What is promised holds for the registrar that is shipped, and each broken one is caught.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import pytest
from harness.register import MemoryArchive, file_of
from simulation.fibers import Fiber, start

from baler.files.bundle.fence import body_of_fence
from baler.files.bundle.ids import PREFIX, bundle_id_of, bundle_key, manifest_key, new_bundle_id
from baler.files.register import registrar as shipped
from baler.files.register.day import DayRegister, load_day
from baler.files.register.keys import PREFIX as REGISTER
from baler.files.register.keys import day_of, day_prefix, hour_of, page_key, page_of
from baler.files.register.page import PageWriter, parse_bundles, parse_files, parse_head
from baler.files.register.registrar import Registrar
from baler.files.register.verification import FaultKind, verify_day, verify_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

SEEDS = 60
BEGIN = datetime(2026, 11, 20, 21, 30, tzinfo=UTC).timestamp()  # so that schedules cross midnight
MINUTE, HOUR = 60.0, 3600.0


class Killed(BaseException):
    """The process of a fiber ended between two calls, or in one whose effect it never learned of."""


class ViolationError(AssertionError):
    """What was promised does not hold."""


@dataclass
class World:
    """Everything that happens in a schedule, one call after another in the order that its seed says."""

    seed: int
    registrar: Callable[[MemoryArchive, Callable[[], float]], Registrar] = Registrar
    now: float = BEGIN
    killed: set[int] = field(default_factory=set[int])
    fibers: dict[int, Fiber] = field(default_factory=dict[int, Fiber])
    current: int = 0
    archived: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.choice = random.Random(self.seed)  # noqa: S311 - a seeded schedule
        self.archive = MemoryArchive(self._call)

    def run(self) -> None:
        """Begin attempts and registrars, let them go on in any order, and kill some."""
        begun = 0
        for _ in range(self.choice.randint(100, 400)):
            self.now += self.choice.choice([0.0, 1.0, MINUTE, 10 * MINUTE])
            what = self.choice.random()
            if what < 0.15:
                begun += 1
                self._start(begun, self._attempt)
            elif what < 0.25:
                begun += 1
                self._start(begun, self._register)
            elif self.fibers:
                number = self.choice.choice(list(self.fibers))
                if self.choice.random() < 0.02:
                    self.killed.add(number)
                self._resume(number)
        for number in [*self.fibers]:
            self.killed.add(number)
            self._resume(number)
        self._settle()

    def _settle(self) -> None:
        """Let everything come to rest, and then two runs of a registrar whose clock is right."""
        self.current = 0
        self.now += 2 * HOUR
        for _ in range(2):
            self.registrar(self.archive, lambda: self.now).run(lambda: 900.0)

    def _start(self, number: int, work: Callable[[], None]) -> None:
        def until_killed() -> None:
            with suppress(Killed):
                work()

        self.fibers[number] = start(until_killed)
        self._resume(number)

    def _resume(self, number: int) -> None:
        self.current = number
        if self.fibers[number].resume():
            del self.fibers[number]

    def _call(self, _: str, effect: Callable[[], T], /) -> T:
        """Make a call of the fiber that runs: others may go on before it, and it may never come back from it."""
        number = self.current
        if number == 0:
            return effect()
        self.fibers[number].pause()
        if number in self.killed and self.choice.random() < 0.5:
            raise Killed
        answer = effect()
        if number in self.killed:
            raise Killed
        return answer

    def _attempt(self) -> None:
        """Archive a bundle under an id that is made now, or be fenced off in between; the clock may be wrong."""
        made = self.now + self.choice.choice([0.0, 0.0, 0.0, -3 * HOUR, 40 * MINUTE])
        bundle_id = new_bundle_id(made, self.choice.randbytes(8))
        files = [file_of(f"{bundle_id}/{n}", datetime.fromtimestamp(made, UTC)) for n in range(2)]
        self._call("", lambda: self.archive.put_manifest(bundle_id, files))
        for _ in range(self.choice.randint(0, 3)):
            self._call("", lambda: None)  # takes its time
        if self.choice.random() < 0.2:
            self._call("", lambda: self.archive.fence(bundle_id))
        self._call("", lambda: self._put_bundle(bundle_id))

    def _put_bundle(self, bundle_id: str) -> None:
        if self.archive.put_bundle(bundle_id):
            self.archived.add(bundle_id)

    def _register(self) -> None:
        """Do one run, whose clock may be hours wrong."""
        wrong = self.choice.choice([0.0, 0.0, 0.0, 5 * HOUR, -5 * HOUR])
        self.registrar(self.archive, lambda: self.now + wrong).run(lambda: 900.0)

    # What is promised.

    def days(self) -> list[date]:
        found = {day_of(bundle_id) for bundle_id in self.archived}
        return sorted(found | {page_of(key)[0] for key in self.archive.objects if key.startswith(REGISTER)})

    def registers(self) -> dict[date, DayRegister]:
        return {day: load_day(self.archive, day) for day in self.days()}

    def due(self) -> set[str]:
        """The bundles that must be registered by now: those of hours that are over."""
        open_hour = f"{datetime.fromtimestamp(self.now - shipped.SETTLE_SECONDS, UTC):%Y%m%dT%H}"
        return {bundle_id for bundle_id in self.archived if hour_of(bundle_id) < open_hour}

    def check(self) -> None:
        """Whoever archived is registered, once, and nothing else is; and nothing is wrong with any page."""
        rows = [row.bundle_id for day in self.registers().values() for page in day.pages for row in page.rows]
        if missing := self.due() - {*rows}:
            raise ViolationError(f"archived and not registered: {missing}")
        if extra := {*rows} - self.archived:
            raise ViolationError(f"registered and never archived: {extra}")
        if len(rows) != len({*rows}):
            raise ViolationError("a bundle is registered twice")
        if faults := self.faults():
            raise ViolationError(f"nobody tampered, and yet: {faults}")

    def faults(self) -> list[tuple[FaultKind, str | None]]:
        registers = self.registers()
        due = self.due()
        found = [
            fault
            for register in registers.values()
            for fault in [
                *verify_day(self.archive, register, lambda bundle_id: bundle_id not in due).faults,
                *verify_links(self.archive, register, registers),
            ]
        ]
        return [(fault.kind, fault.bundle_id) for fault in found]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_archived_bundle_is_registered_once_and_nothing_else_whatever_happens(seed: int) -> None:
    finished(seed, Registrar).check()


# Who tampers.


def removed_page(world: World, page: str) -> None:
    del world.archive.objects[page]


def forged_page(world: World, page: str) -> None:
    """Write a page that is right in itself and leaves a bundle out."""
    day, number = page_of(page)
    register = load_day(world.archive, day)
    (old,) = [each for each in register.pages if each.head.number == number]
    writer = PageWriter()
    for row in old.rows[1:] or [shipped.BundleRow(f"{old.head.first[:-1]}f", 1, "e", None, None, None, None, None)]:
        writer.add(row, [])
    world.archive.objects[page], _ = writer.finish(day, number, old.head.previous, old.head.before)


def garbled_page(world: World, page: str) -> None:
    world.archive.objects[page] = world.archive.objects[page][:-20] + b"something else"


def removed_bundle(world: World, bundle_id: str) -> None:
    del world.archive.objects[bundle_key(bundle_id)]


def fenced_bundle(world: World, bundle_id: str) -> None:
    world.archive.objects[bundle_key(bundle_id)] = body_of_fence()


def exchanged_bundle(world: World, bundle_id: str) -> None:
    old = world.archive.objects[bundle_key(bundle_id)]
    world.archive.objects[bundle_key(bundle_id)] = old[:-1] + b"!"


def removed_manifest(world: World, bundle_id: str) -> None:
    del world.archive.objects[manifest_key(bundle_id)]


def exchanged_manifest(world: World, bundle_id: str) -> None:
    world.archive.objects[manifest_key(bundle_id)] += b"!"


PAGES = {"removed": removed_page, "forged": forged_page}
BUNDLES = {
    removed_bundle: FaultKind.REMOVED,
    fenced_bundle: FaultKind.REMOVED,
    exchanged_bundle: FaultKind.EXCHANGED,
    removed_manifest: FaultKind.NO_MANIFEST,
    exchanged_manifest: FaultKind.MANIFEST_EXCHANGED,
}


@cache
def finished(seed: int, registrar: Callable[..., Registrar]) -> World:
    world = World(seed, registrar)
    world.run()
    return world


def schedules(registrar: Callable[..., Registrar] = Registrar) -> Iterator[World]:
    """Yield what the schedules left behind, each time anew."""
    for seed in range(SEEDS):
        world = finished(seed, registrar)
        objects = MemoryArchive(objects=dict(world.archive.objects), hashes=world.archive.hashes)
        again = World(seed, registrar, now=world.now, archived=world.archived)
        again.archive = objects
        yield again


@pytest.mark.parametrize("tamper", PAGES.values(), ids=PAGES.keys())
def test_a_page_that_was_taken_away_or_exchanged_is_told_and_what_it_listed_is_registered_again(
    tamper: Callable[[World, str], None],
) -> None:
    tried = 0
    for world in schedules():
        pages = sorted(key for key in world.archive.objects if key.startswith(REGISTER))
        # The very last page is vouched for by nothing but the seal that an auditor has written down.
        for page in world.choice.sample(pages[:-1], min(2, len(pages[:-1]))):
            kept = dict(world.archive.objects)
            tamper(world, page)
            kinds = {kind for kind, _ in world.faults()}
            assert FaultKind.PAGE in kinds, (world.seed, page)
            world.registrar(world.archive, lambda world=world: world.now).run(lambda: 900.0)
            rows = {row for day in world.registers().values() for row in day.rows()}
            # A page at a day's end is known for what it is by the next day alone, which does not keep readers from it.
            if load_day(world.archive, page_of(page)[0]).faults:
                assert world.due() <= rows, (world.seed, page)
            world.archive.objects = kept
            tried += 1
    assert tried > SEEDS


@pytest.mark.parametrize(("tamper", "kind"), BUNDLES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_bundle_or_manifest_that_was_taken_away_or_exchanged_is_named(
    tamper: Callable[[World, str], None], kind: FaultKind
) -> None:
    for world in schedules():
        if due := sorted(world.due()):
            bundle_id = world.choice.choice(due)
            tamper(world, bundle_id)
            assert world.faults() == [(kind, bundle_id)]


# Registrars that are wrong.


class Overwrites(MemoryArchive):
    """Puts pages whatever is there."""

    def put(self, key: str, body: bytes) -> bool:
        def put() -> bool:
            self.objects[key] = body
            return True

        return self.call("archive.put", put)


def overwriting(archive: MemoryArchive, clock: Callable[[], float]) -> Registrar:
    store = Overwrites(archive.call, archive.objects, archive.hashes)
    return Registrar(store, clock)


class NeverLooksBack(Registrar):
    """Goes on behind the last bundle that is registered: what comes late is never seen."""

    def run(self, seconds_left: Callable[[], float], start: date | None = None) -> shipped.RegistrarReport:
        last = shipped.last_page(self._store, date.max)
        self._from = "" if last is None else max(load_day(self._store, last.day).rows(), default="")
        return super().run(seconds_left, start)

    def _closed(self, first: date, until: float) -> Iterator[shipped.ArchivedObject]:
        return (item for item in super()._closed(first, until) if item.bundle_id > self._from)


class TakesManifestsForBundles(Registrar):
    """Registers what has a manifest."""

    def _closed(self, first: date, until: float) -> Iterator[shipped.ArchivedObject]:
        for item in self._store.listed("manifests/", day_prefix("manifests/", first)):
            bundle_id = shipped.bundle_id_of(item.key.replace("manifests/", PREFIX).replace(".json.gz", ".tar.gz"))
            if bundle_id < f"{datetime.fromtimestamp(until, UTC):%Y%m%dT%H}":
                yield shipped.ArchivedObject(bundle_id, item)


class TakesFencesForBundles(Registrar):
    """Registers whatever lies under the key of a bundle."""

    def _closed(self, first: date, until: float) -> Iterator[shipped.ArchivedObject]:
        for item in self._store.listed(PREFIX, day_prefix(PREFIX, first)):
            if bundle_id_of(item.key) < f"{datetime.fromtimestamp(until, UTC):%Y%m%dT%H}":
                yield shipped.ArchivedObject(bundle_id_of(item.key), item)


class Unchained(MemoryArchive):
    """Puts pages that do not say what they follow: within the day, or of the days before."""

    within_the_day = True

    def put(self, key: str, body: bytes) -> bool:
        day, number = page_of(key)
        read = parse_head(body, day, number)
        bundles_end = read.size + read.head.bundle_rows.bytes
        files = dict(parse_files(read.head, body[bundles_end:]))
        writer = PageWriter()
        for row in parse_bundles(read.head, body[read.size : bundles_end]):
            writer.add(row, files[row.bundle_id])
        previous, before = read.head.previous, read.head.before
        chain = (None, before) if self.within_the_day else (previous, None)
        return super().put(key, writer.finish(day, number, *chain)[0])


class UnchainedDays(Unchained):
    within_the_day = False


def forgetting_the_page_before(archive: MemoryArchive, clock: Callable[[], float]) -> Registrar:
    return Registrar(Unchained(archive.call, archive.objects, archive.hashes), clock)


def forgetting_the_day_before(archive: MemoryArchive, clock: Callable[[], float]) -> Registrar:
    return Registrar(UnchainedDays(archive.call, archive.objects, archive.hashes), clock)


@pytest.mark.parametrize(
    "registrar",
    [overwriting, NeverLooksBack, TakesManifestsForBundles, TakesFencesForBundles, forgetting_the_page_before],
)
def test_a_registrar_that_is_wrong_is_caught(registrar: Callable[..., Registrar]) -> None:
    def every_schedule() -> None:
        for world in schedules(registrar):
            world.check()

    with pytest.raises(ViolationError):
        every_schedule()


def test_days_that_follow_no_other_let_a_last_page_vanish_unseen() -> None:
    """The test of pages that are taken away is one that a registrar without links between days fails."""
    unseen = False
    for world in schedules(forgetting_the_day_before):
        for day in world.days()[:-1]:
            if numbers := load_day(world.archive, day).seals:
                removed_page(world, page_key(day, max(numbers)))
                unseen |= FaultKind.PAGE not in {kind for kind, _ in world.faults()}
    assert unseen
