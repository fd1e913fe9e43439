"""What `baler events produce` sends, and what it says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Shutdown, Stopping

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Pipeline

FAST = ("--rate", "10000", "--duration", "0.003")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(_shutdown: Shutdown, _seconds: float) -> None: ...

    monkeypatch.setattr(Shutdown, "wait", wait)


def answer_puts(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
    """Let PutRecords answer so, an exception or a change of moto's answer each, and then as moto does."""
    call = cast("Any", BaseClient)._make_api_call
    script = list(answers)

    def scripted(client: BaseClient, name: str, parameters: dict[str, Any]) -> Any:
        if name != "PutRecords" or not script:
            return call(client, name, parameters)
        answer = script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer(call(client, name, parameters))

    monkeypatch.setattr(BaseClient, "_make_api_call", scripted)


@pytest.mark.requirement("EVENT-PRODUCER-01")
def test_it_sends_as_many_events_as_rate_and_duration_make(pipeline: Pipeline) -> None:
    result = pipeline.run("produce", *FAST, "--batch-size", "7", "--json")

    assert result.exit_code == ExitCode.OK
    found = json.loads(result.stdout)
    assert (found["sent"], found["retried"], found["refused"], found["not_sent"]) == (30, 0, 0, 0)
    assert found["calls"] >= 5
    records = pipeline.records()
    assert len(records) == 30
    assert {record["event_type"] for record in records} <= {"user_action", "transaction", "metric", "system_event"}


def test_the_same_seed_makes_the_same_events_but_for_their_time(pipeline: Pipeline) -> None:
    def contents() -> list[str]:
        return sorted(json.dumps({**record, "timestamp": ""}) for record in pipeline.records())

    pipeline.run("produce", *FAST, "--seed", "7")
    once = contents()
    pipeline.run("produce", *FAST, "--seed", "7")
    assert contents() == sorted(2 * once)
    pipeline.run("produce", *FAST, "--seed", "8")
    assert len(set(contents())) > 30


@pytest.mark.requirement("EVENT-PRODUCER-02")
def test_a_file_says_what_to_send_and_an_option_goes_before_it(pipeline: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "producer.yaml"
    file.write_text("producer:\n  rate: 1000\n  duration: 0.005\n  batch_size: 2\n  types: [metric]\n")
    result = pipeline.run("produce", "--config", str(file), "--duration", "0.008")

    assert result.exit_code == ExitCode.OK
    assert [record["event_type"] for record in pipeline.records()] == ["metric"] * 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("producer:\n  rate: 0\n", "rate"),
        ("producer:\n  batch_size: 501\n", "batch_size"),
        ("producer:\n  types: [metrics]\n", "metrics is not declared"),
        ("producer:\n  speed: 7\n", "speed"),
        ("rate: 7\n", "no mapping `producer`"),
        ("[", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_name(pipeline: Pipeline, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "producer.yaml"
    file.write_text(text)
    result = pipeline.run("produce", "--config", str(file))

    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert told in result.stderr
    assert pipeline.records() == []


def test_types_are_named_with_commas_or_one_by_one(pipeline: Pipeline) -> None:
    for named in (("--types", "metric,transaction"), ("--types", "metric", "--types", "transaction")):
        assert pipeline.run("produce", *FAST, *named).exit_code == ExitCode.OK
    assert {record["event_type"] for record in pipeline.records()} == {"metric", "transaction"}


def test_an_option_that_is_wrong_is_a_wrong_command_line(pipeline: Pipeline) -> None:
    for wrong in (("--types", "metrics"), ("--batch-size", "501")):
        assert pipeline.run("produce", *wrong).exit_code == ExitCode.USAGE


def test_what_was_refused_or_not_answered_is_sent_again_and_told(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing_the_first(answer: dict[str, Any]) -> dict[str, Any]:
        refused = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow"}
        return {**answer, "Records": [refused, *answer["Records"][1:]]}

    answer_puts(monkeypatch, refusing_the_first, ReadTimeoutError(endpoint_url="http://kinesis"))
    result = pipeline.run("produce", *FAST, "--batch-size", "30", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == ExitCode.OK
    assert (found["sent"], found["retried"] > 1, found["perhaps_twice"] >= 1) == (30, True, True)


def test_a_stream_that_is_not_there_is_told_in_a_sentence(pipeline: Pipeline) -> None:
    result = pipeline.run("produce", *FAST, BALER_EVENTS_STREAM="nowhere")

    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "nowhere" in result.stderr
    assert "0 sent" in result.stdout


def test_a_stream_that_takes_nothing_is_given_up_after_the_patience(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttled = ClientError({"Error": {"Code": "LimitExceededException", "Message": "slow"}}, "PutRecords")
    answer_puts(monkeypatch, *[throttled] * 5)
    result = pipeline.run("produce", *FAST, "--patience", "0")

    assert result.exit_code == ExitCode.RETRY
    assert "10 were not sent" in result.stdout


def test_ctrl_c_ends_with_the_statistics(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_shutdown: Shutdown, _seconds: float) -> None:
        raise Stopping

    monkeypatch.setattr(Shutdown, "wait", stopped)
    result = pipeline.run("produce", *FAST)

    assert result.exit_code == ExitCode.STOPPED
    assert "10 sent" in result.stdout
    assert len(pipeline.records()) == 10
