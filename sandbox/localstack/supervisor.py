"""Runs one command until standard input ends, and leaves nothing of it behind.

    python -I supervisor.py <folder to make and to remove> <command> [<argument> ...]

Standard input is a pipe whose other end the sandbox holds: the kernel closes it however the sandbox ends, also by
SIGKILL, so that stopping and crashing are the same path. The command gets SIGTERM, after a while SIGKILL with its
whole process group; where this program is killed itself the kernel (Linux) kills the command. On Linux it also
inherits what the command's processes leave running, and kills that. The exit status is the command's.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

# From <sys/prctl.h>.
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36

# LocalStack has stopped its services after one or two, but once CloudWatch was used (every function uses it) a thread
# that is left keeps the process for ever. It has nothing to save: SIGKILL costs nothing.
_TERMINATION_SECONDS: Final = 3.0
_STANDARD_INPUT: Final = 0
_ON_LINUX: Final = sys.platform == "linux"


def _prctl(option: int, value: int) -> None:
    if _ON_LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _die_with_parent() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in the group; macOS says PermissionError for that


def _stop_at_end_of_input(command: subprocess.Popen[bytes]) -> None:
    while os.read(_STANDARD_INPUT, 1):  # not sys.stdin, whose lock the interpreter wants when the command ends first
        pass
    command.terminate()
    try:
        command.wait(_TERMINATION_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_group(command.pid)


def _kill_orphans() -> None:
    """Kill and reap every process that the command left to this one, until there are no more."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while children.exists() and (orphans := children.read_text(encoding="ascii").split()):
        for orphan in map(int, orphans):
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)


def _supervise(folder: Path, arguments: list[str]) -> int:
    """Run the command to its end and return its exit status."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    folder.mkdir(mode=0o700)
    try:
        command = subprocess.Popen(  # noqa: S603 - the sandbox's own command
            arguments,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no other thread runs yet
        )
        threading.Thread(target=_stop_at_end_of_input, args=(command,), daemon=True).start()
        status = command.wait()
        _kill_group(command.pid)
        _kill_orphans()
    finally:
        shutil.rmtree(folder)
    return status


def _stay(_signal: int, _frame: object) -> None:
    """Do nothing: the end of input is the one way to stop. SIG_IGN would be passed on to the command."""


if __name__ == "__main__":
    for received in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(received, _stay)
    sys.exit(_supervise(Path(sys.argv[1]), sys.argv[2:]))
