"""Starts LocalStack for the length of a `with` block."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from sandbox.errors import SandboxError
from sandbox.localstack.configuration import environment, iam_environment
from sandbox.localstack.installation import INSTALLED, Installation, interpreter
from sandbox.localstack.ports import LOOPBACK, require_free

if TYPE_CHECKING:
    from collections.abc import Generator

DEFAULT_PORT: Final = 4566

_SUPERVISOR: Final = Path(__file__).with_name("supervisor.py")
_START_SECONDS: Final = 600.0  # it takes about two; the first one compiles LocalStack, perhaps on a busy machine
_STOP_SECONDS: Final = 30.0  # more than the supervisor allows LocalStack
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class LocalStack:
    """A LocalStack that is ready."""

    endpoint: str
    """The URL of every service, for example http://127.0.0.1:4566"""
    refusals: Path | None = None
    """The file of the requests that IAM refused; None where nobody knows (`sandbox.iam.refusals` reads it)."""


@contextmanager
def running_localstack(
    log: Path,
    *,
    port: int = DEFAULT_PORT,
    installation: Installation = INSTALLED,
    enforce_iam: bool = True,
    wire: str = "none",
) -> Generator[LocalStack]:
    """Start LocalStack, empty, and stop it when the block ends.

    Nothing of it survives this process, however that ends: see `supervisor`.

    Args:
        log: file that gets what LocalStack writes; one that exists is overwritten.
        port: where it listens, on the loopback interface alone.
        installation: the virtual environments to run it from.
        enforce_iam: refuse what the deployed policies refuse, and write `refusals.jsonl` beside the log.
        wire: `none`, `aws` or `bad-day`, or a TOML file: how connections behave from the start
            (`sandbox.localstack.wire` changes it later).

    Raises:
        SandboxError: if it is not installed, if the port is busy, if it ends or is not ready in time.
    """
    installation.require()
    require_free(port)
    log.parent.mkdir(parents=True, exist_ok=True)
    refusals = log.with_name("refusals.jsonl") if enforce_iam else None
    if refusals:
        refusals.write_bytes(b"")
    volume = Path(tempfile.gettempdir(), f"baler-localstack-{token_hex(6)}")
    localstack = [str(interpreter(installation.localstack)), "-m", "localstack.runtime.main"]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(  # noqa: S603 - our own program, by our own interpreter
            [sys.executable, "-I", str(_SUPERVISOR), str(volume), *localstack],
            env=environment(
                port=port,
                volume=volume,
                function_python=interpreter(installation.function),
                iam=iam_environment(evaluator=installation.evaluator, refusals=refusals) if refusals else {},
                wire=wire,
            ),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is for this process
        )
    try:
        _wait_until_ready(supervisor, port, log)
        yield LocalStack(f"http://{LOOPBACK}:{port}", refusals)
    finally:
        _stop(supervisor)


def _wait_until_ready(supervisor: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            supervisor.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if _is_healthy(port):
                return
        else:
            raise SandboxError(f"LocalStack ended while it started: {_last_line(log)} (all of it is in {log})")
    raise SandboxError(f"LocalStack was not ready after {_START_SECONDS:.0f} s: {_last_line(log)} (see {log})")


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/_localstack/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False  # not yet
    finally:
        connection.close()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")


def _stop(supervisor: subprocess.Popen[bytes]) -> None:
    assert supervisor.stdin is not None  # noqa: S101 - it was asked for
    supervisor.stdin.close()
    try:
        supervisor.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()  # the kernel then kills LocalStack
        supervisor.wait()
