"""What commands report: one line an event, for people or for programs; names and numbers, never content."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: fields for programs, and a line of text for people.

    Attributes:
        kind: what happened, in a word.
        style: of that word on a terminal, in the terms of rich.
        text: may hold anything that a key may hold.
        fields: as they appear in JSON: text, numbers, truth values and null.
    """

    kind: str
    style: str
    text: str
    fields: Mapping[str, Any]


def failure(message: str, key: str | None = None, retry_seconds: float | None = None) -> Event:
    """Something failed that is tried again.

    Args:
        message: why.
        key: the object or bundle that it concerns; None if everything.
        retry_seconds: when it is tried again; None where it waits for the next pass.
    """
    about = "" if key is None else f"{key}: "
    again = "" if retry_seconds is None else f" Trying again in {retry_seconds:.0f} s."
    fields = {"message": message, "key": key, "retry_seconds": retry_seconds}
    return Event("error", "red", f"{about}{message}{again}", fields)


def stdout_reporter(*, as_json: bool, times: bool = False) -> Callable[[Event], None]:
    """Return the reporter that a command writes to its standard output with.

    Args:
        as_json: for programs.
        times: text begins with the time as well, which JSON always has: for what runs for weeks.
    """
    if as_json:
        return json_reporter(typer.echo)
    console = Console()
    if isinstance(console.file, io.TextIOWrapper):
        # A terminal or log that cannot show a key's letters gets their escapes. No substitute (plain_text.py): the key
        # would read as another one. All else that an event says is ASCII.
        console.file.reconfigure(errors="backslashreplace")
    return human_reporter(console, times=times)


def stderr_reporter() -> Callable[[Event], None]:
    """Return the reporter of a command whose standard output is its answer alone."""
    return human_reporter(Console(stderr=True))


def human_reporter(console: Console, *, times: bool = False) -> Callable[[Event], None]:
    """Return a reporter that prints a line an event; keys are text, never markup or control characters.

    Args:
        console: where to.
        times: the line begins with the time.
    """

    def report(event: Event) -> None:
        time = f"{_time()} " if times else ""
        line = Text.assemble((time, "dim"), (f"{event.kind:<8}", event.style), " ", printable(event.text))
        console.print(line, soft_wrap=True, highlight=False)

    return report


def both(first: Callable[[Event], None], second: Callable[[Event], None]) -> Callable[[Event], None]:
    """Return a reporter that gives each event to two."""

    def report(event: Event) -> None:
        first(event)
        second(event)

    return report


def text_line(event: Event) -> str:
    """Return an event as a line of text with its time."""
    return f"{_time()} {event.kind:<8} {printable(event.text)}"


def _time() -> str:
    """Return the time in UTC, as everything else of a pipeline has it, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def json_reporter(write: Callable[[str], object]) -> Callable[[Event], None]:
    """Return a reporter that writes a JSON object a line, in ASCII: what a key may hold stays escaped."""

    def report(event: Event) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        write(json.dumps({"event": event.kind, "at": at, **event.fields}))

    return report


def quantity(number: int, noun: str) -> str:
    """Return "1 file" or "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text: str) -> str:
    """Return the text with whatever could drive a terminal written as an escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
