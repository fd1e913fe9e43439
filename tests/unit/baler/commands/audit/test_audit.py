"""`baler audit` at every place that a file comes to, in moto: each state is counted, and what is lost is sent again."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.trail import HOUR, WAY, Trail, told
from moto import mock_aws

from baler.cli.exit_codes import ExitCode
from baler.files.bundle.ids import manifest_key
from baler.files.notification import landed_files
from baler.files.story.state import FileState, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from baler.files.landed_file import LandedFile

CODES = {Standing.ON_ITS_WAY: ExitCode.OK, Standing.ARRIVED: ExitCode.OK, Standing.WRONG: ExitCode.NEEDS_ATTENTION}


@pytest.fixture
def trail(aws_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trail]:
    del aws_settings
    with mock_aws():
        trail = Trail(tmp_path / "consumer")
        clock = SimpleNamespace(time=lambda: trail.now, monotonic=time.monotonic)
        monkeypatch.setattr("baler.commands.audit.command.time", clock)
        yield trail


def audit(trail: Trail, *arguments: str) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
    """Audit what landed in the last day; return the exit code, the sum, and what was found."""
    start = datetime.fromtimestamp(trail.now - 24 * HOUR, UTC)
    code, events, said = trail.run("audit", "--from", start.strftime("%Y-%m-%dT%H:%M"), *arguments)
    assert events, said
    assert events[-1]["event"] == "audit", said
    return code, events[-1], [event for event in events[:-1] if event["event"] != "progress"]


def announced(trail: Trail) -> set[str]:
    return {file.identity for body in trail.announced() for file in landed_files(body, "landing")}


@pytest.mark.parametrize("state", WAY)
def test_a_file_is_counted_in_every_state_that_it_can_be_in_and_named_where_it_is_wrong(
    trail: Trail, state: FileState
) -> None:
    file = trail.land("device-7/reading.json")
    WAY[state](trail, file)
    code, summary, found = audit(trail, *told(trail, state))
    if state is FileState.TWICE:
        assert summary["twice"] == 1
        assert [(event["key"], len(event["bundle_ids"])) for event in found] == [(file.key, 2)]
    else:
        assert summary["states"][state] == 1
    assert [event["event"] for event in found] == ([state] if state.standing is Standing.WRONG else [])
    assert summary["wrong"] == len(found)
    assert code == CODES[state.standing]
    assert announced(trail) == set(), "nothing is changed unless it is asked for"


def test_each_file_of_many_in_many_states_is_counted_once(trail: Trail) -> None:
    taken = [trail.land(f"taken/{number}") for number in range(5)]
    mailed = [trail.land("k", bytes([number])) for number in range(3)]
    trail.taken(*taken)
    trail.bundled(*mailed)
    trail.land("lost/1")
    trail.land("lost/2")
    code, summary, found = audit(trail)
    assert code == ExitCode.NEEDS_ATTENTION
    assert summary["states"] == {"taken": 5, "in_mailbox": 3, "missing": 2}
    assert (summary["files"], summary["bundles"], summary["twice"]) == (10, 2, 0)
    assert sorted(event["key"] for event in found) == ["lost/1", "lost/2"]


@pytest.mark.requirement("PULL-NFR-08")
def test_repair_sends_what_is_missing_or_unfinished_and_nothing_else(trail: Trail) -> None:
    lost, dying = trail.land("lost"), trail.land("dying")
    WAY[FileState.UNFINISHED](trail, dying)
    for state in (FileState.IN_PROGRESS, FileState.TAKEN):
        WAY[state](trail, trail.land(state))
    code, summary, found = audit(trail, "--repair")
    assert announced(trail) == {lost.identity, dying.identity}
    assert (code, summary["announced"]) == (ExitCode.UNFINISHED, 2)
    assert {(event["key"], event["announced"]) for event in found} == {("lost", True), ("dying", True)}
    WAY[FileState.DEAD_LETTER](trail, trail.land("dead"))
    code, _, _ = audit(trail, "--repair")
    assert code == ExitCode.NEEDS_ATTENTION, "a dead letter is for people"


def test_repair_leaves_alone_what_may_be_on_its_way(trail: Trail) -> None:
    trail.land("young")
    trail.now -= 1.5 * HOUR
    code, summary, _ = audit(trail, "--repair")
    assert (code, summary["states"], announced(trail)) == (ExitCode.OK, {"waiting": 1}, set())


def test_repair_never_fills_the_queue_and_says_that_the_rest_is_to_come(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        trail.land(f"{number}")
    monkeypatch.setattr("baler.commands.audit.command._QUEUE_MAX", 3)
    code, summary, found = audit(trail, "--repair")
    assert (code, summary["announced"], summary["queue_is_full"]) == (ExitCode.UNFINISHED, 3, True)
    assert sum(event["announced"] for event in found) == 3
    assert len(announced(trail)) == 3


def test_repair_counts_every_lane_of_the_queue_and_sends_to_the_first(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = trail.sqs.create_queue(QueueName="ingest-2")["QueueUrl"]
    says = json.dumps({"filesIngestQueueUrl": trail.ingest, "filesIngestQueueUrls": f"{trail.ingest} {second}"})
    boto3.client("ssm").put_parameter(Name="/baler/prod", Type="String", Value=says)
    monkeypatch.setenv("BALER_STACK", "prod")
    for number in range(5):
        trail.land(f"{number}")
    monkeypatch.setattr("baler.commands.audit.command._QUEUE_MAX", 3)
    trail.sqs.send_message(QueueUrl=second, MessageBody="a file that waits")
    _, summary, _ = audit(trail, "--repair")
    assert (summary["announced"], summary["queue_is_full"]) == (2, True)
    assert len(announced(trail)) == 2


def test_files_before_and_behind_the_period_and_of_other_prefixes_are_left_out(trail: Trail) -> None:
    trail.land("a/1")
    trail.land("b/1")
    _, summary, _ = audit(trail, "--prefix", "a/")
    assert summary["files"] == 1
    before = datetime.fromtimestamp(trail.now - 3 * HOUR, UTC).strftime("%Y-%m-%dT%H:%M")
    _, summary, _ = audit(trail, "--to", before)
    assert summary["files"] == 0


def test_a_version_that_has_no_id_is_judged_by_its_claim(trail: Trail) -> None:
    trail.s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Suspended"})
    trail.s3.put_object(Bucket="landing", Key="k", Body=b"x")
    (version,) = trail.s3.list_object_versions(Bucket="landing").get("Versions", [])
    assert version.get("VersionId") == "null"
    _, summary, _ = audit(trail)
    assert summary["states"] == {"missing": 1}


def test_a_bundle_whose_entry_in_the_index_is_gone_leaves_its_files_unknown(trail: Trail) -> None:
    file = trail.land("k")
    trail.s3.delete_object(Bucket="archive", Key=manifest_key(trail.taken(file)))
    code, summary, found = audit(trail)
    assert (code, summary["unreadable"], summary["states"]) == (ExitCode.UNKNOWN, 1, {"unknown": 1})
    assert [event["event"] for event in found] == ["damaged", "unknown"]


def test_an_entry_in_the_index_whose_bundle_was_never_archived_holds_nothing(trail: Trail) -> None:
    file = trail.land("k")
    bundle_id = trail.bundle_id()
    trail.archive(bundle_id, file)
    trail.s3.delete_object(Bucket="archive", Key=f"bundles/{manifest_key(bundle_id)[10:-8]}.tar.gz")
    _, summary, _ = audit(trail)
    assert (summary["bundles"], summary["states"]) == (0, {"missing": 1})


def test_what_is_delivered_after_the_archive_was_read_is_no_loss(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is bundled, delivered and gone from the mailbox while the audit reads the mailbox."""
    file = trail.land("k")
    late: list[LandedFile] = [file]

    def mailbox_empties(_bucket: object) -> list[str]:
        while late:
            trail.taken(late.pop())
        return []

    monkeypatch.setattr("baler.files.places.mailbox.MailboxBucket.all_waiting", mailbox_empties)
    code, summary, found = audit(trail)
    assert (code, summary["states"], found) == (ExitCode.OK, {"taken": 1}, [])


def test_a_bundle_on_its_way_back_from_the_quarantine_is_no_loss(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in neither listing: put back into the mailbox when that had been read."""
    bundle_id = trail.bundled(trail.land("k"))
    trail.receipt(trail.taken(trail.land("another")))

    def nothing_waits(_bucket: object) -> list[str]:
        return []

    monkeypatch.setattr("baler.files.places.mailbox.MailboxBucket.all_waiting", nothing_waits)
    code, summary, _ = audit(trail, "--courier-table", "courier")
    assert (code, summary["states"]) == (ExitCode.OK, {"delivered": 1, "in_mailbox": 1}), bundle_id


def test_people_read_one_line_a_finding_and_the_sum(trail: Trail) -> None:
    trail.land("lost\u202egnp.exe")
    start = datetime.fromtimestamp(trail.now - 24 * HOUR, UTC).strftime("%Y-%m-%d")
    said = trail.text("audit", "--from", start)
    assert "missing  lost\\u202egnp.exe" in said
    assert "1 not as they should be. 1 missing." in said


def test_a_wrong_mailbox_and_a_wrong_time_are_refused_in_a_sentence(trail: Trail) -> None:
    trail.bundled(trail.land("k"))
    code, _, said = trail.run("audit", "--from", "2026-11-20", "--mailbox", "landing")
    assert code == ExitCode.CANNOT_PROCEED
    assert "filesDistributionBucket" in said
    code, _, said = trail.run("audit", "--from", "2026-11-20T09:99")
    assert code == ExitCode.USAGE
