"""A peer that somebody names: any command that bales what is in the landing bucket, measured beside the others.

It runs once a round, from its start to its end. It is told where to work by variables of the environment, and by the
same names in braces wherever they are in the command.
"""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.baled import Baled, baled, emptied
from benchmarks.contestant import INHERITED, Taken
from benchmarks.errors import BenchmarkError
from benchmarks.stage import LANDING, PEERS_OUTPUT, REGION
from sandbox.engine.endpoint import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.stage import Stage

LONGEST_SECONDS: Final = 600.0
_SHOWN_LINES: Final = 15


@dataclass(frozen=True)
class Peer:
    """A command.

    Attributes:
        command: words as in a shell; for pipes and variables name one: `sh -c '…'`.
        name: what it is called in tables.
        longest_seconds: after so many it is ended, and the benchmark with it.
    """

    command: str
    name: str
    longest_seconds: float = LONGEST_SECONDS

    def words(self, variables: Mapping[str, str]) -> list[str]:
        """Return the command with each `{NAME}` replaced; other braces are the command's own."""
        words = shlex.split(self.command)
        for name, value in variables.items():
            words = [word.replace(f"{{{name}}}", value) for word in words]
        return words


def peers_of(commands: Iterable[str]) -> list[Peer]:
    """Return a peer for each command, called by its first words, with a number where another one has the same.

    Raises:
        BenchmarkError: one cannot be started, which is better known before anything is measured.
    """
    peers: list[Peer] = []
    named = Counter[str]()
    for command in commands:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise BenchmarkError(f"The peer {command!r} cannot be started: {error}.") from error
        if not words or shutil.which(words[0]) is None:
            raise BenchmarkError(f"The peer {command!r} cannot be started: there is no such program.")
        name = "peer: " + " ".join(word.rpartition("/")[2] for word in words[:2])
        named[name] += 1
        peers.append(Peer(command, name if named[name] == 1 else f"{name} ({named[name]})"))
    return peers


def variables_of(stage: Stage, prefix: str) -> dict[str, str]:
    """Return what a command is told, by name.

    Args:
        stage: where.
        prefix: of the files, with its slash.
    """
    return {
        **stage.endpoints.environment(),
        "AWS_ACCESS_KEY_ID": ROOT.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "LANDING_BUCKET": LANDING,
        "LANDING_PREFIX": prefix,
        "OUTPUT_BUCKET": PEERS_OUTPUT,
    }


class PeerRun:
    """A command and what it works on.

    Args:
        peer: the command.
        stage: where.
        prefix: of the files, with its slash.
        bodies: the files, by which they are found again in what it writes.
        log: what it prints, of every round.

    Attributes:
        baled: what it wrote in the last round.
    """

    def __init__(self, peer: Peer, stage: Stage, prefix: str, bodies: Sequence[bytes], log: Path) -> None:
        self._peer = peer
        self._stage = stage
        self._variables = variables_of(stage, prefix)
        self._bodies = bodies
        self._log = log
        self.baled = Baled(0, None)

    def __call__(self) -> Taken:
        """Run it once, on an empty bucket.

        Returns:
            What it and the processes that it waited for took; their memory is not known.

        Raises:
            BenchmarkError: it could not be started, failed, took too long, or wrote nothing.
        """
        emptied(self._stage.s3, PEERS_OUTPUT)
        seconds, cpu_seconds = self._run()
        self.baled = baled(self._stage.s3, PEERS_OUTPUT, self._bodies)
        if not self.baled.objects:
            raise BenchmarkError(
                f"{self._peer.name} ended well and wrote nothing into {PEERS_OUTPUT} (OUTPUT_BUCKET).{self._said()}"
            )
        return Taken(seconds, cpu_seconds, 0, 0, 0, len(self._bodies))

    def _run(self) -> tuple[float, float]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._log.parent.mkdir(parents=True, exist_ok=True)
        before, start = _cpu_of_children(), time.perf_counter()
        with self._log.open("wb") as output:
            try:
                process = subprocess.Popen(  # noqa: S603 - the caller's own command
                    self._peer.words(self._variables),
                    env=inherited | self._variables,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # to end it with all that it started
                )
            except OSError as error:
                raise BenchmarkError(f"{self._peer.name} cannot be started: {error}") from error
        try:
            status = process.wait(self._peer.longest_seconds)
        except subprocess.TimeoutExpired as error:
            raise BenchmarkError(
                f"{self._peer.name} had not ended after {self._peer.longest_seconds:g} s.{self._said()}"
            ) from error
        finally:
            seconds = time.perf_counter() - start
            # What it left running would take from whoever is measured next.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status != 0:
            raise BenchmarkError(f"{self._peer.name} failed with status {status}.{self._said()}")
        return seconds, _cpu_of_children() - before

    def _said(self) -> str:
        """Return the last lines that it printed."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_SHOWN_LINES:]
        return "\n  ".join([" Its last lines:", *lines]) if lines else " It printed nothing."


def _cpu_of_children() -> float:
    """Return the seconds of all processes that ended and were waited for, and of those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
