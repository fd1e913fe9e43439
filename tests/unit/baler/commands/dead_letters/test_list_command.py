"""What the list and a single message show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from harness.events import s3_event, s3_record

from baler.aws.queue_scan import QueueScan
from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Yard


def test_the_list_has_a_line_a_message_and_hides_none(yard: Yard) -> None:
    gone = yard.bury(s3_event(s3_record("devices/7", version="no"), s3_record("devices/8", version="no")))
    poison = yard.bury("not json")
    result = yard.run("list")
    assert result.exit_code == 0
    heading, *rows = result.stdout.splitlines()
    assert heading.split()[:4] == ["MESSAGE", "AGE", "RECEIVES", "LIKELY"]
    by_id = {row.split()[0]: row for row in rows}
    assert sorted(by_id) == sorted([gone[:8], poison[:8]])
    assert by_id[gone[:8]].split()[3:5] == ["1", "object_missing"]
    assert "devices/7 and 1 more (2 of 2 files)" in by_id[gone[:8]]
    assert "malformed" in by_id[poison[:8]]
    assert "2 messages; SQS deletes one 4 d after it was sent." in result.stderr
    assert len(yard.visible(yard.dead)) == 2


def test_an_empty_queue_is_said_to_be_empty(yard: Yard) -> None:
    result = yard.run("list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No dead letters.\n")


def test_what_is_not_shown_is_told(yard: Yard) -> None:
    for number in range(12):
        yard.bury(str(number))
    result = yard.run("list", "--limit", "11")
    assert len(result.stdout.splitlines()) == 12
    assert "11 messages" in result.stderr
    assert "The queue holds about 12" in result.stderr


def test_json_is_for_programs(yard: Yard) -> None:
    message_id = yard.bury(yard.land("k\n"))
    result = yard.run("list", "--json")
    (line,) = result.stdout.splitlines()
    fields = json.loads(line)
    assert fields["message_id"] == message_id
    assert (fields["found"], fields["receives"], fields["redriven"]) == ("transient", 1, None)
    assert fields["age_seconds"] < 60
    assert fields["files"][0]["key"] == "k\n"
    assert "body" not in fields


def test_a_hostile_key_cannot_drive_the_terminal(yard: Yard) -> None:
    message_id = yard.bury(s3_event(s3_record("\x1b[2J\r\u202eevil", version="no")))
    for arguments in (["list"], ["show", message_id]):
        result = yard.run(*arguments)
        assert "\\x1b[2J\\r\\u202eevil" in result.stdout
        assert not set("\x1b\r\u202e") & set(result.stdout)


def test_one_message_is_shown_whole(yard: Yard) -> None:
    message_id = yard.bury("line\none \x1b[0m")
    result = yard.run("show", message_id[:8])
    assert result.exit_code == 0
    assert message_id in result.stdout
    assert "malformed: the message is not a JSON object" in result.stdout
    assert "body           line\\none \\x1b[0m" in result.stdout
    assert json.loads(yard.run("show", message_id, "--json").stdout)["body"] == "line\none \x1b[0m"


def test_a_redrive_before_is_told(yard: Yard) -> None:
    yard.bury(yard.land("k"))
    yard.run("redrive", "--all")
    (message,) = yard.sqs.receive_message(QueueUrl=yard.ingest, MessageAttributeNames=["All"])["Messages"]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # one is there
    yard.sqs.send_message(
        QueueUrl=yard.dead, MessageBody=message.get("Body", ""), MessageAttributes=message.get("MessageAttributes", {})
    )
    assert "redriven before" in yard.run("list").stdout


def test_what_the_function_says_of_a_message_that_it_moved_is_shown(yard: Yard) -> None:
    message_id = yard.reject(s3_event(s3_record("k", version="no")), "object_missing")
    assert "k (this version of the object is not in the landing bucket, rejected as object_missing)" in (
        yard.run("list").stdout
    )
    shown = yard.run("show", message_id).stdout
    assert (
        "rejected       as object_missing by the function; sent to the ingest queue 2026-11-20T09:00:00+00:00 as "
        "5fea7756-0ea4-451a-a703-a558b933e274, received 3 times" in shown
    )
    (line,) = yard.run("list", "--json").stdout.splitlines()
    assert json.loads(line)["rejection"] == {
        "reason": "object_missing",
        "message_id": "5fea7756-0ea4-451a-a703-a558b933e274",
        "sent_at": "2026-11-20T09:00:00.123000+00:00",
        "receives": 3,
    }


def test_a_message_that_sqs_moved_says_so(yard: Yard) -> None:
    message_id = yard.bury("poison")
    assert "rejected       no: SQS moved it" in yard.run("show", message_id).stdout
    assert json.loads(yard.run("list", "--json").stdout)["rejection"] is None


@pytest.mark.parametrize("number", ["yesterday", "-1", "9" * 40, "\N{FULLWIDTH DIGIT ONE}"])
def test_attributes_that_the_function_would_not_write_are_left_out(yard: Yard, number: str) -> None:
    yard.reject("poison", "\x1b[2Jmalformed", sent_timestamp=number, receive_count=number)
    result = yard.run("list", "--json")
    rejection = json.loads(result.stdout)["rejection"]
    assert (rejection["sent_at"], rejection["receives"]) == (None, None)
    assert "\x1b" not in yard.run("list").stdout


def test_a_message_that_is_not_there_is_not_found(yard: Yard) -> None:
    result = yard.run("show", "00000000")
    assert result.exit_code == 3
    assert "Not found: 00000000." in result.stderr


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        (
            "BALER_DEAD_LETTER_QUEUE_URL",
            "https://sqs.eu-west-2.amazonaws.com/123456789012/no",
            "--dead-letter-queue-url",
        ),
        ("BALER_LANDING_BUCKET", "no-such-bucket", "--landing-bucket"),
        ("BALER_LANDING_BUCKET", "No Bucket", "Invalid bucket name"),
        ("BALER_CLAIM_TABLE", "no-such-table", "--claim-table"),
        ("AWS_ENDPOINT_URL", "nonsense", "AWS_ENDPOINT_URL"),
    ],
)
def test_a_wrong_setting_is_one_sentence(yard: Yard, variable: str, value: str, advice: str) -> None:
    yard.bury(yard.land("k"))
    result = yard.run("list", **{variable: value})
    assert result.exit_code == 1
    assert advice in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.output


def test_a_missing_setting_names_its_option(yard: Yard) -> None:
    result = yard.run("list", BALER_CLAIM_TABLE="")
    assert result.exit_code == 2
    assert "--claim-table" in result.stderr


@pytest.mark.parametrize(("status", "code"), [(503, ExitCode.RETRY), (400, ExitCode.CANNOT_PROCEED)])
def test_an_answer_that_passes_ends_otherwise_than_one_that_does_not(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, status: int, code: ExitCode
) -> None:
    error = {"Error": {"Code": "Odd", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def fail(_self: QueueScan) -> None:
        raise ClientError(cast("Any", error), "GetQueueAttributes")

    monkeypatch.setattr(QueueScan, "depth", fail)
    assert yard.run("list").exit_code == code
