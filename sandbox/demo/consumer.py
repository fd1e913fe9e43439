"""Runs `baler consume` as the on-premises side would: as a process of its own, started again whenever it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from sandbox.errors import SandboxError
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sandbox.deployed import DeployedFiles

_STOP_SECONDS: Final = 20.0
# A service manager gives up on a program that cannot start; so does this.
_MAX_FAILURES: Final = 3


class RunningConsumer:
    """The consumer's process and what it reported.

    Attributes:
        deaths: how often it was killed and started again.
        received: how many files it has reported.
    """

    def __init__(self, command: list[str], environment: dict[str, str], log: IO[bytes]) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._lock = threading.Lock()
        self._mailbox_times: dict[str, str] = {}
        self._quarantined: dict[str, str] = {}
        self._stopping = False
        self._failures = 0
        self.deaths = 0
        self.received = 0
        self._process = self._start()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    @property
    def mailbox_times(self) -> dict[str, str]:
        """When each bundle was put into the mailbox (ISO 8601, whole seconds), by its key."""
        with self._lock:
            return dict(self._mailbox_times)

    @property
    def quarantined(self) -> dict[str, str]:
        """Why bundles were quarantined, by their key."""
        with self._lock:
            return dict(self._quarantined)

    def check(self) -> None:
        """Raise SandboxError if the consumer cannot run."""
        if self._failures >= _MAX_FAILURES:
            raise SandboxError(f"The consumer ends as soon as it is started; what it said is in {self._log.name}")

    def stop(self) -> None:
        """End the process as a service manager does: SIGTERM, then, if that is ignored, SIGKILL."""
        with self._lock:
            self._stopping = True
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._supervisor.join()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C at the terminal is for the demo, which then stops it
        )

    def _supervise(self) -> None:
        while True:
            delivered = self._listen(self._process)
            code = self._process.wait()
            with self._lock:
                if self._stopping:
                    return
                self.deaths += 1
                self._failures = 0 if delivered or code < 0 else self._failures + 1
                if self._failures >= _MAX_FAILURES:
                    return
                self._process = self._start()

    def _listen(self, process: subprocess.Popen[bytes]) -> bool:
        """Read what the process reports until it ends; return whether it got as far as delivering."""
        delivered = False
        assert process.stdout is not None  # noqa: S101 - it was asked for
        with process.stdout as stream:
            for line in stream:
                self._log.write(line)
                self._log.flush()
                delivered = self._note(line) or delivered
        return delivered

    def _note(self, line: bytes) -> bool:
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError:
            return False  # the last line of a process that was killed while it wrote
        with self._lock:
            if event["event"] == "bundle":
                self._mailbox_times.setdefault(event["key"], event["last_modified"])
                self.received += 0 if event["redelivered"] else event["files"]
            elif event["event"] == "quarantine":
                self._quarantined[event["key"]] = event["reason"]
        return event["event"] == "bundle"


@contextmanager
def running_consumer(deployed: DeployedFiles, into: Path, log: Path) -> Generator[RunningConsumer]:
    """Run `baler consume` on a stack's mailbox until the block ends.

    Args:
        deployed: the stack.
        into: the folder of received files.
        log: the file that gets what the consumer reports, a JSON object a line.
    """
    command = [sys.executable, "-m", "baler.cli.main", "consume", "--json"]
    command += ["--mailbox", deployed.distribution_bucket, "--into", str(into), "--poll", "0.5"]
    with log.open("ab") as output:
        consumer = RunningConsumer(command, {**os.environ, **environment_of(deployed, "consumer")}, output)
        try:
            yield consumer
        finally:
            consumer.stop()
