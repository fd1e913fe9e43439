"""What `. out/sandbox/env` puts into a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from baler.cli.stack_outputs import OPTIONS
from sandbox.deployed import DeployedStack
from sandbox.engine.endpoint import Credentials
from sandbox.terminal import environment as module
from sandbox.terminal.environment import variable_of, write_environment

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = {
    "region": "eu-west-2",
    "filesLandingBucket": "landing with a space",
    "filesDistributionBucket": "mailbox",
    "filesConsumerRoleArn": "arn:aws:iam::000000000000:role/consumer",
    "filesExternalPartyRoleArn": "arn:aws:iam::000000000000:role/external-party",
    "lakeSourceSecrets": {"one": "arn"},
}


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def credentials(_: DeployedStack, party: str) -> Credentials:
        return Credentials(f"key-of-{party}", "secret", "token")

    monkeypatch.setattr(module, "credentials_of", credentials)
    config = {"baler:filesMaxFileMegabytes": "100"}
    stack = DeployedStack("http://127.0.0.1:4566", "eu-west-2", "local", config, "arn:topic", OUTPUTS, {})
    return write_environment(stack, tmp_path)


def in_shell(env: Path, line: str, **variables: str) -> str:
    """Type a line in a shell of any kind that has the file."""
    command = ["sh", "-euc", f". {env}; {line}"]
    environment = {"PATH": os.defpath, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_nobody_else_may_read_it(env: Path) -> None:
    private = (env, env.with_name("credentials"), env.with_name("bin") / "stack.json")
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert "secret" not in env.read_text()


def test_a_stack_s_names_are_there_by_variable_and_by_pulumi(env: Path) -> None:
    assert in_shell(env, "echo $BALER_MAILBOX $BALER_STACK") == "mailbox local\n"
    assert in_shell(env, "echo $BALER_LANDING_BUCKET") == "landing with a space\n"
    assert json.loads(in_shell(env, "pulumi stack output --json")) == OUTPUTS
    assert in_shell(env, "pulumi config get baler:filesMaxFileMegabytes") == "100\n"


def test_one_is_the_operator_unless_one_says_who_whatever_the_shell_had(env: Path) -> None:
    ask = "import boto3; print(boto3.Session().get_credentials().access_key)"
    shells_own = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "mine", "AWS_CONFIG_FILE": "/nowhere"}
    assert in_shell(env, f'{sys.executable} -c "{ask}"', **shells_own) == "key-of-operator\n"
    assert in_shell(env, f'AWS_PROFILE=consumer {sys.executable} -c "{ask}"', **shells_own) == "key-of-consumer\n"


def test_this_machine_is_reached_whatever_proxy_the_shell_names(env: Path) -> None:
    assert in_shell(env, "echo $NO_PROXY $no_proxy", NO_PROXY="intranet") == "127.0.0.1,intranet 127.0.0.1\n"


def test_a_command_reads_an_output_from_the_variable_that_has_it() -> None:
    assert {output for output, option in OPTIONS.items() if variable_of(output) != option.variable} == set()
    assert variable_of("filesConsumerRoleArn") == "BALER_CONSUMER_ROLE_ARN"
