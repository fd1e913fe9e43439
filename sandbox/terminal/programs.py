"""What an operator's terminal has on its path: `baler`, `aws`, and a `pulumi` that answers what the pages ask of it."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.localstack.installation import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.deployed import DeployedStack

_STAND_IN: Final = Path(__file__).with_name("pulumi_stand_in.py")


def install_programs(folder: Path, stack: Mapping[str, Any]) -> None:
    """Put the programs into a folder, which is made where it is missing.

    Args:
        folder: an absolute path.
        stack: what `pulumi` answers from, as `described` returns it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    described = folder / "stack.json"
    _write(described, json.dumps(dict(stack)), mode=0o600)
    _install(folder / "pulumi", [sys.executable, "-I", _STAND_IN, described])
    # Version 1 of the CLI, which LocalStack brings, asks SQS at AWS whatever the variable says.
    aws = shlex.quote(str(INSTALLED.localstack / "bin" / "aws"))
    _write(folder / "aws", f'#!/bin/sh\nexec {aws} --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n', mode=0o755)
    # Not what lies in the folder where one stands and is called `baler` too.
    _install(folder / "baler", [sys.executable, "-P", "-m", "baler.cli.main"])


def described(deployed: DeployedStack, *, up: Path | None = None) -> dict[str, Any]:
    """Return what `pulumi` answers from.

    Args:
        deployed: the stack.
        up: the file by which `pulumi up` asks for things to be put back; without it, it is refused.
    """
    told = {"name": deployed.name, "outputs": dict(deployed.outputs), "config": dict(deployed.config)}
    return {**told, "up": str(up)} if up else told


def _install(program: Path, command: Sequence[str | Path]) -> None:
    words = " ".join(shlex.quote(str(word)) for word in command)
    _write(program, f'#!/bin/sh\nexec {words} "$@"\n', mode=0o755)


def _write(path: Path, text: str, *, mode: int) -> None:
    path.touch(mode)
    path.chmod(mode)
    path.write_text(text, encoding="utf-8")
