"""What the consumer reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.filesize import decimal

from baler.cli.report import Event, quantity


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
