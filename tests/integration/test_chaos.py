"""`make demo` while its processes are killed (SIGKILL) at random moments: the verdict stays exact.

A function that dies with messages in hand costs them the visibility timeout of the stack `local` (61 s), and the
emulator looks at an empty queue every 10 s only: that, and not the number of kills, is what this test takes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from harness.measured import measured
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.ports import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

FILES: Final = 300
RATE: Final = 15
REGION: Final = "eu-west-2"
AGGREGATOR: Final = "baler-local-files-aggregator"
# What the two programs have in their command lines.
FUNCTION: Final = "bootstrap.py"
CONSUMER: Final = "baler.cli.main"


class Demo:
    """A running demo and the processes below it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self._aws = Endpoint(f"http://{LOOPBACK}:{port}", REGION)

    @property
    def over(self) -> bool:
        return self.process.poll() is not None

    def hit(self) -> bool:
        """Tell whether a kill has met the function at work: one between two invocations is no error of the next."""
        try:
            return bool(measured(self._aws, "AWS/Lambda", "Errors", FunctionName=AGGREGATOR))
        except (EndpointConnectionError, HTTPClientError):
            return False  # the demo is over, or ends while it is asked

    def pid_of(self, program: str) -> int | None:
        """A process of this demo's own that runs a program."""
        return next((pid for pid in _descendants(self.process.pid) if program in _read(pid, "cmdline")), None)

    def kill(self, program: str, moments: random.Random) -> bool:
        """Kill the program at a random moment; the function in the middle of work, if it gets some soon."""
        if program == FUNCTION:
            self._wait_for_work()
            time.sleep(moments.uniform(0, 0.25))
        else:
            time.sleep(moments.uniform(0.2, 2))
        pid = self.pid_of(program)
        if pid is None:
            return False  # killed a moment ago, and not there again
        os.kill(pid, signal.SIGKILL)
        return True

    def _wait_for_work(self) -> None:
        """Wait until the function uses the processor, for as long as a few batching windows."""
        deadline = time.monotonic() + 5
        before = self._ticks()
        while time.monotonic() < deadline and self._ticks() <= before:
            time.sleep(0.005)

    def _ticks(self) -> int:
        """Processor time of the function so far: the 14th and 15th field of proc(5)'s stat."""
        pid = self.pid_of(FUNCTION)
        fields = [] if pid is None else _read(pid, "stat").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12]) if fields else 0


def _descendants(pid: int) -> Iterator[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return  # it ended meanwhile
    for child in children:
        yield child
        yield from _descendants(child)


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


@contextmanager
def running_demo(folder: Path, source: Path) -> Generator[Demo]:
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "demo", "--port", str(port)]
    environment = {n: v for n, v in os.environ.items() if n not in {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}}
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [*command, "--files", str(source), "--rate", str(RATE)],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=said,
        )
    try:
        yield Demo(process, port)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.skipif(sys.platform != "linux", reason="finds the demo's processes in /proc")
def test_killing_the_function_and_the_consumer_never_changes_the_verdict(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(FILES):
        (source / f"reading-{number}.json").write_bytes(b"%d\n" % number * (number % 50))
    moments = random.Random(4)  # noqa: S311 - when to kill whom
    victims = moments.sample([FUNCTION, CONSUMER], k=10, counts=[4, 6])
    with running_demo(tmp_path, source) as demo:
        # Files land from then on, for as long as a few kills take.
        wait_until("the function, or an early end", lambda: demo.pid_of(FUNCTION) or demo.over, bool)
        killed = [victim for victim in victims if demo.kill(victim, moments)]
        while not (hit := demo.hit()) and not demo.over:
            demo.kill(FUNCTION, moments)
        code = demo.process.wait(1200)
    said = (tmp_path / "said").read_text()
    assert code == 0, said
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["files"], summary["lost"], summary["duplicated"]) == (FILES, 0, 0)
    assert CONSUMER in killed
    assert hit, "all kills of the function were between two invocations"
