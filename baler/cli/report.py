"""What commands report: one line an event, for people or for programs; names and numbers, never content."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Event(ABC):
    """Something that happened; the fields are what programs read."""

    kind: ClassVar[str]
    style: ClassVar[str]

    @abstractmethod
    def sentence(self) -> str:
        """Return what people read; it may hold anything that a key may hold."""


@dataclass(frozen=True, slots=True)
class Trouble(Event):
    """Something failed that is tried again.

    `key` is the object it concerns, None if everything; `retry_seconds` is None where it waits for the next pass.
    """

    kind: ClassVar[str] = "error"
    style: ClassVar[str] = "red"

    message: str
    key: str | None = None
    retry_seconds: float | None = None

    def sentence(self) -> str:
        """Return the line for people."""
        about = "" if self.key is None else f"{self.key}: "
        again = "" if self.retry_seconds is None else f" Trying again in {self.retry_seconds:.0f} s."
        return f"{about}{self.message}{again}"


def stdout_reporter(*, as_json: bool) -> Callable[[Event], None]:
    """Return the reporter that a command writes to its standard output with."""
    if as_json:
        return json_reporter(typer.echo)
    console = Console()
    if isinstance(console.file, io.TextIOWrapper):
        # A terminal or log that cannot show a key's letters gets their escapes.
        console.file.reconfigure(errors="backslashreplace")
    return human_reporter(console)


def human_reporter(console: Console) -> Callable[[Event], None]:
    """Return a reporter that prints a line an event; keys are text, never markup or control characters."""

    def report(event: Event) -> None:
        line = Text.assemble((f"{event.kind:<8}", event.style), " ", printable(event.sentence()))
        console.print(line, soft_wrap=True, highlight=False)

    return report


def json_reporter(write: Callable[[str], object]) -> Callable[[Event], None]:
    """Return a reporter that writes a JSON object a line, in ASCII: what a key may hold stays escaped."""

    def report(event: Event) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        write(json.dumps({"event": event.kind, "at": at, **asdict(event)}))

    return report


def quantity(number: int, noun: str) -> str:
    """Return "1 file" or "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text: str) -> str:
    """Return the text with whatever could drive a terminal written as an escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
