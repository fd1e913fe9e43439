"""What a replay tells, beside what every reader of the archive does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.filesize import decimal

from baler.cli.report import Event, quantity
from baler.prices import price

# Deep Archive brings an object back within so many hours.
_HOURS: Final = {"standard": 12, "bulk": 48}


@dataclass(frozen=True, slots=True)
class Holds(Event):
    """A bundle holds a file that was asked for, in this version."""

    kind: ClassVar[str] = "found"
    style: ClassVar[str] = "cyan"

    bundle_id: str
    key: str
    version_id: str | None
    event_time: str
    bytes: int

    def sentence(self) -> str:
        """Return the line for people."""
        version = "" if self.version_id is None else f", version {self.version_id}"
        return f"{self.bundle_id}  {self.key}  of {self.event_time}, {decimal(self.bytes)}{version}"


@dataclass(frozen=True, slots=True)
class Started(Event):
    """A replay begins or goes on; `token` is the file that continues it should this process end."""

    kind: ClassVar[str] = "started"
    style: ClassVar[str] = "bold"

    replay_id: str
    archive: str
    mailbox: str
    bundles: int
    token: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"replay {self.replay_id}: {quantity(self.bundles, 'bundle')} from {self.archive} to {self.mailbox}"


@dataclass(frozen=True, slots=True)
class Would(Event):
    """What would be done with a bundle; `in_the_way`: the mailbox still holds an earlier object of it."""

    kind: ClassVar[str] = "would"
    style: ClassVar[str] = "cyan"

    bundle_id: str
    bytes: int
    access: str
    in_the_way: bool

    def sentence(self) -> str:
        """Return the line for people."""
        steps = {"readable": "copy", "restoring": "await its restore, copy", "asleep": "restore, copy"}[self.access]
        first = "let the consumer take what the mailbox has of it, " if self.in_the_way else ""
        return f"{self.bundle_id}  {decimal(self.bytes)}: {first}{steps}"


@dataclass(frozen=True, slots=True)
class Estimate(Event):
    """What the restores would cost, in US dollars, at the list prices of `prices_as_of`."""

    kind: ClassVar[str] = "estimate"
    style: ClassVar[str] = "bold"

    bundles: int
    bytes: int
    restores: int
    restore_bytes: int
    tier: str
    keep_days: int
    retrieval_usd: float
    requests_usd: float
    storage_usd: float
    total_usd: float
    prices_as_of: str = price("deep_archive_restore_standard").as_of

    def sentence(self) -> str:
        """Return the line for people."""
        told = f"{quantity(self.bundles, 'bundle')}, {decimal(self.bytes)}; nothing was changed"
        if not self.restores:
            return f"{told}. No restore is needed"
        return (
            f"{told}. {quantity(self.restores, 'restore')} of {decimal(self.restore_bytes)} ({self.tier}: within "
            f"{_HOURS[self.tier]} hours), about ${self.total_usd:.4f}: ${self.retrieval_usd:.4f} by size, "
            f"${self.requests_usd:.4f} by number, ${self.storage_usd:.4f} to keep {self.keep_days} days "
            f"(list prices of {self.prices_as_of}, to be checked)"
        )


@dataclass(frozen=True, slots=True)
class Replayed(Event):
    """A bundle is in the mailbox, its bytes checked against their hash."""

    kind: ClassVar[str] = "replayed"
    style: ClassVar[str] = "green"

    bundle_id: str
    bytes: int

    def sentence(self) -> str:
        """Return the line for people."""
        return f"{self.bundle_id}  {decimal(self.bytes)}"


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The end of this run; `token` continues the replay where something is left, and is None where nothing is."""

    kind: ClassVar[str] = "stopped"
    style: ClassVar[str] = "bold"

    replay_id: str
    replayed: int
    refused: int
    left: int
    token: str | None

    def sentence(self) -> str:
        """Return the line for people."""
        told = f"replay {self.replay_id}: {self.replayed} in the mailbox, {self.refused} refused, {self.left} left"
        return told if self.token is None else f"{told}. Go on with: baler replay --continue {self.token}"
