"""`baler events redrive` and `replay`, with a recovery function that answers as it is told."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.commands.events import redrive, replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

DONE = {"covered": 0, "recovered": 0, "left": 0, "beyond": 0, "events": 0, "rejections": 0, "failure": "", "records": 0}
REDRIVEN = {**DONE, "condition": "RecordAgeExceeded", "shard_id": "shardId-000000000000"}
REPLAYED = {**DONE, "after": None, "horizon": 0.0, "expired": False}
DIED = "died"


@dataclass
class Lambda:
    """Lambda with one function.

    Attributes:
        answers: what each call is answered with, one after the other; the last one again.
        calls: what it was invoked with.
    """

    answers: list[Any]
    calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's words
        assert FunctionName == "recovery"
        self.calls.append(json.loads(Payload))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == DIED:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorType": "Runtime.ExitError"}')}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Result, Lambda]]:
    def run_command(*words: str, answers: list[Any]) -> tuple[Result, Lambda]:
        function = Lambda(answers)
        monkeypatch.setattr(redrive, "lambda_client", lambda: function)
        monkeypatch.setattr(replay, "lambda_client", lambda: function)
        return CliRunner().invoke(app, ["events", *words, "--recovery-function", "recovery"]), function

    return run_command


def redriven(run: Callable[..., tuple[Result, Lambda]], *words: str, answers: list[Any]) -> tuple[Result, Lambda]:
    return run("redrive", "--failure-bucket", "failures", *(words or ("one",)), answers=answers)


def replayed(run: Callable[..., tuple[Result, Lambda]], *words: str, answers: list[Any]) -> tuple[Result, Lambda]:
    range_ = ("--from", "2026-11-20T09:00", "--to", "2026-11-20T10:00")
    return run("replay", "--stream", "events", "--shard", "shardId-0", *range_, *words, answers=answers)


def test_a_redrive_says_what_it_brought_back_of_each_object(run: Callable[..., tuple[Result, Lambda]]) -> None:
    answer = {**REDRIVEN, "covered": 1, "recovered": 3, "events": 2, "rejections": 1, "records": 4}

    result, function = redriven(run, "one", "two", answers=[answer, {**REDRIVEN, "covered": 4, "records": 4}])

    assert result.exit_code == ExitCode.OK
    assert "one: 3 records brought back, 1 committed before (RecordAgeExceeded)." in result.output
    assert "two: 0 records brought back, 4 committed before (RecordAgeExceeded)." in result.output
    assert "Brought 3 records back: 2 events, 1 rejection." in result.output
    assert len({call["run"] for call in function.calls}) == 1


def test_what_is_left_is_asked_for_again(run: Callable[..., tuple[Result, Lambda]]) -> None:
    answers = [
        {**REDRIVEN, "recovered": 2, "left": 1, "records": 2},
        {**REDRIVEN, "covered": 2, "recovered": 1, "records": 3},
    ]

    result, function = redriven(run, answers=answers)

    assert result.exit_code == ExitCode.OK
    assert len(function.calls) == 2
    assert "one: 3 records brought back, 0 committed before" in result.output


def test_a_function_that_dies_is_asked_for_ever_fewer_records(run: Callable[..., tuple[Result, Lambda]]) -> None:
    died = [DIED] * 9
    answers = [*died, {**REDRIVEN, "recovered": 1, "left": 1, "records": 1}, {**REDRIVEN, "recovered": 1, "records": 2}]

    result, function = redriven(run, answers=answers)

    assert result.exit_code == ExitCode.OK
    assert [call["at_most"] for call in function.calls] == [100, 50, 25, 12, 6, 3, 1, 1, 1, 1, 2]


def test_what_kills_for_ever_is_named_and_the_rest_goes_on(run: Callable[..., tuple[Result, Lambda]]) -> None:
    result, function = redriven(run, answers=[DIED])

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "one: cannot be brought back: the function dies of it." in result.output
    assert len(function.calls) < 20


def test_what_the_function_refuses_is_named_and_needs_attention(run: Callable[..., tuple[Result, Lambda]]) -> None:
    answers = [{"refused": "its records are of another stream"}, {**REDRIVEN, "recovered": 1, "records": 1}]

    result, _ = redriven(run, "one", "two", answers=answers)

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "one: cannot be brought back: its records are of another stream." in result.output
    assert "two: 1 record brought back" in result.output


def test_a_store_that_does_not_answer_is_no_success(run: Callable[..., tuple[Result, Lambda]]) -> None:
    result, _ = redriven(run, answers=[{**REDRIVEN, "left": 3, "failure": "put a raw object: SlowDown"}])

    assert result.exit_code == ExitCode.RETRY
    assert "SlowDown" in result.output
    assert "1 object left: give the same command again." in result.output


def test_nothing_that_gets_on_is_not_tried_for_ever(run: Callable[..., tuple[Result, Lambda]]) -> None:
    result, function = redriven(run, answers=[{**REDRIVEN, "left": 3}])

    assert result.exit_code == ExitCode.RETRY
    assert len(function.calls) == 3


def test_a_dry_run_says_what_would_be_done(run: Callable[..., tuple[Result, Lambda]]) -> None:
    result, function = redriven(run, "one", "--dry-run", answers=[{**REDRIVEN, "covered": 1, "recovered": 3}])

    assert function.calls[0]["dry_run"]
    assert "one: 3 records would be brought back, 1 committed before" in result.output


def test_a_replay_goes_on_until_the_end_of_its_range(run: Callable[..., tuple[Result, Lambda]]) -> None:
    answers = [
        {**REPLAYED, "recovered": 2, "records": 5, "after": "7"},
        {**REPLAYED, "recovered": 1, "records": 5, "beyond": 2},
    ]

    result, function = replayed(run, answers=answers)

    assert result.exit_code == ExitCode.OK
    assert [call["after"] for call in function.calls] == ["", "7"]
    assert "shardId-0: 3 records brought back, 7 committed before, 2 left to the processor." in result.output


@pytest.mark.parametrize(("words", "put_back"), [((), False), (("--put-back",), True)])
def test_objects_are_put_back_where_it_is_asked_for(
    run: Callable[..., tuple[Result, Lambda]],
    words: tuple[str, ...],
    put_back: bool,  # noqa: FBT001 - of a table
) -> None:
    _, function = replayed(run, *words, answers=[REPLAYED])

    assert function.calls[0]["put_back"] is put_back


def test_what_has_expired_is_said_and_is_no_success(run: Callable[..., tuple[Result, Lambda]]) -> None:
    horizon = 1_795_167_000.0  # 2026-11-20T09:30

    result, _ = replayed(run, "--json", answers=[{**REPLAYED, "recovered": 2, "records": 2, "horizon": horizon}])

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    (expired,) = [each for each in map(json.loads, result.output.splitlines()) if each["event"] == "expired"]
    assert (expired["shard_id"], expired["from"], expired["to"]) == (
        "shardId-0",
        "2026-11-20T09:00:00Z",
        "2026-11-20T09:30:00Z",
    )
