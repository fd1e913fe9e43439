"""`baler extract`: one file out of the archive, whole, where its key says or beside it, and nowhere else."""

from __future__ import annotations

import errno
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from harness.archive import ARCHIVE, run
from harness.consumer import with_manifest

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Stopping
from baler.files.bundle.ids import bundle_key
from baler.files.unpacking.place import Placement
from runtime.files.aws.buckets import S3Archive

if TYPE_CHECKING:
    from pathlib import Path

    from harness.archive import ArchiveSite
    from harness.archive_fixtures import Baler

MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def told(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "found"


@pytest.fixture
def versions(site: ArchiveSite) -> list[str]:
    """Three bundles with a version each of one file, and others."""
    return [
        site.archive(MORNING + timedelta(days=day), [("x", b"x"), ("d/k", b"content %d" % day)], f"v{day}")
        for day in range(3)
    ]


@pytest.mark.usefixtures("versions")
def test_the_newest_version_lies_under_its_key_and_nothing_else_does(baler: Baler, into: Path) -> None:
    code, events = baler("extract", "d/k", "--into", into)
    assert code == 0
    assert tree(into) == {"d/k": b"content 2"}
    [file] = told(events, "file")
    assert (file["path"], file["version_id"]) == ("d/k", "v2")
    assert file["sha256"] == hashlib.sha256(b"content 2").hexdigest()


@pytest.mark.usefixtures("versions")
def test_a_version_can_be_named(baler: Baler, into: Path) -> None:
    assert baler("extract", "d/k", "--into", into, "--version", "v1")[0] == 0
    assert tree(into) == {"d/k": b"content 1"}
    assert baler("extract", "d/k", "--into", into, "--version", "v9")[0] == 3


@pytest.mark.usefixtures("versions")
def test_all_versions_lie_beside_each_other(baler: Baler, into: Path) -> None:
    code, events = baler("extract", "d/k", "--into", into, "--all")
    assert code == 0
    found = tree(into)
    assert [found[file["path"]] for file in told(events, "file")] == [b"content 0", b"content 1", b"content 2"]
    assert len(found) == 3


@pytest.mark.usefixtures("versions")
def test_a_file_that_was_there_already_does_not_count_as_extracted(baler: Baler, into: Path) -> None:
    _, events = baler("extract", "d/k", "--into", into, "--all")
    assert (events[-1]["files"], events[-1]["already_there"]) == (3, 0)
    found = tree(into)
    code, events = baler("extract", "d/k", "--into", into, "--all")
    assert code == 0
    assert tree(into) == found
    assert (events[-1]["files"], events[-1]["already_there"]) == (0, 3)
    assert all(file["already_there"] for file in told(events, "file"))


@pytest.mark.usefixtures("versions")
def test_a_period_narrows_the_search(baler: Baler, into: Path) -> None:
    assert baler("extract", "d/k", "--into", into, "--to", "2026-11-21")[0] == 0
    assert tree(into) == {"d/k": b"content 1"}


def test_a_key_that_no_bundle_holds_is_refused_and_no_folder_is_made(
    site: ArchiveSite, baler: Baler, into: Path
) -> None:
    site.archive(MORNING, [("a", b"1")])
    code, events = baler("extract", "A", "--into", into)
    assert code == 3
    assert "'A'" in told(events, "refused")[0]["reason"]
    assert not into.exists()


def test_an_entry_without_a_bundle_or_with_a_fence_is_passed_over(site: ArchiveSite, baler: Baler, into: Path) -> None:
    site.archive(MORNING, [("k", b"there")])
    absent, fenced = (site.archive(MORNING + timedelta(hours=hours), [("k", b"never archived")]) for hours in (1, 2))
    for bundle_id in (absent, fenced):
        site.forget(bundle_id)
    S3Archive(site.client, ARCHIVE).fence(fenced)
    assert baler("extract", "k", "--into", into)[0] == 0
    assert tree(into) == {"k": b"there"}


@pytest.mark.parametrize("key", ["../up", "/absolute", "a//b", "trailing/", "line\nbreak", "x" * 1000, "..", "\x1b[2J"])
def test_no_key_leads_out_of_the_folder(site: ArchiveSite, baler: Baler, into: Path, key: str) -> None:
    site.archive(MORNING, [(key, b"content")])
    code, events = baler("extract", key, "--into", into)
    assert code == 0
    assert list(tree(into).values()) == [b"content"]
    assert tree(into.parent) == {f"{into.name}/{told(events, 'file')[0]['path']}": b"content"}


def test_a_file_that_is_there_is_not_replaced(site: ArchiveSite, baler: Baler, into: Path) -> None:
    site.archive(MORNING, [("k", b"from the archive")])
    into.mkdir()
    (into / "k").write_bytes(b"mine")
    code, events = baler("extract", "k", "--into", into)
    assert code == 0
    assert tree(into) == {"k": b"mine", told(events, "file")[0]["path"]: b"from the archive"}


def test_a_symlink_in_the_folder_leads_nowhere(site: ArchiveSite, baler: Baler, into: Path, tmp_path: Path) -> None:
    site.archive(MORNING, [("d/k", b"content")])
    into.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (into / "d").symlink_to(tmp_path / "elsewhere")
    assert baler("extract", "d/k", "--into", into)[0] == 0
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_damaged_bundle_gives_nothing(site: ArchiveSite, baler: Baler, into: Path) -> None:
    site.damage(site.archive(MORNING, [("k", b"content")]))
    code, events = baler("extract", "k", "--into", into)
    assert code == 3
    assert "its metadata says" in told(events, "refused")[0]["reason"]
    assert list(into.iterdir()) == []


def replace(site: ArchiveSite, bundle_id: str, body: bytes) -> None:
    """Put other bytes into the archive, with the right hash of them."""
    metadata = {"content-sha256": hashlib.sha256(body).hexdigest()}
    site.client.put_object(Bucket=ARCHIVE, Key=bundle_key(bundle_id), Body=body, Metadata=metadata)


def test_a_bundle_whose_file_is_not_what_its_manifest_says_gives_nothing(
    site: ArchiveSite, baler: Baler, into: Path
) -> None:
    bundle_id = site.archive(MORNING, [("k", b"content")])
    body = with_manifest(site.body(ARCHIVE, bundle_id), lambda it: it["files"][0].update(sha256="0" * 64))
    replace(site, bundle_id, body)
    code, events = baler("extract", "k", "--into", into)
    assert code == 3
    assert "the manifest says" in told(events, "refused")[0]["reason"]
    assert list(into.iterdir()) == []


def test_a_bundle_that_is_not_the_one_that_was_indexed_gives_nothing(
    site: ArchiveSite, baler: Baler, into: Path
) -> None:
    bundle_id = site.archive(MORNING, [("k", b"content")])
    body = with_manifest(site.body(ARCHIVE, bundle_id), lambda it: it["files"][0].update(version_id="another"))
    replace(site, bundle_id, body)
    code, events = baler("extract", "k", "--into", into)
    assert code == 3
    assert "the index says" in told(events, "refused")[0]["reason"]
    assert list(into.iterdir()) == []


def test_a_damaged_index_entry_does_not_pass_for_a_complete_search(site: ArchiveSite, baler: Baler, into: Path) -> None:
    site.archive(MORNING, [("k", b"older")])
    site.garble_index(site.archive(MORNING + timedelta(hours=1), [("k", b"newer")]))
    code, events = baler("extract", "k", "--into", into)
    assert code == 3
    assert tree(into) == {"k": b"older"}
    assert len(told(events, "damaged")) == 1


@pytest.mark.usefixtures("slow_restores")
def test_a_bundle_in_deep_archive_is_asked_for_once_and_had_by_the_same_command(
    site: ArchiveSite, baler: Baler, into: Path
) -> None:
    site.sink(site.archive(MORNING, [("k", b"content")]))
    code, events = baler("extract", "k", "--into", into, "--tier", "bulk")
    assert code == 5
    assert told(events, "restore")[0]["tier"] == "bulk"
    assert list(into.iterdir()) == []
    code, events = baler("extract", "k", "--into", into, "--wait", "--poll", "0.1")
    assert code == 0
    assert told(events, "restore") == []
    assert tree(into) == {"k": b"content"}


@pytest.mark.usefixtures("site")
def test_a_bucket_that_does_not_exist_is_a_sentence(baler: Baler, into: Path) -> None:
    code, events = baler("extract", "k", "--into", into, "--archive", "nowhere")
    assert code == 1
    assert "There is no such bucket" in events[0]["message"]


def test_a_folder_that_is_a_file_is_a_sentence(site: ArchiveSite, baler: Baler, into: Path) -> None:
    site.archive(MORNING, [("k", b"content")])
    into.write_bytes(b"")
    code, events = baler("extract", "k", "--into", into)
    assert code == 1
    assert str(into) in events[0]["message"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_may_have_room_again_is_tried_again_and_a_folder_that_is_denied_is_not(
    site: ArchiveSite, baler: Baler, into: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    site.archive(MORNING, [("k", b"content")])

    def fails(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr("baler.commands.extract.service.unpack", fails)
    code, events = baler("extract", "k", "--into", into)
    assert code == (ExitCode.CANNOT_PROCEED if number == errno.EACCES else ExitCode.RETRY)
    assert events[-2]["left"] == 1


@pytest.mark.usefixtures("site")
def test_a_bucket_name_that_is_none_is_a_sentence_without_a_regular_expression(baler: Baler, into: Path) -> None:
    code, events = baler("extract", "k", "--into", into, "--archive", "not a bucket")
    assert code == 1
    assert "'not a bucket': that is not a bucket's name" in events[0]["message"]
    assert "^" not in events[0]["message"]


def test_a_signal_counts_what_was_extracted_before_it_as_done(
    site: ArchiveSite, baler: Baler, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in range(2):
        site.archive(MORNING + timedelta(hours=hours), [("k", b"%d" % hours)], f"v{hours}")
    extracted: list[str] = []

    def put(placement: Placement, *arguments: Any) -> bool:
        if extracted:
            raise Stopping
        extracted.append(arguments[0])
        return real(placement, *arguments)

    real = Placement.put
    monkeypatch.setattr(Placement, "put", put)
    code, events = baler("extract", "k", "--into", into, "--all")
    assert code == ExitCode.STOPPED
    assert (events[-1]["files"], events[-1]["left"]) == (1, 1)


@pytest.mark.parametrize("arguments", [("--all", "--version", "v1"), ("--from", "never")])
@pytest.mark.usefixtures("site")
def test_a_command_line_that_means_nothing_is_refused(baler: Baler, into: Path, arguments: tuple[str, ...]) -> None:
    assert baler("extract", "k", "--into", into, *arguments)[0] == 2


def test_every_file_that_fits_a_pattern_is_taken_out_of_its_bundle_which_is_read_once(
    site: ArchiveSite, baler: Baler, into: Path, calls: list[tuple[str, str]]
) -> None:
    first = site.archive(MORNING, [("device-7/a.json", b"old"), ("device-7/b.json", b"b"), ("device-8/a.json", b"")])
    site.archive(MORNING + timedelta(hours=1), [("device-7/a.json", b"new"), ("device-7/c.csv", b"c")])
    code, _ = baler("extract", "--pattern", "device-7/*.json", "--into", into)
    assert code == 0
    assert {path.name: path.read_bytes() for path in (into / "device-7").iterdir()} == {
        "a.json": b"new",
        "b.json": b"b",
    }
    code, _ = baler("extract", "--pattern", "*", "--to", "2026-11-20T09:30", "--into", into / "all")
    assert (code, len(list((into / "all").rglob("*.json")))) == (0, 3)
    assert calls.count(("GetObject", bundle_key(first))) == 2


def test_a_pattern_that_nothing_fits_is_told(site: ArchiveSite, baler: Baler, into: Path) -> None:
    site.archive(MORNING, [("k", b"1")])
    code, events = baler("extract", "--pattern", "*.xml", "--into", into)
    assert code == 3
    assert "'*.xml'" in events[-1]["reason"]


def test_an_extraction_of_nothing_in_particular_is_refused(into: Path) -> None:
    result = run("extract", "--into", into)
    assert result.exit_code == 2
    assert "Name a key, or --pattern." in result.stderr
