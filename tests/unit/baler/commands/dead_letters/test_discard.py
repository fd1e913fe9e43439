"""Discarding dead letters, and the lines that it leaves."""

from __future__ import annotations

import json
import os
import pwd
from typing import TYPE_CHECKING

import pytest
from harness.events import s3_event, s3_record, sns_notification

from baler.aws.queue_scan import QueueScan
from baler.cli.exit_codes import ExitCode
from baler.commands.dead_letters import discard_command
from baler.commands.dead_letters.diagnosis import LOSES_NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Yard

    from baler.aws.dead_letter import ReceivedDeadLetter

WHY = ("--reason", "left over from a test")


def test_a_line_tells_who_discarded_what_when_and_why(yard: Yard) -> None:
    gone = s3_event(s3_record("devices/7 ü", version="no"))
    message_id = yard.bury(gone)
    result = yard.run("discard", message_id, *WHY, "--yes")
    assert result.exit_code == 0, result.output
    (line,) = yard.audited()
    assert line["action"] == "discard"
    assert line["message_id"] == message_id
    assert line["reason"] == "left over from a test"
    assert line["user"] == pwd.getpwuid(os.getuid()).pw_name
    assert line["caller"].startswith("arn:aws:sts::")
    assert line["queue_url"] == yard.dead
    assert line["found"] == "object_missing"
    assert [(file["key"], file["version_id"]) for file in line["files"]] == [("devices/7 ü", "no")]
    assert line["at"].endswith("+00:00")
    assert yard.visible(yard.dead) == []


def test_no_line_holds_what_was_in_a_message(yard: Yard) -> None:
    yard.bury("s3cret")
    assert yard.run("discard", "--found", "malformed", *WHY, "--yes").exit_code == 0
    assert "s3cret" not in yard.audit.read_text()


def test_without_a_terminal_and_without_yes_nothing_happens(yard: Yard) -> None:
    message_id = yard.bury("poison")
    result = yard.run("discard", message_id, *WHY)
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert yard.visible(yard.dead) == ["poison"]
    assert not yard.audit.exists()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discard_command, "at_terminal", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_the_question_tells_how_many_messages_and_which_keys(yard: Yard) -> None:
    gone = yard.bury(s3_event(s3_record("devices/7", version="no"), s3_record("devices/8", version="no")))
    poison = yard.bury("poison")
    result = yard.run("discard", gone, poison, *WHY, answer="n")
    assert result.exit_code == 3
    assert "devices/7 and 1 more" in result.stdout
    assert poison[:8] in result.stdout
    assert "Discard 2 messages, announcing 2 files, for good? [y/N]" in result.stdout
    assert "LOST" not in result.stdout
    assert len(yard.visible(yard.dead)) == 2
    assert not yard.audit.exists()


@pytest.mark.usefixtures("terminal")
def test_the_question_warns_of_files_that_could_be_delivered(yard: Yard) -> None:
    message_id = yard.bury(yard.land("k"))
    assert "1 of these files can still be delivered, and would be LOST." in yard.run("discard", message_id, *WHY).stdout


@pytest.mark.usefixtures("terminal")
def test_an_end_at_the_question_discards_nothing(yard: Yard) -> None:
    message_id = yard.bury("poison")
    assert yard.run("discard", message_id, *WHY).exit_code == ExitCode.STOPPED
    assert yard.visible(yard.dead) == ["poison"]


@pytest.mark.usefixtures("terminal")
def test_yes_at_the_question_discards(yard: Yard) -> None:
    message_id = yard.bury("poison")
    assert yard.run("discard", message_id, *WHY, answer="y").exit_code == 0
    assert yard.visible(yard.dead) == []
    assert len(yard.audited()) == 1


def test_a_message_is_not_deleted_where_its_line_cannot_be_written(yard: Yard, tmp_path: Path) -> None:
    message_id = yard.bury("poison")
    result = yard.run("discard", message_id, *WHY, "--yes", "--audit-log", str(tmp_path / "no" / "such" / "folder"))
    assert result.exit_code == 1
    assert "--audit-log" in result.stderr
    assert yard.visible(yard.dead) == ["poison"]


def test_the_line_is_on_disk_before_the_message_is_deleted(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    seen: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(descriptor)
        fsync(descriptor)

    def die(_self: QueueScan, _letters: object) -> None:
        seen.append(yard.audit.read_text())
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(QueueScan, "delete", die)
    message_id = yard.bury("poison")
    assert yard.run("discard", message_id, *WHY, "--yes").exit_code != 0
    assert json.loads(seen[0])["message_id"] == message_id
    assert len(synced) == 2, "the file, and the folder that names it"
    assert yard.visible(yard.dead) == ["poison"]


def test_a_message_that_is_not_ours_any_more_is_left_and_has_no_line(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = yard.bury("poison")

    def refuse(_reading: QueueScan, _letter: ReceivedDeadLetter) -> bool:
        return False

    monkeypatch.setattr(QueueScan, "hold", refuse)
    result = yard.run("discard", message_id, *WHY, "--yes")
    assert result.exit_code == 4
    assert message_id in result.stderr
    assert yard.visible(yard.dead) == ["poison"]
    assert not yard.audit.exists()


def test_a_message_that_sqs_keeps_has_a_second_line(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = yard.bury("poison")

    def keep(_reading: QueueScan, letters: Sequence[ReceivedDeadLetter]) -> Sequence[ReceivedDeadLetter]:
        return letters

    monkeypatch.setattr(QueueScan, "delete", keep)
    assert yard.run("discard", message_id, *WHY, "--yes").exit_code == 4
    assert [(line["action"], line["message_id"]) for line in yard.audited()] == [
        ("discard", message_id),
        ("not discarded", message_id),
    ]


def test_a_line_that_a_crash_cut_short_does_not_swallow_the_next(yard: Yard) -> None:
    yard.audit.write_text('{"action": "disc')
    yard.bury("poison")
    assert yard.run("discard", "--found", "malformed", *WHY, "--yes").exit_code == 0
    torn, whole = yard.audit.read_text().splitlines()
    assert torn == '{"action": "disc'
    assert json.loads(whole)["action"] == "discard"


@pytest.mark.parametrize("found", ["transient", "unknown", "unreadable", "too_large", "unknown_schema"])
def test_what_may_still_be_delivered_is_discarded_by_its_id_alone(yard: Yard, found: str) -> None:
    yard.bury(yard.land("k"))
    result = yard.run("discard", "--found", found, *WHY, "--yes")
    assert result.exit_code == 2
    assert found in result.stderr
    assert len(yard.visible(yard.dead)) == 1


@pytest.mark.parametrize("reason", ["kills", "unbundled"])
def test_what_has_no_way_to_be_delivered_as_it_is_is_discarded_by_its_id_alone(yard: Yard, reason: str) -> None:
    assert yard.run("discard", "--found", reason, *WHY, "--yes").exit_code == 2


def test_no_reason_discards_a_message_that_names_a_file_in_no_bundle(yard: Yard) -> None:
    yard.land("there")
    malformed, deleted = s3_record("there", version=None), s3_record("there", version=None)
    del malformed["s3"]["object"]["eTag"]
    deleted["eventName"] = "ObjectRemoved:Delete"
    for body in (s3_event(malformed), s3_event(deleted), s3_event(malformed)[:-4], "poison"):
        yard.bury(body)
    for reason in LOSES_NOTHING:
        assert yard.run("discard", "--found", reason, *WHY, "--yes").exit_code == 0
    assert len(yard.visible(yard.dead)) == 3
    (line,) = yard.audited()
    assert line["files"] == []


def test_every_key_that_can_be_found_stands_in_the_line(yard: Yard) -> None:
    good, bad = s3_record("good", version="no"), s3_record("b d", version="gone", bucket="landing")
    del bad["s3"]["object"]["eTag"]
    other = s3_record("o", bucket="elsewhere")
    message_id = yard.reject(sns_notification(s3_event(good, bad, other)), "malformed")
    torn = yard.bury(s3_event(s3_record("t"))[:-20])
    assert yard.run("discard", message_id, torn, *WHY, "--yes").exit_code == 0
    lines = {line["message_id"]: line for line in yard.audited()}
    assert [(file["bucket"], file["key"], file["version_id"]) for file in lines[message_id]["files"]] == [
        ("landing", "good", "no"),
        ("landing", "b d", "gone"),
        ("elsewhere", "o", "v1"),
    ]
    assert lines[message_id]["rejection"]["reason"] == "malformed"
    assert [file["key"] for file in lines[torn]["files"]] == ["t"]


def test_one_name_that_nothing_has_stops_it_all(yard: Yard) -> None:
    message_id = yard.bury("poison")
    assert yard.run("discard", message_id, "00000000", *WHY, "--yes").exit_code == 3
    assert yard.visible(yard.dead) == ["poison"]
    assert not yard.audit.exists()


def test_a_name_that_fits_two_messages_stops_it_all(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto.sqs.models.random.uuid4", lambda: next(ids))
    ids = iter(["abcdef01-0000-4000-8000-000000000001", "abcdef01-0000-4000-8000-000000000002", *map(str, range(99))])
    for body in ("one", "two"):
        yard.bury(body)
    result = yard.run("discard", "abcdef01", *WHY, "--yes")
    assert result.exit_code == 3
    assert "Fits several messages" in result.stderr
    assert len(yard.visible(yard.dead)) == 2


@pytest.mark.parametrize("arguments", [("--yes", "--found", "malformed"), ("--yes", "--reason", " ", "12345678")])
def test_a_reason_in_words_is_demanded(yard: Yard, arguments: tuple[str, ...]) -> None:
    yard.bury("poison")
    assert yard.run("discard", *arguments).exit_code == 2
    assert yard.visible(yard.dead) == ["poison"]
