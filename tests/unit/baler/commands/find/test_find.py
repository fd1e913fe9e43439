"""`baler find` at every place that a file comes to, in moto: a test for each state that a file can be in."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.client import BaseClient
from harness.trail import HOUR, WAY, Trail, told
from moto import mock_aws

from baler.aws import queue_scan
from baler.cli.exit_codes import ExitCode
from baler.files.bundle.ids import manifest_key
from baler.files.story.state import FileState, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = {
    Standing.ON_ITS_WAY: ExitCode.OK,
    Standing.ARRIVED: ExitCode.OK,
    Standing.WRONG: ExitCode.NEEDS_ATTENTION,
    Standing.UNKNOWN: ExitCode.UNKNOWN,
}


@pytest.fixture
def trail(aws_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trail]:
    del aws_settings
    monkeypatch.setattr(queue_scan, "POLL_SECONDS", 0)
    with mock_aws():
        trail = Trail(tmp_path / "consumer")
        clock = SimpleNamespace(time=lambda: trail.now, monotonic=time.monotonic)
        monkeypatch.setattr("baler.commands.find.command.time", clock)
        yield trail


def period(trail: Trail) -> list[str]:
    """Options of a search that finds what was bundled."""
    day = datetime.fromtimestamp(trail.now, UTC)
    return ["--from", f"{day - timedelta(days=1):%Y-%m-%d}", "--to", f"{day:%Y-%m-%d}"]


@pytest.mark.parametrize("state", WAY)
def test_a_file_is_found_in_every_state_that_it_can_be_in(trail: Trail, state: FileState) -> None:
    file = trail.land("device-7/reading.json")
    WAY[state](trail, file)
    # A second bundle is what no claim tells of.
    search = period(trail) if state is FileState.TWICE else []
    code, stories, _ = trail.run("find", file.key, *told(trail, state), *search)
    assert [(story["key"], story["version_id"], story["state"]) for story in stories] == [
        (file.key, file.version_id, state)
    ]
    assert code == CODES[state.standing]


def test_every_state_but_one_has_a_way_into_it() -> None:
    assert set(FileState) - set(WAY) == {FileState.UNKNOWN}


def test_a_manifest_that_cannot_be_read_leaves_the_state_unknown_and_says_why(trail: Trail) -> None:
    file = trail.land("k")
    trail.s3.put_object(Bucket="archive", Key=manifest_key(trail.bundled(file)), Body=b"no gzip")
    code, (story,), _ = trail.run("find", "k")
    assert (code, story["state"]) == (ExitCode.UNKNOWN, FileState.UNKNOWN)
    assert "not gzip" in story["bundles"][0]["manifest_unreadable"]


def test_the_story_has_every_step_with_its_time(trail: Trail) -> None:
    file = trail.land("k")
    bundle_id = trail.taken(file)
    trail.receipt(bundle_id)
    code, (story,), _ = trail.run("find", "k", "--courier-table", "courier")
    assert code == ExitCode.OK
    (bundle,) = story["bundles"]
    assert (story["landed_at"], story["size"], story["is_current"]) == (
        file.event_time.isoformat(timespec="milliseconds"),
        5,
        True,
    )
    assert (bundle["bundle_id"], bundle["holds"], bundle["committed"]) == (bundle_id, "yes", "committed")
    assert bundle["delivered_at"] == datetime.fromtimestamp(trail.now - HOUR, UTC).isoformat(timespec="milliseconds")
    said = trail.text("find", "k", "--courier-table", "courier")
    steps = [line.split()[0] for line in said.splitlines()[1:]]
    assert steps == ["landed", "claimed", "archived", "manifest", "mailbox", "delivered", "The"]


def test_a_recent_file_takes_a_few_calls_however_much_the_archive_holds(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        trail.bundled(trail.land(f"other/{number}"))
    trail.receipt(trail.taken(trail.land("k")))
    calls: list[str] = []
    call = cast("Any", BaseClient)._make_api_call

    def counted(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        calls.append(operation)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    code, (story,), _ = trail.run("find", "k", "--courier-table", "courier")
    assert (code, story["state"]) == (ExitCode.OK, "delivered")
    # The landing bucket, claims and rejections, the archive's two objects, the mailbox's, record, receipt, claim again.
    assert Counter(calls) == {"ListObjectVersions": 1, "BatchGetItem": 5, "HeadObject": 3, "GetObject": 1}


def test_each_version_has_its_own_story_newest_first_and_other_keys_have_none(trail: Trail) -> None:
    first, second = trail.land("k", b"1"), trail.land("k", b"22")
    trail.land("k2")
    trail.bundled(first)
    code, stories, _ = trail.run("find", "k")
    assert code == ExitCode.NEEDS_ATTENTION
    assert [(each["version_id"], each["state"], each["is_current"]) for each in stories] == [
        (second.version_id, "missing", True),
        (first.version_id, "in_mailbox", False),
    ]


def test_a_prefix_finds_all_keys_that_begin_with_it_up_to_a_limit(trail: Trail) -> None:
    trail.bundled(*(trail.land(f"a/{number}") for number in range(4)))
    trail.land("b/1")
    _, stories, _ = trail.run("find", "--prefix", "a/")
    assert [story["key"] for story in stories] == ["a/0", "a/1", "a/2", "a/3"]
    _, stories, said = trail.run("find", "--prefix", "a/", "--limit", 3)
    assert len(stories) == 3
    assert "Only the first 3 versions" in said


def test_a_dead_letter_that_sqs_moved_is_found_in_the_queue_and_left_there(trail: Trail) -> None:
    file = trail.land("k")
    trail.bury(trail.land("another"))
    trail.bury(file)
    _, (story,), _ = trail.run("find", "k")
    assert story["state"] == FileState.DEAD_LETTER
    assert "SQS gave it up" in story["dead_letter"]
    _, (story,), _ = trail.run("find", "k")
    assert story["state"] == FileState.DEAD_LETTER


def test_a_file_that_is_gone_from_the_landing_bucket_is_found_by_the_archives_index(trail: Trail) -> None:
    file = trail.land("k")
    bundle_id = trail.taken(file)
    trail.s3.delete_object(Bucket="landing", Key="k", VersionId=file.version_id or "")
    code, stories, said = trail.run("find", "k")
    assert (code, stories) == (ExitCode.NEEDS_ATTENTION, [])
    assert "--from and --to" in said
    code, (story,), _ = trail.run("find", "k", *period(trail))
    assert (code, story["state"], story["landed_at"]) == (ExitCode.OK, "taken", None)
    assert story["bundles"][0]["bundle_id"] == bundle_id


def test_long_after_claims_and_records_have_ended_what_is_archived_counts_as_taken(trail: Trail) -> None:
    file = trail.land("k")
    bundle_id = trail.bundle_id()
    trail.archive(bundle_id, file)
    code, (story,), _ = trail.run("find", "k", *period(trail))
    assert (code, story["state"]) == (ExitCode.OK, "taken")


def test_a_claim_that_names_a_bundle_without_the_file_is_no_proof(trail: Trail) -> None:
    file, other = trail.land("k"), trail.land("other")
    bundle_id = trail.bundle_id()
    trail.claim(bundle_id, file, other)
    trail.archive(bundle_id, other)
    trail.mail(bundle_id)
    trail.commit(bundle_id)
    code, (story,), _ = trail.run("find", "k")
    assert (code, story["state"]) == (ExitCode.NEEDS_ATTENTION, "unarchived")


def test_a_key_that_was_never_put_is_not_found(trail: Trail) -> None:
    code, stories, said = trail.run("find", "no such\u202ekey")
    assert (code, stories) == (ExitCode.NEEDS_ATTENTION, [])
    assert "Not found" in said
    assert "\u202e" not in said


def test_a_ledger_that_is_not_there_is_said_in_a_sentence(trail: Trail) -> None:
    trail.land("k")
    code, _, said = trail.run("find", "k", "--state", trail.state)
    assert code == ExitCode.CANNOT_PROCEED
    assert "There is no ledger" in said


@pytest.mark.parametrize("option", ["--landing-bucket", "--archive", "--mailbox", "--claim-table", "--courier-table"])
def test_a_wrong_name_is_said_in_a_sentence(trail: Trail, option: str) -> None:
    trail.bundled(trail.land("k"))
    code, _, said = trail.run("find", "k", option, "nothing-of-that-name")
    assert code == ExitCode.CANNOT_PROCEED, said
    assert said.count("\n") == 1
