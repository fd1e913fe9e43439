"""How every command of `baler` ends: one meaning a code, whichever the command (docs/exit-codes.md)."""

from __future__ import annotations

import os
import signal
from enum import IntEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """An exit code.

    Attributes:
        meaning: what it says, of whichever command.
        action: what the caller does next.
    """

    meaning: str
    action: str

    def __new__(cls, code: int, meaning: str, action: str) -> Self:
        """Make a member of its code and two sentences."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.action = action
        return member

    OK = 0, "All that was asked for is done, or is as it should be.", "Nothing."
    CANNOT_PROCEED = (
        1,
        "It did not begin, or gave up: AWS refuses it, or a file, a folder or a setting cannot be used.",
        "Put right what the message names. The same command would fail again.",
    )
    USAGE = 2, "The command line is wrong. Nothing was done.", "Correct it; `--help` shows what it takes."
    NEEDS_ATTENTION = (
        3,
        "It ran to its end, and not all is well: something was refused, quarantined, missing or unhealthy.",
        "Read what it reported, and look into it.",
    )
    RETRY = 4, "AWS or a disk failed in a way that passes.", "Give the same command again."
    UNFINISHED = (
        5,
        "What was begun goes on elsewhere, or waits: for Deep Archive, who takes bundles, or CodeDeploy.",
        "Give the same command again later; it goes on from there.",
    )
    UNKNOWN = (
        6,
        "Nothing wrong was seen, but not everything could be asked.",
        "Read what could not be asked, and why: credentials, region or permissions.",
    )
    INTERNAL = 70, "A defect of Baler: standard error has the traceback.", "Report it."
    OUTPUT = os.EX_IOERR, "Standard output cannot be written, a full disk for example.", "Make room."
    STOPPED = (
        128 + signal.SIGINT,
        "Ctrl-C or SIGTERM ended it before the end that it was asked for. A service that is stopped ends with 0.",
        "Nothing, or the same command again.",
    )
    NOBODY_READS = (
        128 + signal.SIGPIPE,
        "Nobody reads its output any more, as after `head` has ended: as if SIGPIPE had ended it.",
        "Nothing.",
    )


def exit_codes_help(of_command: Mapping[ExitCode, str]) -> str:
    """Return the part of a command's epilog that lists its exit codes.

    Args:
        of_command: the codes that this command chooses, each with what it means for it. Those that any command may
            end with are added.
    """
    meanings = {**of_command, ExitCode.USAGE: "wrong command line", ExitCode.OUTPUT: "the output cannot be written"}
    lines = [f"- {code:d}: {meanings[code]}" for code in sorted(meanings)]
    return "\n\n".join(["**Exit codes** (every command's are in docs/exit-codes.md)", *lines])
