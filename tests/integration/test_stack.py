"""A stack is named once: what it says of itself, to an operator and to nobody who comes from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from harness.alarms import stack_of

from baler.cli.exit_codes import ExitCode
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pipeline import Pipeline

    from sandbox.iam.parties import Party
    from sandbox.iam.refusals import Refusal


def run(pipeline: Pipeline, party: Party, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the name of the stack and a party's credentials, and nothing else."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BALER_"))}
    environment = {**own, **environment_of(pipeline.deployed, party), "BALER_STACK": stack_of(pipeline)}
    command = [sys.executable, "-m", "baler.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_operator_needs_the_name_of_the_stack_alone(pipeline: Pipeline) -> None:
    deployed = pipeline.deployed
    said = json.loads(run(pipeline, "operator", "env", "--json").stdout)
    assert said == {name: value for name, value in deployed.outputs.items() if isinstance(value, str | int)}
    assert run(pipeline, "operator", "env", "filesArchiveBucket").stdout == f"{deployed.archive_bucket}\n"
    assert run(pipeline, "operator", "dead-letters", "list").stderr == "No dead letters.\n"
    examined = run(pipeline, "operator", "doctor")
    assert examined.returncode == ExitCode.OK, examined.stdout + examined.stderr
    assert "ok       stack: " in examined.stdout


def test_the_consumer_may_not_ask_what_the_stack_says_and_is_told_what_to_give(
    pipeline: Pipeline, refusals: Callable[[], list[Refusal]]
) -> None:
    asked = run(pipeline, "consumer", "consume", "--into", "/nowhere", "--once")
    assert asked.returncode == ExitCode.CANNOT_PROCEED
    assert "your role may not ssm:GetParameter" in asked.stderr
    assert [refusal.action for refusal in refusals()] == ["ssm:GetParameter"]
