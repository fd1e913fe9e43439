"""`baler events compact`, with a function of Lambda that answers as told."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.commands.events import compact

if TYPE_CHECKING:
    import pytest
    from typer.testing import Result

DONE = {"rewritten_hours": 2, "removed_files": 1, "rows": 1200, "files": 8}


class Function:
    """A function, and how it was called."""

    def __init__(self, body: object, error: str | None = None) -> None:
        self.answer = {"Payload": io.BytesIO(json.dumps(body).encode()), **({"FunctionError": error} if error else {})}
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(arguments)
        return self.answer


def run(function: Function, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    def client(service: str, **_: object) -> Function:
        assert service == "lambda"
        return function

    monkeypatch.setattr(compact, "client", client)
    variables = {"BALER_EVENTS_COMPACTOR_FUNCTION": "compactor"}
    return CliRunner().invoke(app, ["events", "compact", *options], env=variables)


def test_the_function_is_asked_by_its_alias_and_its_answer_told(monkeypatch: pytest.MonkeyPatch) -> None:
    function = Function(DONE)
    result = run(function, monkeypatch)
    assert result.exit_code == ExitCode.OK
    assert result.stdout == "Rewrote 2 hours, deleted 1 old file. The table has 1,200 events in 8 files.\n"
    (call,) = function.calls
    assert (call["FunctionName"], call["Qualifier"]) == ("compactor", "live")
    assert json.loads(call["Payload"]) == {"open_hours": False}


def test_open_hours_are_asked_for_and_programs_are_told_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    function = Function(DONE)
    assert json.loads(run(function, monkeypatch, "--open-hours", "--json").stdout) == DONE
    assert json.loads(function.calls[0]["Payload"]) == {"open_hours": True}


def test_a_function_that_fails_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(Function({"errorMessage": "cannot read the table"}, "Unhandled"), monkeypatch)
    assert result.exit_code == ExitCode.RETRY
    assert "cannot read the table" in result.stderr
