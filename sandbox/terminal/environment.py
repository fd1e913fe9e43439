"""Writes what a person sources to have an operator's terminal: `. out/sandbox/env`."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from baler.cli.stack_outputs import OPTIONS
from sandbox.iam.parties import credentials_of, parties_of
from sandbox.terminal.programs import described, install_programs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.deployed import DeployedStack
    from sandbox.iam.parties import Party

_DEFAULT: Final[Party] = "operator"

# Whatever the shell has of these would win over the profile, or point somewhere else.
_OTHERS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_PROFILE")


def write_environment(deployed: DeployedStack, folder: Path, *, up: Path | None = None) -> Path:
    """Write the file `env`, with `credentials` and the folder `bin` beside it, and return its path below the folder.

    Sourced by any POSIX shell, it reaches the stack as the operator; `AWS_PROFILE=consumer baler …` does as another
    party. Each output of the stack is a variable: what the commands read, where a command reads it.

    Args:
        deployed: the stack.
        folder: gets them; nobody else may read what is in the files.
        up: see `described`.
    """
    programs = folder.resolve() / "bin"
    install_programs(programs, described(deployed, up=up))
    exported = {**write_profiles(deployed, folder), "BALER_STACK": deployed.name, **variables_of(deployed.outputs)}
    lines = [
        f"# The stack {deployed.name!r} on LocalStack, as its operator. For another party: AWS_PROFILE=<party>, of",
        f"# {', '.join(parties_of(deployed))}. `pulumi` answers questions about this stack alone.",
        f"unset {' '.join(_OTHERS)}",
        *(f"export {name}={shlex.quote(value)}" for name, value in exported.items()),
        # LocalStack is on this machine, whatever proxy the shell names.
        *(f'export {name}="127.0.0.1${{{name}:+,${name}}}"' for name in ("NO_PROXY", "no_proxy")),
        f'export PATH={shlex.quote(str(programs))}:"$PATH"',
    ]
    return _private(folder / "env", "\n".join(lines) + "\n")


def write_profiles(deployed: DeployedStack, folder: Path) -> dict[str, str]:
    """Write the file `credentials`, a profile for each party, and return the variables by which AWS's tools find it."""
    credentials = _private(folder.resolve() / "credentials", _profiles(deployed, parties_of(deployed)))
    return {
        "AWS_ENDPOINT_URL": deployed.endpoint,
        "AWS_REGION": deployed.region,
        "AWS_DEFAULT_REGION": deployed.region,
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PROFILE": _DEFAULT,
    }


def variables_of(outputs: Mapping[str, object]) -> dict[str, str]:
    """Return a stack's outputs by the names of the variables that hold them, but for those that are no text.

    >>> variables_of({"filesIngestQueueUrl": "http://queue", "lakeRecordsTable": "records", "filesArchiveBucket": "b"})
    {'BALER_INGEST_QUEUE_URL': 'http://queue', 'BALER_LAKE_RECORDS_TABLE': 'records', 'BALER_ARCHIVE': 'b'}
    """
    return {variable_of(name): value for name, value in outputs.items() if isinstance(value, str)}


def variable_of(output: str) -> str:
    """Return the variable that holds an output."""
    if output in OPTIONS:
        return OPTIONS[output].variable
    words = re.sub(r"(?=[A-Z])", "_", output.removeprefix("files")).strip("_").upper()
    return f"BALER_{words}"


def _profiles(deployed: DeployedStack, parties: list[Party]) -> str:
    lines: list[str] = []
    for party in parties:
        # The names in the environment are those in the file, in capitals.
        pairs = credentials_of(deployed, party).environment().items()
        lines += [f"[{party}]", *(f"{name.lower()} = {value}" for name, value in pairs), ""]
    return "\n".join(lines)


def _private(path: Path, text: str) -> Path:
    """Write what only this user may read, from the first byte on."""
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    return path
