"""What the registrar writes, one run at a time, over an archive in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from harness.register import MemoryArchive, etag_of
from harness.stores import Faults

from baler.files.bundle.fence import body_of_fence
from baler.files.bundle.ids import bundle_key, manifest_key, new_bundle_id
from baler.files.register.day import load_day, read_files
from baler.files.register.keys import page_key
from baler.files.register.registrar import Registrar, RegistrarReport
from baler.files.register.verification import FaultKind, verify_day, verify_links

DAY = date(2026, 11, 20)
MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def run(
    archive: MemoryArchive, now: datetime = NOON, seconds_left: float = 900.0, start: date | None = None
) -> RegistrarReport:
    return Registrar(archive, now.timestamp).run(lambda: seconds_left, start)


def registered(archive: MemoryArchive, day: date = DAY) -> list[list[str]]:
    return [[row.bundle_id for row in page.rows] for page in load_day(archive, day).pages]


def test_each_hour_that_is_over_gets_a_page_with_its_bundles_and_their_files() -> None:
    archive = MemoryArchive()
    first = archive.archive(MORNING, "a", "b/ä")
    second = archive.archive(MORNING + timedelta(minutes=59), "c")
    third = archive.archive(MORNING + timedelta(hours=1), "d")
    report = run(archive)

    assert registered(archive) == [[first, second], [third]]
    assert (report.pages, report.bundles, report.files, report.stopped) == (2, 3, 4, "")
    page = load_day(archive, DAY).pages[0]
    assert [(bundle, [file.key for file in files]) for bundle, files in read_files(archive, page)] == [
        (first, ["a", "b/ä"]),
        (second, ["c"]),
    ]
    row = page.rows[0]
    assert (row.files, row.etag, row.sha256) == (2, etag_of(archive.objects[bundle_key(first)]), archive.hashes[first])
    assert (row.oldest, row.newest) == ("2026-11-20T09:00:00.000Z", "2026-11-20T09:00:00.000Z")


def test_an_hour_waits_until_every_attempt_that_began_in_it_has_ended() -> None:
    archive = MemoryArchive()
    bundle_id = archive.archive(MORNING, "a")
    assert run(archive, MORNING + timedelta(minutes=79)).pages == 0
    assert run(archive, MORNING + timedelta(minutes=80)).pages == 1
    assert registered(archive) == [[bundle_id]]


def test_a_run_that_finds_all_registered_writes_nothing() -> None:
    archive = MemoryArchive()
    archive.archive(MORNING, "a")
    run(archive)
    before = dict(archive.objects)
    assert run(archive).pages == 0
    assert archive.objects == before


def test_a_bundle_that_comes_after_its_hour_was_registered_gets_a_page_of_its_own() -> None:
    archive = MemoryArchive()
    first = archive.archive(MORNING, "a")
    run(archive)
    late = archive.archive(MORNING + timedelta(minutes=1), "b")
    run(archive, NOON + timedelta(days=1, hours=11))
    assert registered(archive) == [[first], [late]]


def test_what_was_given_up_and_what_was_never_archived_is_in_no_page() -> None:
    archive = MemoryArchive()
    fenced, abandoned = (new_bundle_id(MORNING.timestamp(), bytes([7] * 8)), new_bundle_id(NOON.timestamp(), bytes(8)))
    for bundle_id in (fenced, abandoned):
        archive.put_manifest(bundle_id, [])
    archive.fence(fenced)
    assert run(archive).pages == 0


def test_a_bundle_that_lost_its_manifest_is_registered_as_what_is_known_of_it() -> None:
    archive = MemoryArchive()
    bundle_id = archive.archive(MORNING, "a")
    del archive.objects[manifest_key(bundle_id)]
    run(archive)
    (row,) = load_day(archive, DAY).pages[0].rows
    assert (row.bundle_id, row.files, row.sha256, row.manifest_etag) == (bundle_id, None, None, None)


@pytest.mark.parametrize("call", ["archive.list", "archive.get", "archive.put"])
def test_a_store_that_does_not_answer_ends_the_run_and_the_next_one_does_it(call: str) -> None:
    faults = Faults(before={call})
    archive = MemoryArchive(faults)
    bundle_id = archive.archive(MORNING, "a")
    assert run(archive).stopped == call
    faults.before.clear()
    assert run(archive).stopped == ""
    assert registered(archive) == [[bundle_id]]


def test_a_put_whose_answer_is_lost_is_no_second_page() -> None:
    faults = Faults(after={"archive.put"})
    archive = MemoryArchive(faults)
    bundle_id = archive.archive(MORNING, "a")
    assert run(archive).stopped
    faults.after.clear()
    assert run(archive).pages == 0
    assert registered(archive) == [[bundle_id]]


def test_a_run_without_time_says_from_which_hour_on_the_register_is_open() -> None:
    archive = MemoryArchive()
    archive.archive(MORNING, "a")
    report = run(archive, seconds_left=100.0)
    assert (report.pages, report.stopped, report.open_since) == (0, "out of time", MORNING.timestamp())


def test_after_weeks_without_a_run_every_day_is_made_up_for_in_its_order() -> None:
    archive = MemoryArchive()
    archive.archive(MORNING, "a")
    run(archive)
    missed = [archive.archive(MORNING + timedelta(days=days), "k") for days in range(1, 20)]
    run(archive, NOON + timedelta(days=25))
    for days, bundle_id in enumerate(missed, start=1):
        assert registered(archive, DAY + timedelta(days=days)) == [[bundle_id]]


def test_a_day_follows_the_last_page_of_the_day_before() -> None:
    archive = MemoryArchive()
    archive.archive(MORNING, "a")
    archive.archive(MORNING + timedelta(hours=1), "b")
    archive.archive(MORNING + timedelta(days=9), "c")
    run(archive, NOON + timedelta(days=10))
    first, later = load_day(archive, DAY), load_day(archive, DAY + timedelta(days=9))
    assert later.pages[0].head.before == first.pages[-1].read.name
    assert list(verify_links(archive, later, {})) == []

    del archive.objects[page_key(DAY, 2)]
    (fault,) = verify_links(archive, later, {})
    assert fault.reason == "page 2 of 2026-11-20 is missing or damaged: 2026-11-29 follows another"


def test_a_page_that_is_gone_is_told_and_its_bundles_are_registered_behind_the_last() -> None:
    archive = MemoryArchive()
    ids = [archive.archive(MORNING + timedelta(hours=hours), "a") for hours in range(3)]
    run(archive)
    del archive.objects[page_key(DAY, 2)]
    assert [fault.number for fault in load_day(archive, DAY).faults] == [2]
    run(archive)
    assert registered(archive) == [[ids[0]], [ids[2]], [ids[1]]]
    kinds = {fault.kind for fault in verify_day(archive, load_day(archive, DAY), lambda _: False).faults}
    assert kinds == {FaultKind.PAGE}


def test_a_fence_is_known_by_its_etag_which_no_machine_changes() -> None:
    # MD5 of what lies in archives already: whoever changes the bytes adds to fence_etags.
    assert etag_of(body_of_fence()) == "de0614c45042867827018bd3204a7d28"  # pragma: allowlist secret
