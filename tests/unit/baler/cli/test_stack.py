"""What a command needs is given, or is in the file, or the stack says it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.cli.stack_outputs import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

PROJECT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def stacks(aws_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - where boto3 finds moto
    """Two stacks, in a folder without a file of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    with mock_aws():
        for stack in ("prod", "staging"):
            said = {"filesDistributionBucket": f"mailbox-of-{stack}", "region": "eu-west-2"}
            boto3.client("ssm").put_parameter(Name=f"/baler/{stack}", Type="String", Value=json.dumps(said))
        yield


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "300", **environment})


def mailbox_of(*arguments: str, **environment: str) -> str:
    """Return which mailbox `baler redeliver` looks into: there is none, and it says so."""
    result = run(*arguments, **environment)
    assert result.exit_code == ExitCode.CANNOT_PROCEED, result.output
    return result.stderr.partition("mailbox '")[2].partition("'")[0]


def test_an_option_goes_before_its_variable_that_before_the_file_and_the_file_before_the_stack(tmp_path: Path) -> None:
    command = ["--stack", "prod", "redeliver", "--all"]
    assert mailbox_of(*command) == "mailbox-of-prod"
    (tmp_path / "baler.toml").write_text('[redeliver]\nmailbox = "of-the-file"\n')
    assert mailbox_of(*command) == "of-the-file"
    assert mailbox_of(*command, BALER_MAILBOX="of-variable") == "of-variable"
    assert mailbox_of(*command, "--mailbox", "of-option", BALER_MAILBOX="of-variable") == "of-option"


def test_the_stack_is_named_behind_the_command_or_before_it_or_by_its_variable_or_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "baler.toml").write_text('stack = "staging"\n')
    assert mailbox_of("redeliver", "--all") == "mailbox-of-staging"
    assert mailbox_of("redeliver", "--all", BALER_STACK="prod") == "mailbox-of-prod"
    assert mailbox_of("--stack", "staging", "redeliver", "--all", BALER_STACK="prod") == "mailbox-of-staging"
    before_and_behind = ("--stack", "prod", "redeliver", "--all", "--stack", "staging")
    assert mailbox_of(*before_and_behind, BALER_STACK="prod") == "mailbox-of-staging"


def test_what_is_given_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    call = cast("Any", BaseClient)._make_api_call

    def recording(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        asked.append(operation)
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", recording)
    run("--stack", "prod", "redeliver", "--all", "--mailbox", "given")
    assert "GetParameter" not in asked
    run("--stack", "prod", "redeliver", "--all")
    assert asked.count("GetParameter") == 1


def test_without_a_stack_the_option_is_asked_for() -> None:
    result = run("redeliver", "--all")
    assert result.exit_code == ExitCode.USAGE
    assert "Name the stack (--stack, BALER_STACK, baler.toml), or give --mailbox." in result.stderr


def test_a_stack_that_is_not_there_is_named_with_the_region_in_which_it_is_not() -> None:
    result = run("--stack", "prdo", "redeliver", "--all")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "There is no stack 'prdo' in eu-west-2: it has no parameter /baler/prdo." in result.stderr


def test_a_stack_that_lacks_what_a_command_needs_is_named() -> None:
    result = run("--stack", "prod", "events", "compact")
    assert result.exit_code == ExitCode.USAGE
    assert "Stack 'prod' has no output eventsCompactorFunction" in result.stderr


def test_an_output_has_a_variable_of_its_own() -> None:
    variables = [option.variable for option in OPTIONS.values()]
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize(
    ("words", "offered"),
    [("baler eve", "events"), ("baler events prod", "produce"), ("baler events produce --str", "--stream")],
)
def test_a_shell_completes_words_without_asking_aws(words: str, offered: str) -> None:
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_BALER_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'baler'; from baler.cli.main import main; main()"],
        env={"PATH": "", "PYTHONPATH": str(PROJECT), "AWS_ENDPOINT_URL": "http://127.0.0.1:1", **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [offered]
