"""What the consumer tells: one line an event, for people or for programs; names and numbers, never content."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

import typer
from rich.console import Console
from rich.filesize import decimal
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
class Started(Event):
    """The service is about to look into the mailbox."""

    kind: ClassVar[str] = "started"
    style: ClassVar[str] = "bold"

    mailbox: str
    prefix: str
    into: str
    state: str
    pid: int

    def sentence(self) -> str:
        """Return the line for people."""
        return f"taking bundles from {self.mailbox} into {self.into} (process {self.pid})"


@dataclass(frozen=True, slots=True)
class Foreign(Event):
    """The mailbox also holds something else, which is left alone; `example` is a key or what some begin with."""

    kind: ClassVar[str] = "foreign"
    style: ClassVar[str] = "yellow"

    mailbox: str
    example: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"{self.mailbox} also holds what is no bundle, {self.example!r} for example: it is left alone"


@dataclass(frozen=True, slots=True)
class BundleDelivered(Event):
    """Every file of a bundle is in place.

    `redelivered`: it had been before, and was only deleted again; `replay_id`: of the replay that it was taken for.
    """

    kind: ClassVar[str] = "bundle"
    style: ClassVar[str] = "green"

    bundle_id: str
    key: str
    files: int
    bytes: int
    compressed_bytes: int
    sha256: str
    last_modified: str
    redelivered: bool
    replay_id: str | None = None

    def sentence(self) -> str:
        """Return the line for people."""
        size = f"{decimal(self.bytes)} in {decimal(self.compressed_bytes)}"
        told = f"{self.bundle_id}  {quantity(self.files, 'file')}, {size}"
        if self.redelivered:
            return f"{told}, delivered before"
        return told if self.replay_id is None else f"{told}, replay {self.replay_id}"


@dataclass(frozen=True, slots=True)
class PutAside(Event):
    """An object in the mailbox is not a bundle that can be trusted."""

    kind: ClassVar[str] = "aside"
    style: ClassVar[str] = "yellow"

    bundle_id: str | None
    key: str
    reason: str
    report: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"{self.key}: {self.reason}. It stays in the mailbox; see {self.report}"


@dataclass(frozen=True, slots=True)
class Contended(Event):
    """Somebody else has taken an object out of the mailbox: before this consumer read it, or after it delivered it."""

    kind: ClassVar[str] = "contended"
    style: ClassVar[str] = "red"

    key: str
    delivered: bool

    def sentence(self) -> str:
        """Return the line for people."""
        when = "after it was delivered here" if self.delivered else "before it was read here"
        twice = ", and may be delivered twice" if self.delivered else ""
        return (
            f"{self.key}: somebody else deleted it {when}{twice}. Is there a second consumer of this mailbox? Stop "
            "one, or give both --lease-table"
        )


@dataclass(frozen=True, slots=True)
class StandingBy(Event):
    """Another consumer holds the lease, on that host, or that is over and this one works."""

    kind: ClassVar[str] = "standby"
    style: ClassVar[str] = "bold"

    holder: str
    over: bool

    def sentence(self) -> str:
        """Return the line for people."""
        if self.over:
            return "this consumer has taken over"
        return f"the consumer on {self.holder} works; this one takes over when it stops"


@dataclass(frozen=True, slots=True)
class TakenOver(Event):
    """A bundle whose delivery another host began and did not finish: what that one published of it comes twice."""

    kind: ClassVar[str] = "takeover"
    style: ClassVar[str] = "yellow"

    bundle_id: str
    key: str
    host: str

    def sentence(self) -> str:
        """Return the line for people."""
        return (
            f"{self.bundle_id} was being delivered on {self.host} when that consumer stopped: all its files are "
            "delivered here, and some may lie there too"
        )


@dataclass(frozen=True, slots=True)
class Doubtful(Event):
    """A file that was about to be moved when the consumer died is neither staged nor in its place."""

    kind: ClassVar[str] = "doubtful"
    style: ClassVar[str] = "yellow"

    bundle_id: str
    key: str
    file: str

    def sentence(self) -> str:
        """Return the line for people."""
        return (
            f"{self.file!r} of {self.bundle_id} was being moved when the consumer died, and is gone: a reader took "
            f"it, or a clean-up of the state folder. If it is missing: baler replay {self.bundle_id}"
        )


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


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The end, with totals since the start; `aside` and `failed` count the objects that the last pass left behind."""

    kind: ClassVar[str] = "stopped"
    style: ClassVar[str] = "bold"

    bundles: int
    files: int
    bytes: int
    compressed_bytes: int
    redelivered: int
    aside: int
    failed: int

    def sentence(self) -> str:
        """Return the line for people."""
        size = f"{decimal(self.bytes)} in {decimal(self.compressed_bytes)}"
        told = f"{quantity(self.bundles, 'bundle')}, {quantity(self.files, 'file')}, {size}"
        for count, what in ((self.redelivered, "redelivered"), (self.aside, "aside"), (self.failed, "failed")):
            told += f", {count} {what}" if count else ""
        return told


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
