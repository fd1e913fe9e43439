"""What the consumer reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.filesize import decimal

from baler.cli.report import Event, quantity

if TYPE_CHECKING:
    from pathlib import Path

    from baler.commands.consume.collector import Totals
    from baler.files.ledger.ledger import LedgerEntry


def started(mailbox: str, prefix: str, into: Path, state: Path, pid: int) -> Event:
    """The consumer is about to list the mailbox."""
    return Event(
        "started",
        "bold",
        f"taking bundles from {mailbox} into {into} (process {pid})",
        {"mailbox": mailbox, "prefix": prefix, "into": str(into), "state": str(state), "pid": pid},
    )


def foreign_objects(mailbox: str, example: str) -> Event:
    """The mailbox also holds something else, which is left alone; `example` is a key or what some begin with."""
    text = f"{mailbox} also holds what is no bundle, {example!r} for example: it is left alone"
    return Event("foreign", "yellow", text, {"mailbox": mailbox, "example": example})


def bundle_delivered(entry: LedgerEntry, folder: str | None = None, *, redelivered: bool) -> Event:
    """Every file of a bundle is in place; `redelivered`: it had been before, and was only deleted again.

    Args:
        entry: the bundle.
        folder: its own folder, if its files do not lie under their keys alone.
        redelivered: as above.
    """
    text = f"{entry.bundle_id}  {quantity(entry.files, 'file')}, {_size(entry)}"
    if redelivered:
        text += ", delivered before"
    elif entry.replay_id is not None:
        text += f", replay {entry.replay_id}"
    fields = asdict(entry) | {"folder": folder, "redelivered": redelivered}
    del fields["manifest_sha256"]
    return Event("bundle", "green", text, fields)


def quarantined(bundle_id: str | None, key: str, reason: str, report: Path) -> Event:
    """An object in the mailbox is not a bundle that can be trusted; `report` is a file about it."""
    return Event(
        "quarantine",
        "yellow",
        f"{key}: {reason}. It stays in the mailbox; see {report}",
        {"bundle_id": bundle_id, "key": key, "reason": reason, "report": str(report)},
    )


def contended(key: str, *, delivered: bool) -> Event:
    """Somebody else has taken an object out of the mailbox: before this consumer read it, or after it delivered it."""
    when = "after it was delivered here" if delivered else "before it was read here"
    twice = ", and may be delivered twice" if delivered else ""
    text = (
        f"{key}: somebody else deleted it {when}{twice}. Is there a second consumer of this mailbox? Stop one, or give "
        "both --lease-table"
    )
    return Event("contended", "red", text, {"key": key, "delivered": delivered})


def standing_by(holder: str, *, over: bool) -> Event:
    """Another consumer holds the lease, on that host; or that is over, and this one works."""
    waits = f"the consumer on {holder} works; this one takes over when it stops"
    text = "this consumer has taken over" if over else waits
    return Event("standby", "bold", text, {"holder": holder, "over": over})


def taken_over(bundle_id: str, key: str, host: str) -> Event:
    """A bundle whose delivery another host began and did not finish: what that one published of it comes twice."""
    text = (
        f"{bundle_id} was being delivered on {host} when that consumer stopped: all its files are delivered here, and "
        "some may lie there too"
    )
    return Event("takeover", "yellow", text, {"bundle_id": bundle_id, "key": key, "host": host})


def doubtful(bundle_id: str, key: str, file: str) -> Event:
    """A file or folder that was about to be moved when the consumer died is neither staged nor in its place."""
    text = (
        f"{file!r} of {bundle_id} was being moved when the consumer died, and is gone: a reader took it, or a clean-up "
        f"of the state folder. If it is missing: baler replay {bundle_id}"
    )
    return Event("doubtful", "yellow", text, {"bundle_id": bundle_id, "key": key, "file": file})


def stopped(totals: Totals) -> Event:
    """The end, with totals since the start; `quarantined` and `failed` are what the last pass left behind."""
    text = f"{quantity(totals.bundles, 'bundle')}, {quantity(totals.files, 'file')}, {_size(totals)}"
    for count, what in (
        (totals.redelivered, "redelivered"),
        (totals.quarantined, "in quarantine"),
        (totals.failed, "failed"),
    ):
        text += f", {count} {what}" if count else ""
    return Event("stopped", "bold", text, asdict(totals))


def _size(counted: LedgerEntry | Totals) -> str:
    return f"{decimal(counted.bytes)} in {decimal(counted.compressed_bytes)}"
