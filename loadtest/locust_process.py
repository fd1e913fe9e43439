"""Locust as a process of its own, against a stack on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Final

import psutil
from rich.text import Text

from sandbox.iam.parties import environment_of
from sandbox.localstack import supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from sandbox.deployed import DeployedStack

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH")
_PROGRESS: Final = "progress: "


def run_locust(console: Console, deployed: DeployedStack, program: str, results: Path, options: list[str]) -> int:
    """Run Locust to its end, whose exit code is its result; it does not outlive this process, however that ends.

    Ctrl-C ends the load, and Locust still writes what was measured.

    Args:
        console: shows the progress.
        deployed: the stack under test.
        program: the locustfile, in this folder.
        results: the folder of the results.
        options: of the program.

    Raises:
        KeyboardInterrupt: Ctrl-C before anything was measured, or twice.
    """
    outputs = results / "outputs.json"
    outputs.write_text(json.dumps(dict(deployed.outputs), default=str, indent=2) + "\n", encoding="utf-8")
    home = Path(tempfile.gettempdir(), f"baler-loadtest-{token_hex(6)}")
    command = [sys.executable, "-m", "locust", "-f", str(_REPOSITORY / "loadtest" / program)]
    command += ["--headless", "--only-summary", "--html", str(results / "report.html")]
    command += ["--outputs", str(outputs), "--results", str(results), *options]
    with (results / "locust.log").open("w", buffering=1, encoding="utf-8") as log:
        locust = subprocess.Popen(  # noqa: S603 - our own program, by our own interpreter
            [sys.executable, "-I", str(supervisor.__file__), str(home), *command],
            env=_environment(deployed, home, results),
            stdin=subprocess.PIPE,  # by its end the supervisor knows that it is to stop
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is for this process
            text=True,
        )
        assert locust.stdin is not None  # noqa: S101 - it was asked for
        assert locust.stdout is not None  # noqa: S101 - likewise
        try:
            try:
                _follow(console, locust.stdout, log)
            except KeyboardInterrupt:
                console.print("Stopping; what was measured is written. Ctrl-C again ends it at once.")
                _ask_to_end(locust.pid)
                _follow(console, locust.stdout, log)
                if not (results / "summary.json").exists():
                    raise
        finally:
            locust.stdin.close()
            locust.stdout.close()
            code = locust.wait()
    return code


def _follow(console: Console, said: IO[str], log: IO[str]) -> None:
    """Show Locust's progress, and keep what else it says, until it has ended."""
    with console.status("Sending …") as status:
        for line in said:
            if line.startswith(_PROGRESS):
                status.update(Text(line.removeprefix(_PROGRESS).strip()))
            else:
                log.write(line)


def _ask_to_end(supervisor_pid: int) -> None:
    """Let Locust end as at SIGTERM, with its report; by the end of its input it would have seconds for that."""
    with suppress(psutil.NoSuchProcess):  # it has ended just now
        for program in psutil.Process(supervisor_pid).children():
            program.terminate()


def _environment(deployed: DeployedStack, home: Path, results: Path) -> Mapping[str, str]:
    """Return all of Locust's environment: no proxy, AWS profile or locust.conf of the caller's changes the load."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        **environment_of(deployed, "operator"),
        "HOME": str(home),
        "MPLCONFIGDIR": str((results.parent / ".matplotlib").resolve()),  # its list of fonts takes seconds to make
        "PYTHONPATH": str(_REPOSITORY),
        "PYTHONUNBUFFERED": "1",
    }
