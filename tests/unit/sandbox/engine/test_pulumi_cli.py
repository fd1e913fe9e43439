import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from sandbox.engine.errors import ConfigurationError, PulumiCommandError
from sandbox.engine.pulumi_cli import deploy_with_cli

WriteProject = Callable[..., Path]

PROJECT = """
    name: baler
    runtime: {name: python, options: {toolchain: pip, virtualenv: .venv}}
    config:
      baler:days: {type: integer, default: 7}
"""
STACK = """
    config:
      aws:region: eu-west-2
      aws:endpoints: [{s3: "http://localhost:4566", sqs: "http://localhost:4566"}]
      baler:days: 8
"""
# Notes how it was called and what it found, and fails at the command that FAIL_AT names.
STAND_IN = """\
    import json, os, pathlib, sys

    variables = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
    call = {"arguments": sys.argv[1:], "folder": os.getcwd(), "variables": {v: os.environ.get(v) for v in variables}}
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(json.dumps(call) + chr(10))
    if sys.argv[1] == "up":
        print("updating")
    if sys.argv[1:3] == ["stack", "output"]:
        print(json.dumps({"region": "eu-west-2"}))
    sys.exit(255 if sys.argv[1] == os.environ.get("FAIL_AT") else 0)
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Put a stand-in for pulumi on PATH, and tell how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    stand_in = folder / "pulumi"
    stand_in.write_text(f"#!{sys.executable}\n{dedent(STAND_IN)}")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", "/somewhere")
    return lambda: [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]


def run(folder: Path, **overrides: Any) -> dict[str, Any]:
    return deploy_with_cli(endpoint="http://127.0.0.1:5000", stack="test", overrides=overrides, project_dir=folder)


def test_a_stack_is_created_updated_and_its_outputs_read(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject, capfd: pytest.CaptureFixture[str]
) -> None:
    outputs = run(write_project(project=PROJECT, stack=STACK))

    assert outputs == {"region": "eu-west-2"}
    common = ["--stack", "test", "--non-interactive"]
    assert [call["arguments"] for call in calls()] == [
        ["stack", "init", "--no-select", *common],
        ["up", "--yes", "--skip-preview", "--suppress-outputs", *common],
        ["stack", "output", "--json", *common],
    ]
    assert capfd.readouterr().out == "updating\n"


def test_a_stack_that_is_deployed_again_is_updated_and_not_made_anew(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject
) -> None:
    folder = write_project(project=PROJECT, stack=STACK)
    run(folder)
    (folder / "build" / "pulumi" / "test" / "state" / "kept").touch()
    deploy_with_cli(endpoint="http://127.0.0.1:5000", stack="test", overrides={}, project_dir=folder, again=True)
    assert [call["arguments"][0] for call in calls()] == ["stack", "up", "stack", "up", "stack"]
    assert (folder / "build" / "pulumi" / "test" / "state" / "kept").exists()


def test_the_state_is_in_a_folder_below_build_without_a_passphrase(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject
) -> None:
    folder = write_project(project=PROJECT, stack=STACK)

    run(folder)

    workspace = folder / "build" / "pulumi" / "test"
    for call in calls():
        assert call["folder"] == str(workspace)
        assert call["variables"] == {
            "PULUMI_BACKEND_URL": f"file://{workspace}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_CONFIG_PASSPHRASE_FILE": None,
        }


def test_the_generated_project_runs_our_program_in_our_environment(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject
) -> None:
    folder = write_project(project=PROJECT, stack=STACK)

    run(folder)

    generated = yaml.safe_load((Path(calls()[0]["folder"]) / "Pulumi.yaml").read_text())
    assert generated["name"] == "baler"
    assert generated["config"] == {"baler:days": {"type": "integer", "default": 7}}
    assert Path(generated["main"]) == folder
    assert generated["runtime"]["options"] == {"toolchain": "pip", "virtualenv": str(folder / ".venv")}


def test_the_generated_stack_has_the_overrides_and_the_endpoint(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject
) -> None:
    run(write_project(project=PROJECT, stack=STACK), days=9)

    generated = yaml.safe_load((Path(calls()[0]["folder"]) / "Pulumi.test.yaml").read_text())
    assert generated["config"] == {
        "aws:region": "eu-west-2",
        "aws:endpoints": [{"s3": "http://127.0.0.1:5000", "sqs": "http://127.0.0.1:5000"}],
        "baler:days": 9,
    }


def test_the_state_of_an_earlier_run_is_gone(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject
) -> None:
    folder = write_project(project=PROJECT, stack=STACK)
    old = folder / "build" / "pulumi" / "test" / "state" / "old"
    old.mkdir(parents=True)

    run(folder)

    assert calls()
    assert not old.exists()


@pytest.mark.parametrize(("command", "message"), [("stack", "pulumi stack init"), ("up", "pulumi up")])
def test_a_command_that_fails_ends_the_deployment(
    calls: Callable[[], list[dict[str, Any]]],
    write_project: WriteProject,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    message: str,
) -> None:
    monkeypatch.setenv("FAIL_AT", command)

    with pytest.raises(PulumiCommandError, match=rf"{message} .*code 255"):
        run(write_project(project=PROJECT, stack=STACK))

    assert calls()[-1]["arguments"][0] == command


def test_a_stack_that_would_go_to_aws_is_refused_before_pulumi_is_called(
    calls: Callable[[], list[dict[str, Any]]], write_project: WriteProject, tmp_path: Path
) -> None:
    assert callable(calls)
    with pytest.raises(ConfigurationError, match="no aws:endpoints"):
        run(write_project(project=PROJECT, stack="config: {aws:region: eu-west-2}"))

    assert not (tmp_path / "calls").exists()


def test_a_machine_without_pulumi_gets_one_sentence(
    write_project: WriteProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(PulumiCommandError, match="needs the Pulumi CLI on PATH, and there is none"):
        run(write_project(project=PROJECT, stack=STACK))
