"""sandbox/localstack/server.py and its supervisor, with stand-ins for LocalStack that start in no time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import SandboxError
from sandbox.localstack import server
from sandbox.localstack.configuration import environment, iam_environment
from sandbox.localstack.endpoint import external_endpoint
from sandbox.localstack.installation import Installation
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import running_localstack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    MakeInstallation = Callable[[str], Installation]

HEALTHY = """
import http.server, os, pathlib, subprocess, sys, tempfile

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass

child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
pathlib.Path(os.environ["FILESYSTEM_ROOT"], "state").write_text("something")
print(os.getpid(), child.pid, os.environ["FILESYSTEM_ROOT"], flush=True)
host, port = os.environ["GATEWAY_LISTEN"].split(":")
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HEALTHY
SILENT = """
import os, time
print(os.getpid(), os.getpid(), os.environ["FILESYSTEM_ROOT"], flush=True)
time.sleep(600)
"""

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="orphans are inherited on Linux alone")


@pytest.fixture
def make_installation(tmp_path: Path) -> MakeInstallation:
    """Return what makes an installation whose LocalStack is the given Python program."""

    def make(program: str) -> Installation:
        environments = tmp_path / "localstack", tmp_path / "function"
        for folder in environments:
            (folder / "bin").mkdir(parents=True)
            (folder / ".ready").touch()
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        python = environments[0] / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/program.py"\n', encoding="utf-8")
        python.chmod(0o755)
        return Installation(*environments)

    return make


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "localstack.log"


class Started:
    """What a stand-in says about itself in its log: two processes and a folder."""

    def __init__(self, log: Path) -> None:
        line = log.read_text(encoding="utf-8").splitlines()[0]
        first, second, folder = line.split(" ", 2)
        self.processes = {int(first), int(second)}
        self.folder = Path(folder)

    def is_gone(self) -> bool:
        return not self.folder.exists() and not any(map(is_running, self.processes))


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool], expectation: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, expectation
        time.sleep(0.02)


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_the_endpoint_answers_within_the_block_and_nothing_is_left_after_it(
    make_installation: MakeInstallation, log: Path
) -> None:
    port = free_port()
    with running_localstack(log, port=port, installation=make_installation(HEALTHY)) as localstack:
        assert localstack.endpoint == f"http://127.0.0.1:{port}"
        started = Started(log)
        assert started.folder.stat().st_mode & 0o777 == 0o700
        assert all(map(is_running, started.processes))

    assert not started.folder.exists()
    assert not is_running(min(started.processes))


@on_linux
def test_a_process_that_localstack_leaves_running_is_killed_too(make_installation: MakeInstallation, log: Path) -> None:
    with running_localstack(log, port=free_port(), installation=make_installation(HEALTHY)):
        started = Started(log)

    assert started.is_gone()


@on_linux
def test_one_that_ignores_sigterm_is_killed(make_installation: MakeInstallation, log: Path) -> None:
    with running_localstack(log, port=free_port(), installation=make_installation(STUBBORN)):
        started = Started(log)

    assert started.is_gone()


@on_linux
def test_an_exception_in_the_block_stops_it(make_installation: MakeInstallation, log: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        running_localstack(log, port=free_port(), installation=make_installation(HEALTHY)),
    ):
        raise KeyboardInterrupt

    assert Started(log).is_gone()


SANDBOX = """
import sys
from pathlib import Path
from sandbox.localstack.installation import Installation
from sandbox.localstack.server import running_localstack

folder, log = map(Path, sys.argv[1:3])
installation = Installation(folder / "localstack", folder / "function")
with running_localstack(log, port=int(sys.argv[3]), installation=installation):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def start_sandbox(
    make_installation: MakeInstallation, tmp_path: Path, log: Path
) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Return what starts a Python process that holds a stand-in open, and returns once the stand-in runs."""
    with ExitStack() as sandboxes:

        def start(program: str) -> subprocess.Popen[bytes]:
            make_installation(program)
            sandbox = subprocess.Popen(
                [sys.executable, "-c", SANDBOX, tmp_path, log, str(free_port())],
                cwd=Path(__file__).parents[3],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            sandboxes.enter_context(sandbox)
            sandboxes.callback(sandbox.kill)
            wait_until(lambda: log.exists() and b"\n" in log.read_bytes(), "the stand-in should have started")
            return sandbox

        yield start


every_ending = pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])


@on_linux
@every_ending
def test_it_ends_with_the_sandbox_however_that_ends(
    start_sandbox: Callable[[str], subprocess.Popen[bytes]], log: Path, ending: signal.Signals
) -> None:
    sandbox = start_sandbox(HEALTHY)
    assert sandbox.stdout is not None
    assert sandbox.stdout.readline() == b"ready\n"
    started = Started(log)

    sandbox.send_signal(ending)

    wait_until(started.is_gone, f"{started.processes} and {started.folder} should be gone")


@on_linux
@every_ending
def test_it_ends_with_a_sandbox_that_ends_while_it_starts(
    start_sandbox: Callable[[str], subprocess.Popen[bytes]], log: Path, ending: signal.Signals
) -> None:
    sandbox = start_sandbox(SILENT)
    started = Started(log)

    sandbox.send_signal(ending)

    wait_until(started.is_gone, f"{started.processes} and {started.folder} should be gone")


def test_a_busy_port_is_named_with_another_one_to_use(
    make_installation: MakeInstallation, log: Path, busy_port: int
) -> None:
    with (
        pytest.raises(SandboxError, match=rf"^Port {busy_port} is busy: .* PORT=4567$"),
        running_localstack(log, port=busy_port, installation=make_installation(HEALTHY)),
    ):
        pass


@pytest.mark.parametrize("missing", ["localstack", "function"])
def test_an_incomplete_installation_says_make_setup(
    make_installation: MakeInstallation, tmp_path: Path, log: Path, missing: str
) -> None:
    installation = make_installation(HEALTHY)
    (tmp_path / missing / ".ready").unlink()

    with (
        pytest.raises(SandboxError, match=rf"^{missing} is not installed, .* `make setup`\.$"),
        running_localstack(log, port=free_port(), installation=installation),
    ):
        pass


def test_one_that_dies_at_the_start_is_quoted(make_installation: MakeInstallation, log: Path) -> None:
    installation = make_installation('raise RuntimeError("no such luck")\n')

    with (
        pytest.raises(SandboxError) as raised,
        running_localstack(log, port=free_port(), installation=installation),
    ):
        pass

    assert str(raised.value) == (
        f"LocalStack ended while it started: RuntimeError: no such luck (all of it is in {log})"
    )


def test_one_that_is_never_ready_is_given_up_and_stopped(
    make_installation: MakeInstallation, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_START_SECONDS", 1.0)

    with (
        pytest.raises(SandboxError, match=r"^LocalStack was not ready after 1 s"),
        running_localstack(log, port=free_port(), installation=make_installation(SILENT)),
    ):
        pass

    assert Started(log).is_gone()


def test_localstack_gets_nothing_of_the_callers_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "HTTPS_PROXY", "LOCALSTACK_AUTH_TOKEN", "PYTHONPATH"):
        monkeypatch.setenv(name, "the caller's")

    iam = iam_environment(evaluator=Path("evaluator.mjs"), refusals=Path("refusals.jsonl"))
    variables = environment(port=4566, volume=Path("volume"), function_python=Path("python"), iam=iam, wire="aws")

    assert "the caller's" not in variables.values()
    assert variables["GATEWAY_LISTEN"] == "127.0.0.1:4566"
    assert variables["BALER_IAM_EVALUATOR"] == "evaluator.mjs"
    assert variables["BALER_WIRE"] == "aws"


@pytest.fixture
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "USE_SSL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("no_endpoint")
def test_without_a_variable_there_is_no_external_endpoint() -> None:
    assert external_endpoint() is None


@pytest.mark.parametrize(
    ("name", "value", "endpoint"),
    [
        ("AWS_ENDPOINT_URL", "http://elsewhere:1234", "http://elsewhere:1234"),
        ("LOCALSTACK_HOST", "elsewhere", "http://elsewhere:4566"),
        ("LOCALSTACK_HOST", "elsewhere:1234", "http://elsewhere:1234"),
    ],
)
def test_an_external_endpoint_is_read_as_localstack_client_does(
    no_endpoint: pytest.MonkeyPatch, name: str, value: str, endpoint: str
) -> None:
    no_endpoint.setenv(name, value)

    assert external_endpoint() == endpoint
