"""The list of sub-commands, each of which is imported only where it is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baler.cli.main import SUB_COMMANDS, app, sub_command

PROJECT = Path(__file__).parents[4]
COMMANDS = PROJECT / "baler" / "commands"


def modules_after(*arguments: str) -> set[str]:
    """Run `baler` in a process of its own and return the names of what it has imported."""
    program = (
        "import json, sys\n"
        "from baler.cli.main import app\n"
        "try:\n    app(sys.argv[1:], prog_name='baler')\n"
        "finally:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *arguments]
    # Typer would ask which shell started it, and a suite may be started by none: the words name the shell.
    told = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, env=told)
    return set(json.loads(done.stderr))


def sub_commands_in(modules: set[str]) -> set[str]:
    return {name.split(".")[2] for name in modules if name.startswith("baler.commands.")}


def test_the_list_of_sub_commands_imports_none_of_them() -> None:
    modules = modules_after("--help")

    assert sub_commands_in(modules) == set()
    assert not modules & {"boto3", "botocore", "pydantic", "rich.progress"}


@pytest.mark.parametrize("words", [("--stack", "prod", "--help"), ("env", "--help"), ("--show-completion", "bash")])
def test_naming_a_stack_imports_nothing_that_asks_aws_until_a_command_does(words: tuple[str, ...]) -> None:
    assert not modules_after(*words) & {"boto3", "botocore", "tomllib"}


def test_a_sub_command_imports_no_other() -> None:
    assert sub_commands_in(modules_after("consume", "--help")) == {"consume"}


def test_every_folder_of_commands_is_listed() -> None:
    folders = {folder.parent.name.replace("_", "-") for folder in COMMANDS.glob("*/command.py")}

    assert set(SUB_COMMANDS) == folders


@pytest.mark.parametrize("name", SUB_COMMANDS)
def test_the_list_says_what_the_sub_command_says_of_itself(name: str) -> None:
    own = str(sub_command(name).help)

    assert own.split("\n\n", maxsplit=1)[0].replace("\n", " ") == SUB_COMMANDS[name]


def test_a_mistyped_sub_command_is_named_with_the_nearest() -> None:
    result = CliRunner().invoke(app, ["depoy"])

    assert result.exit_code == 2
    assert "Did you mean 'deploy'?" in result.output
