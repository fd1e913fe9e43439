"""An operator's terminal: a shell that runs a page's blocks one after the other, as they are written."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.terminal.programs import install_programs

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

# Bounds a block that hangs; none takes a tenth of it.
_PATIENCE_SECONDS: Final = 900.0
# Whatever the developer's own shell has of these, the page does not mention.
_FOREIGN: Final = ("AWS_", "BALER_", "PULUMI_")
# Whose name a page has for an example, and its reader replaces by their own.
_EXAMPLE: Final = re.compile(r"\bBALER_STACK=(?:prod|dev)[\w-]*")


@dataclass(frozen=True)
class Answer:
    """What became of a block: its exit code, and all that it printed."""

    code: int
    output: str


class Terminal:
    """Bash in a folder of its own. What one block exports is there for the next; a failed command ends its block."""

    def __init__(self, folder: Path, stack: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        """Open it.

        Args:
            folder: where it stands, and what its programs write to; exists and is empty.
            stack: what the `pulumi` of this terminal answers from, `name` and `config`; where a page names a stack, the
                reader puts this name.
            environment: how AWS is reached.
        """
        self.folder = folder / "work"
        self.folder.mkdir()
        self._variables = folder / "variables"
        self._variables.touch()
        programs = folder / "bin"
        install_programs(programs, stack)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        self._stack = str(stack["name"])
        self._environment = {**own, **environment, "PATH": path, "COLUMNS": "200", "BALER_STACK": self._stack}

    def run(self, text: str, *, until: str | None = None) -> Answer:
        """Run a block.

        Args:
            text: the commands; they name this stack where they name the one of the pages. A question is answered with
                yes.
            until: what a program prints before the operator ends it with Ctrl-C. Default: it ends by itself.
        """
        text = _EXAMPLE.sub(f"BALER_STACK={self._stack}", text)
        script = f"set -a\n. '{self._variables}'\ntrap \"export -p > '{self._variables}'\" EXIT\n{text}\n"
        with _typed("y\n" * 3) as keyboard:
            shell = subprocess.Popen(  # noqa: S603 - the commands of our own pages
                ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607 - the bash that whoever reads a page has
                cwd=self.folder,
                env=self._environment,
                stdin=keyboard,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
            watchdog = threading.Timer(_PATIENCE_SECONDS, os.killpg, (shell.pid, signal.SIGKILL))
            watchdog.start()
            try:
                printed = _printed(shell, until)
            finally:
                watchdog.cancel()
                _end(shell)
        return Answer(shell.returncode, printed)


def _printed(shell: subprocess.Popen[str], until: str | None) -> str:
    assert shell.stdout is not None  # noqa: S101 - it was asked for
    lines: list[str] = []
    for line in shell.stdout:
        lines.append(line)
        if until is not None and until in line:
            os.killpg(shell.pid, signal.SIGINT)
            until = None
    return "".join(lines)


def _end(shell: subprocess.Popen[str]) -> None:
    """Wait for the shell, which has closed its output; or end it, where a test was interrupted."""
    try:
        shell.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
    assert shell.stdout is not None  # noqa: S101 - it was asked for
    shell.stdout.close()


@contextmanager
def _typed(text: str) -> Generator[int]:
    leader, follower = pty.openpty()
    try:
        os.write(leader, text.encode())
        yield follower
    finally:
        os.close(leader)
        os.close(follower)
