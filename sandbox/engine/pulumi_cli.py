"""Deploys with the real engine: `pulumi up` of the same program and stack, in place of the one of this package.

Written from the CLI's source (pulumi/pulumi, `pkg/cmd/pulumi`, 3.260) and tested against a stand-in that records
its calls. The CLI needs no account here: the state is in a folder, and its secrets have an empty passphrase.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, cast

import yaml

from sandbox.engine.configuration import stack_config, stack_values
from sandbox.engine.errors import ConfigurationError, PulumiCommandError
from sandbox.engine.program import PROJECT_DIR
from sandbox.engine.project import read_project, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def deploy_with_cli(
    *, endpoint: str, stack: str, overrides: Mapping[str, Any], project_dir: Path = PROJECT_DIR, again: bool = False
) -> dict[str, Any]:
    """Run `pulumi up` for a stack of that name, a new one unless it is deployed again, and return the stack's outputs.

    The CLI prints its progress as it goes. Its project is a generated one below `build/`, whose program is ours:
    `pulumi stack init` writes the stack's encryption salt into the stack file, and it has no option to name
    another than the one beside `Pulumi.yaml`.

    Args:
        endpoint: URL of a LocalStack, to which every endpoint of the stack file is pointed.
        stack: Name of the stack whose file configures the program.
        overrides: Configuration that wins over the stack file's, by key.
        project_dir: The folder of `Pulumi.yaml`, the stack file and `__main__.py`.
        again: Update what an earlier call has deployed.

    Raises:
        ConfigurationError: The stack names no endpoints of its own, so that it would be deployed to AWS.
        PulumiCommandError: The CLI is not installed, or ended with an error.
    """
    executable = pulumi_executable()
    workspace = project_dir / "build" / "pulumi" / stack
    if not again:
        shutil.rmtree(workspace, ignore_errors=True)
    state = workspace / "state"
    state.mkdir(parents=True, exist_ok=True)
    _write_project(workspace, project_dir)
    _write_stack(workspace, project_dir, stack, endpoint, overrides)

    environment = os.environ | {
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    environment.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)

    def pulumi(*arguments: str, output: int | None = subprocess.PIPE) -> str:
        command = [executable, *arguments, "--stack", stack, "--non-interactive"]
        done = subprocess.run(command, cwd=workspace, env=environment, stdout=output, text=True, check=False)  # noqa: S603 - the user's own pulumi, with our arguments
        if done.returncode != 0:
            raise PulumiCommandError(
                f"pulumi {' '.join(arguments)} ended with code {done.returncode}; what it said is above."
            )
        return done.stdout

    if not again:
        pulumi("stack", "init", "--no-select")
    pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", output=None)
    return cast("dict[str, Any]", json.loads(pulumi("stack", "output", "--json")))


def pulumi_executable() -> str:
    """Return the path of the Pulumi CLI.

    Raises:
        PulumiCommandError: It is not installed.
    """
    executable = shutil.which("pulumi")
    if executable is None:
        raise PulumiCommandError(
            "ENGINE=pulumi needs the Pulumi CLI on PATH, and there is none: install it from "
            "https://www.pulumi.com/docs/install/, or leave ENGINE out."
        )
    return executable


def _write_project(workspace: Path, project_dir: Path) -> None:
    project = read_yaml(project_dir / "Pulumi.yaml")
    # Both are relative to Pulumi.yaml, which is elsewhere now.
    project["main"] = str(project_dir)
    options = project["runtime"]["options"]
    options["virtualenv"] = str(project_dir / options["virtualenv"])
    _write_yaml(workspace / "Pulumi.yaml", project)


def _write_stack(workspace: Path, project_dir: Path, stack: str, endpoint: str, overrides: Mapping[str, Any]) -> None:
    # Refuses what the CLI would refuse, in our words and before it starts.
    stack_config(project_dir, stack, overrides)
    project = read_project(project_dir)
    values = stack_values(project, read_yaml(project_dir / f"Pulumi.{stack}.yaml"))
    endpoints = cast("list[dict[str, str]]", values.get("aws:endpoints") or [])
    if not endpoints:
        raise ConfigurationError(
            f"Stack {stack} has no aws:endpoints, so that `pulumi up` would deploy it to AWS: "
            "the sandbox only takes a stack that names them, like local."
        )
    values |= {project.qualified(key): value for key, value in overrides.items()}
    values["aws:endpoints"] = [dict.fromkeys(services, endpoint) for services in endpoints]
    _write_yaml(workspace / f"Pulumi.{stack}.yaml", {"config": values})


def _write_yaml(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True), encoding="utf-8")
