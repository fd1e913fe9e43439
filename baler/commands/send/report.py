"""What the sender reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.filesize import decimal

from baler.cli.report import Event, quantity

if TYPE_CHECKING:
    from baler.commands.send.folder import LocalFile, UnsendableFile
    from baler.commands.send.sender import SendTotals


def sent(file: LocalFile, sha256: str, version_id: str | None) -> Event:
    """A file is in the bucket; no version where an earlier try, whose answer was lost, had put it there."""
    fields = {"key": file.key, "bytes": file.size, "sha256": sha256, "version_id": version_id}
    return Event("sent", "green", f"{file.key}  {decimal(file.size)}", fields)


def due(file: LocalFile) -> Event:
    """A file would be sent."""
    return Event("due", "bold", f"{file.key}  {decimal(file.size)}", {"key": file.key, "bytes": file.size})


def changed(file: LocalFile) -> Event:
    """A file is not what was sent, or was about to be, under its key."""
    text = f"{file.key}: it was changed since it was sent. Give it another name, or send it anew with --resend-changed"
    return Event("changed", "yellow", text, {"key": file.key})


def taken(file: LocalFile) -> Event:
    """The bucket has an object under the key of a file that this ledger has never sent."""
    text = (
        f"{file.key}: the bucket has an object of that key already, which is not of this ledger. Give the file another "
        "name or --prefix; if the ledger was lost, --adopt counts it as sent"
    )
    return Event("taken", "yellow", text, {"key": file.key})


def unsendable(file: UnsendableFile) -> Event:
    """No object can be made of a file."""
    return Event("refused", "yellow", f"{file.path}: {file.reason}", {"path": str(file.path), "reason": file.reason})


def failed(file: LocalFile, about: str) -> Event:
    """It is not known whether a file is in the bucket; the next run finds out."""
    return Event("error", "red", f"{file.key}: {about}", {"key": file.key, "message": about})


def ended(totals: SendTotals) -> Event:
    """What a pass did."""
    text = f"{quantity(totals.sent, 'file')} sent, {decimal(totals.bytes)}"
    for count, what in (
        (totals.known, "sent before"),
        (totals.young, "still being written"),
        (totals.changed, "changed"),
        (totals.taken, "whose key is taken"),
        (totals.unsendable, "that cannot be sent"),
        (totals.failed, "failed"),
    ):
        text += f", {count} {what}" if count else ""
    return Event("total", "bold", text, asdict(totals))
