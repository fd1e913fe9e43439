"""What `baler replay` and `baler extract` both tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.filesize import decimal

from baler.cli.report import Event, quantity


@dataclass(frozen=True, slots=True)
class Searching(Event):
    """How far the search in the index is: entries read, files found, the bundle of the latest entry."""

    kind: ClassVar[str] = "search"
    style: ClassVar[str] = "dim"

    read: int
    found: int
    at: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"read {self.read:,} manifests up to {self.at[:13]}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Unreadable(Event):
    """An index entry that cannot be read; the bundle itself may be whole."""

    kind: ClassVar[str] = "damaged"
    style: ClassVar[str] = "red"

    bundle_id: str
    reason: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"{self.reason}. What bundle {self.bundle_id} holds was not searched"


@dataclass(frozen=True, slots=True)
class Incomplete(Event):
    """The end of a search that could not read every entry of the index: how many of all."""

    kind: ClassVar[str] = "incomplete"
    style: ClassVar[str] = "red"

    unreadable: int
    entries: int

    def sentence(self) -> str:
        """Return the line for people."""
        return (
            f"{quantity(self.unreadable, 'bundle')} of {self.entries:,} could not be searched, and may hold the file: "
            "replay them by their ids"
        )


@dataclass(frozen=True, slots=True)
class RestoreAsked(Event):
    """A bundle was asked for from Deep Archive."""

    kind: ClassVar[str] = "restore"
    style: ClassVar[str] = "cyan"

    bundle_id: str
    bytes: int
    tier: str
    keep_days: int

    def sentence(self) -> str:
        """Return the line for people."""
        return f"{self.bundle_id}  {decimal(self.bytes)} asked for from Deep Archive ({self.tier})"


@dataclass(frozen=True, slots=True)
class Refused(Event):
    """What was asked for cannot be had; trying again changes nothing."""

    kind: ClassVar[str] = "refused"
    style: ClassVar[str] = "red"

    reason: str
    bundle_id: str | None = None

    def sentence(self) -> str:
        """Return the line for people."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Waiting(Event):
    """What is left to wait for, by how many bundles.

    `restoring`: not yet back from Deep Archive; `in_the_way`: the mailbox still holds an earlier object of the bundle,
    which the consumer has not taken; `failed`: could not be processed just now.
    """

    kind: ClassVar[str] = "waiting"
    style: ClassVar[str] = "dim"

    restoring: int
    in_the_way: int
    failed: int

    def sentence(self) -> str:
        """Return the line for people."""
        counts = (
            (self.restoring, "for Deep Archive"),
            (self.in_the_way, "for the consumer to take an earlier object of the bundle"),
            (self.failed, "to try again"),
        )
        return ", ".join(f"{count} {what}" for count, what in counts if count)
