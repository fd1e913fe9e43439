"""`baler ls`: the same answer with a register, without, and with half of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from harness.archive import ARCHIVE, ArchiveSite, run

from baler.files.bundle.ids import bundle_key, manifest_key

if TYPE_CHECKING:
    from harness.archive_fixtures import Baler

MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)
PERIOD = ("--from", "2026-11-20", "--to", "2026-11-20")


@pytest.fixture
def bundles(site: ArchiveSite) -> list[str]:
    return [
        site.archive(MORNING, [("device-7/a.json", b"12345"), ("device-8/a.json", b"123")]),
        site.archive(MORNING + timedelta(minutes=30), [("device-7/b.csv", b"1")]),
        site.archive(MORNING + timedelta(hours=5), [("device-7/A.json", b"12")]),
    ]


@pytest.fixture(params=["no register", "all registered", "half registered", "a page is garbled", "a page is gone"])
def register(request: pytest.FixtureRequest, site: ArchiveSite, bundles: list[str]) -> str:  # noqa: ARG001 - they are there
    """What there is of a register."""
    if request.param != "no register":
        site.register(MORNING + timedelta(hours=3 if request.param == "half registered" else 30))
    first = "register/2026/11/20/000001.jsonl.gz"
    if request.param == "a page is garbled":
        site.client.put_object(Bucket=ARCHIVE, Key=first, Body=b"no page")
    if request.param == "a page is gone":
        site.client.delete_object(Bucket=ARCHIVE, Key=first)
    return request.param


def files(events: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return sorted((event["key"], event["bytes"], event["bundle_id"]) for event in events if event["event"] == "file")


@pytest.mark.usefixtures("register")
def test_every_file_of_a_period_is_listed_once_whatever_there_is_of_a_register(
    baler: Baler, bundles: list[str]
) -> None:
    code, events = baler("ls", *PERIOD)
    assert code == 0
    assert files(events) == [
        ("device-7/A.json", 2, bundles[2]),
        ("device-7/a.json", 5, bundles[0]),
        ("device-7/b.csv", 1, bundles[1]),
        ("device-8/a.json", 3, bundles[0]),
    ]
    end = events[-1]
    assert (end["event"], end["files"], end["bundles"], end["bytes"]) == ("listed", 4, 3, 11)


@pytest.mark.usefixtures("register")
def test_a_period_a_prefix_and_patterns_narrow_it(baler: Baler, bundles: list[str]) -> None:
    def keys(*arguments: str) -> list[str]:
        return [key for key, _, _ in files(baler("ls", *arguments)[1])]

    assert keys("--from", "2026-11-20T09:30", "--to", "2026-11-20T14:00") == ["device-7/b.csv"]
    assert keys(*PERIOD, "--prefix", "device-8/") == ["device-8/a.json"]
    assert keys(*PERIOD, "--pattern", "*.json") == ["device-7/A.json", "device-7/a.json", "device-8/a.json"]
    assert keys(*PERIOD, "--pattern", "*/a.*", "--prefix", "device-7/") == ["device-7/a.json"]
    assert keys(*PERIOD, "--pattern", "*.csv", "--pattern", "*-8/?.json") == ["device-7/b.csv", "device-8/a.json"]
    assert keys("--from", "2026-11-21", "--to", "2026-11-25") == []
    assert bundles


@pytest.mark.usefixtures("register")
def test_a_file_that_was_bundled_long_after_it_landed_is_listed_by_when_it_landed(
    site: ArchiveSite, baler: Baler, bundles: list[str]
) -> None:
    late = site.archive(MORNING + timedelta(hours=20), [("late", b"1")], landed=MORNING + timedelta(minutes=10))
    site.register(MORNING + timedelta(hours=40))
    _, events = baler("ls", "--landed", "--from", "2026-11-20T09:05", "--to", "2026-11-20T10:00")
    assert files(events) == [("device-7/b.csv", 1, bundles[1]), ("late", 1, late)]


def test_a_day_that_is_registered_is_read_in_a_few_calls_and_no_manifest_is(
    site: ArchiveSite, baler: Baler, calls: list[tuple[str, str]]
) -> None:
    for minute in range(0, 180, 3):
        site.archive(MORNING + timedelta(minutes=minute), [(f"k{minute}", b"1")])
    site.register(MORNING + timedelta(hours=30))
    calls.clear()
    _, events = baler("ls", *PERIOD)
    assert events[-1]["files"] == 60
    assert not [key for _, key in calls if key.startswith("manifests/")]
    assert len([call for call in calls if call[0] == "GetObject"]) == 2 * 3


def test_bundles_are_listed_with_how_many_of_their_files_are_meant(
    site: ArchiveSite, baler: Baler, bundles: list[str]
) -> None:
    site.register(MORNING + timedelta(hours=3))
    _, events = baler("ls", *PERIOD, "--bundles", "--pattern", "*a.json")
    (first, _) = events
    assert (first["event"], first["bundle_id"], first["files"], first["registered"]) == ("bundle", bundles[0], 2, True)


def test_a_state_says_where_a_bundle_is(site: ArchiveSite, baler: Baler, bundles: list[str]) -> None:
    more = [site.archive(MORNING + timedelta(hours=hour), [("k", b"1")]) for hour in (7, 8, 9)]
    site.register(MORNING + timedelta(hours=30))
    site.mail(bundles[1])
    site.mail(bundles[2], "quarantine/")
    site.sink(more[0])
    site.client.delete_object(Bucket=ARCHIVE, Key=bundle_key(more[1]))
    site.damage(more[2])
    code, events = baler("ls", *PERIOD, "--bundles")
    assert [event["state"] for event in events[:-1]] == [
        "archived",
        "waiting",
        "quarantined",
        "asleep",
        "missing",
        "exchanged",
    ]
    assert code == 3


def test_a_bundle_whose_manifest_is_lost_is_named_and_the_rest_is_listed(
    site: ArchiveSite, baler: Baler, bundles: list[str]
) -> None:
    site.client.delete_object(Bucket=ARCHIVE, Key=manifest_key(bundles[1]))
    site.register(MORNING + timedelta(hours=30))
    code, events = baler("ls", *PERIOD)
    assert code == 3
    assert [event["bundle_id"] for event in events if event["event"] == "damaged"] == [bundles[1]]
    assert len(files(events)) == 3


def test_lines_for_people_carry_time_size_state_bundle_and_key_and_no_control_characters(site: ArchiveSite) -> None:
    bundle_id = site.archive(MORNING, [("a\x1b[2Jb", b"12345")])
    result = run("ls", *PERIOD)
    line, end = result.stdout.splitlines()
    assert line == rf"2026-11-20T09:00:00.000Z             5  archived     {bundle_id}  a\x1b[2Jb"
    assert end == "listed   1 file of 5 bytes, in 1 bundle"


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    assert run("ls", "--from", "2026-11-20", "--to", "2026-11-19").exit_code == 2


def test_an_archive_that_is_not_there_is_told(site: ArchiveSite) -> None:  # noqa: ARG001 - S3 answers
    result = run("ls", *PERIOD, "--archive", "elsewhere")
    assert result.exit_code == 1
    assert "elsewhere" in result.stderr
