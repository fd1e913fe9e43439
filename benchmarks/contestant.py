"""The measuring end of the pipe: starts a contestant, asks it for work, and stops it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.errors import BenchmarkError
from benchmarks.stage import REGION

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from benchmarks.floor.endpoints import Endpoints

PROJECT: Final = Path(__file__).resolve().parents[1]
OURS: Final = Path(sys.executable)
PEERS: Final = PROJECT / ".venv-peers" / "bin" / "python"

INHERITED: Final = ("PATH", "HOME", "LD_LIBRARY_PATH")
"""What a program may need to start; no credentials, proxies or settings of the caller's shell."""


@dataclass(frozen=True)
class Taken:
    """What a piece of work took (see benchmarks/workers/serve.py), and what it answered."""

    seconds: float
    cpu_seconds: float
    written_bytes: int
    resident_bytes: int
    peak_resident_bytes: int
    answer: int


class Contestant:
    """A contestant that runs."""

    def __init__(self, name: str, process: subprocess.Popen[str], log: Path) -> None:
        self._name = name
        self._process = process
        self._log = log
        self.pid = process.pid

    def do(self, files: int, **request: Any) -> Taken:
        """Ask for work on that many files, or bundles; return what it took.

        Raises:
            BenchmarkError: it died, or did another number of them.
        """
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018 - were asked for
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            line = ""
        else:
            line = self._process.stdout.readline()
        if not line:
            raise BenchmarkError(f"{self._name} ended instead of working; see {self._log}")
        taken = Taken(**json.loads(line))
        if taken.answer != files:
            raise BenchmarkError(f"{self._name} did {taken.answer} of {files}; see {self._log}")
        return taken


@contextmanager
def running(
    name: str, endpoints: Endpoints, logs: Path, *, python: Path = OURS, environment: Mapping[str, str] | None = None
) -> Generator[Contestant]:
    """Run the contestant `benchmarks.workers.<name>` for the length of a block.

    Args:
        name: its module.
        endpoints: of the AWS that it works on.
        logs: folder that gets what it prints.
        python: its interpreter.
        environment: variables beside credentials, region and endpoint; a PYTHONPATH goes before this project.
    """
    given = dict(environment or {})
    paths = [*filter(None, [given.pop("PYTHONPATH", "")]), str(PROJECT)]
    variables = {
        **{inherited: os.environ[inherited] for inherited in INHERITED if inherited in os.environ},
        "PYTHONPATH": os.pathsep.join(paths),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        **endpoints.environment(),
        **given,
    }
    log = logs / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [str(python), "-P", "-m", f"benchmarks.workers.{name}"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    with process:
        try:
            yield Contestant(name, process, log)
        finally:
            assert process.stdin is not None  # noqa: S101 - was asked for
            process.stdin.close()
            process.kill()
