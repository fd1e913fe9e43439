"""The dead letters of the event stream, served by the same command as the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.events.announcement import message_of

if TYPE_CHECKING:
    from conftest import Yard
    from typer.testing import Result

KEY = "raw/event_type=metric/x.json"


@pytest.fixture(autouse=True)
def raw_bucket(yard: Yard) -> None:
    yard.s3.create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})


def run(yard: Yard, command: str, *words: str) -> Result:
    options = ("--dead-letter-queue-url", yard.dead, "--announced-bucket", "raw")
    return CliRunner().invoke(app, ["dead-letters", command, *options, *words])


def found(yard: Yard) -> str:
    (line,) = run(yard, "list", "--json").stdout.splitlines()
    return json.loads(line)["found"]


def announced(key: str = KEY) -> str:
    return message_of(key, "raw", 1_795_165_200.0)


@pytest.mark.requirement("EVENT-DEAD-02")
def test_a_message_whose_object_is_there_may_be_sent_again(yard: Yard) -> None:
    yard.s3.put_object(Bucket="raw", Key=KEY, Body=b"{}")
    yard.bury(announced())
    assert found(yard) == "transient"

    result = run(yard, "redrive", "--all", "--ingest-queue-url", yard.ingest)

    assert result.exit_code == ExitCode.OK
    (message,) = yard.sqs.receive_message(QueueUrl=yard.ingest)["Messages"]
    assert message.get("Body") == announced()


def test_what_the_function_found_in_an_object_is_told(yard: Yard) -> None:
    yard.s3.put_object(Bucket="raw", Key=KEY, Body=b"{}")
    yard.reject(announced(), "foreign_content")

    assert found(yard) == "foreign"


def test_an_object_that_is_gone_is_to_be_brought_back_and_its_message_not_discarded_by_reason(yard: Yard) -> None:
    yard.reject(announced(), "object_missing")
    assert found(yard) == "lost"

    result = run(yard, "discard", "--found", "lost", "--reason", "a test", "--yes")

    assert result.exit_code == ExitCode.USAGE


def test_an_object_in_glacier_is_to_be_restored_first(yard: Yard) -> None:
    yard.s3.put_object(Bucket="raw", Key=KEY, Body=b"{}", StorageClass="GLACIER")
    yard.bury(announced())

    assert found(yard) == "unreadable"


@pytest.mark.parametrize("body", ["no json", json.dumps({"Records": [{}]}), message_of(KEY, "another", 0.0)])
def test_what_announces_no_object_is_malformed_and_may_be_discarded(yard: Yard, body: str) -> None:
    yard.bury(body)
    assert found(yard) == "malformed"

    words = ("--found", "malformed", "--reason", "a test", "--yes", "--audit-log", str(yard.audit))
    assert "Discarded 1 message" in run(yard, "discard", *words).output


def test_it_must_be_said_what_messages_announce(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BALER_LANDING_BUCKET", "BALER_CLAIM_TABLE"):
        monkeypatch.delenv(name, raising=False)

    result = CliRunner().invoke(app, ["dead-letters", "list", "--dead-letter-queue-url", yard.dead])

    assert result.exit_code == ExitCode.USAGE
    assert "--announced-bucket" in result.stderr.replace("\n", "")
