"""Repairs by the page: its blocks, typed as they are written there into an operator's terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from rich.text import Text

from sandbox.errors import SandboxError
from sandbox.terminal.blocks import blocks_of
from sandbox.time_lapse import SANDBOX_FACTOR

if TYPE_CHECKING:
    from rich.console import Console

    from sandbox.rehearsal.fault import Broken, Fault, Typed
    from sandbox.terminal.blocks import Block
    from sandbox.terminal.terminal import Answer

# What a command prints is of interest, but not all of a log.
_SHOWN_LINES: Final = 12
_AGAIN_SECONDS: Final = 10.0
_TRIES: Final = 12
_MINUTE_SECONDS: Final = 60 / SANDBOX_FACTOR


class Shell(Protocol):
    """Where commands are typed: `sandbox.terminal.terminal.Terminal`."""

    def run(self, text: str) -> Answer:
        """Run commands, and return what became of them."""
        ...


def repair(fault: Fault[Any], broken: Broken, terminal: Shell, console: Console) -> None:
    """Type what the page says, one block after the other, and let others do what is theirs.

    Args:
        fault: what is repaired.
        broken: what it has left behind.
        terminal: of an operator.
        console: shows commands and what they print.

    Raises:
        SandboxError: a command ended with an error.
    """
    for typed in fault.typed:
        if not typed.when_over:
            _type(fault, typed, broken, terminal, console)
    if broken.who:
        console.print(f"And {broken.who}.")
    broken.others()
    for typed in fault.typed:
        if typed.when_over:
            _type(fault, typed, broken, terminal, console)


def _type(fault: Fault[Any], typed: Typed, broken: Broken, terminal: Shell, console: Console) -> None:
    if typed.minutes_later:
        console.print(f"The page says to wait for {typed.minutes_later} minutes, in the time of alarms.")
        time.sleep(typed.minutes_later * _MINUTE_SECONDS)
    block = block_of(fault, typed)
    text = _filled(block, broken)
    console.print(Text(f"  {block.page}:{block.line}", style="dim"))
    typed_text = "  $ " + text.replace("\n", "\n    ") + "\n"
    console.print(Text(typed_text, style="bold"), end="", soft_wrap=True)
    answer = terminal.run(_as_party(typed, text))
    for _ in range(_TRIES if typed.again_at else 0):
        if answer.code != typed.again_at:
            break
        time.sleep(_AGAIN_SECONDS)
        answer = terminal.run(_as_party(typed, text))
    lines = answer.output.splitlines()
    more = len(lines) - _SHOWN_LINES
    shown = [*lines[:_SHOWN_LINES], *([f"… {more} more lines"] if more > 0 else [])]
    console.print(Text("".join(f"    {line}\n" for line in shown)), end="", soft_wrap=True)
    if answer.code:
        raise SandboxError(f"{block.page}:{block.line}: what the page says to type ended with {answer.code}.")


def block_of(fault: Fault[Any], typed: Typed) -> Block:
    """Return the block of the fault's page that has a piece of text.

    Raises:
        SandboxError: none has, or several have.
    """
    found = [block for block in blocks_of(fault.path) if typed.piece in block.text]
    if len(found) != 1:
        raise SandboxError(f"{len(found)} blocks of {fault.path} have {typed.piece!r}, and not one.")
    return found[0]


def _filled(block: Block, broken: Broken) -> str:
    text = block.text
    for blank, value in broken.filled.items():
        text = text.replace(blank, value()) if blank in text else text
    return text


def _as_party(typed: Typed, text: str) -> str:
    return f"export AWS_PROFILE={typed.party}\n{text}"
