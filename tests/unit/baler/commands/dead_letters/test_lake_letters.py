"""The dead letters of the lake, served by the same command as the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.lake.announcement import Announcement, message_of
from baler.lake.refusal_reason import RefusalReason

if TYPE_CHECKING:
    from conftest import Yard
    from typer.testing import Result

KEY = f"raw/source=posts/date=2026-03-08/20260308T100000Z-{'0' * 64}.json"
BODY = message_of(Announcement(KEY, None, 1_772_964_000.0), "raw")


@pytest.fixture(autouse=True)
def raw_bucket(yard: Yard) -> None:
    yard.s3.create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    yard.s3.put_object(Bucket="raw", Key=KEY, Body=b"[]")


def run(yard: Yard, command: str, *words: str) -> Result:
    options = ("--dead-letter-queue-url", yard.dead, "--announced-bucket", "raw")
    return CliRunner().invoke(app, ["dead-letters", command, *options, *words])


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        (RefusalReason.FOREIGN_OBJECT, "foreign"),
        (RefusalReason.UNREADABLE, "unreadable"),
        (RefusalReason.KILLS, "kills"),
        (RefusalReason.UNFORESEEN, "transient"),
        # It has come since.
        (RefusalReason.OBJECT_MISSING, "transient"),
    ],
)
def test_what_curation_found_is_told(yard: Yard, reason: RefusalReason, found: str) -> None:
    yard.reject(BODY, reason.value)
    (line,) = run(yard, "list", "--json").stdout.splitlines()
    assert json.loads(line)["found"] == found


def test_a_message_that_sqs_moved_may_be_sent_again(yard: Yard) -> None:
    yard.bury(BODY)
    result = run(yard, "redrive", "--found", "transient", "--ingest-queue-url", yard.ingest)
    assert result.exit_code == ExitCode.OK
    (message,) = yard.sqs.receive_message(QueueUrl=yard.ingest, MessageAttributeNames=["All"])["Messages"]
    assert message.get("Body") == BODY
    # Its tries begin anew.
    assert "tries" not in message.get("MessageAttributes", {})


def stack_of(yard: Yard) -> dict[str, str]:
    """Let the stack say what it has of the lake; return variables that name it, and the file pipeline's queue too."""
    said = {"lakeCurationDeadLetterQueueUrl": yard.dead, "lakeCurationQueueUrl": yard.ingest, "lakeRawBucket": "raw"}
    boto3.client("ssm").put_parameter(Name="/baler/prod", Type="String", Value=json.dumps(said))
    return {
        "BALER_STACK": "prod",
        "BALER_DEAD_LETTER_QUEUE_URL": "of-the-files",
        "BALER_INGEST_QUEUE_URL": "of-the-files",
    }


def test_a_queue_of_the_stack_is_named_by_its_kind_whatever_variables_say_of_the_files(yard: Yard) -> None:
    yard.bury(BODY)
    words = ["dead-letters", "redrive", "--all", "--queue", "lake-curation"]
    result = CliRunner().invoke(app, words, env=stack_of(yard))
    assert result.exit_code == ExitCode.OK, result.output
    assert len(yard.sqs.receive_message(QueueUrl=yard.ingest)["Messages"]) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--queue", "lake-curation", "--announced-bucket", "raw"], "--queue says what --announced-bucket is"),
        (["--queue", "events-transform"], "Stack 'prod' has no queue events-transform"),
    ],
)
def test_a_queue_that_is_named_twice_or_that_the_stack_lacks_is_refused(yard: Yard, words: list[str], why: str) -> None:
    result = CliRunner().invoke(app, ["dead-letters", "list", *words], env=stack_of(yard))
    assert result.exit_code == ExitCode.USAGE
    assert why in result.stderr
