"""What `baler replay` and `baler extract` both report."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from rich.filesize import decimal

from baler.cli.report import Event, quantity
from baler.prices import price

if TYPE_CHECKING:
    from baler.files.archive.bucket import ArchivedBundle, RestoreOptions
    from baler.files.archive.outcome import Awaited
    from baler.files.archive.restore_cost import RestoreCost
    from baler.files.register.day import PageFault

# Deep Archive brings an object back within so many hours.
_HOURS: Final = {"standard": 12, "bulk": 48}


def searching(read: int, found: int, bundle_id: str) -> Event:
    """How far a search is: bundles gone through, files found, the latest bundle."""
    text = f"searched {read:,} bundles up to {bundle_id[:13]}, found {found}"
    return Event("search", "dim", text, {"read": read, "found": found, "at": bundle_id})


def bundle_removed(bundle_id: str) -> Event:
    """A bundle is in the register, and nobody finds it in the archive."""
    reason = "it is in the register, and not in the archive any more"
    return Event("removed", "red", f"{bundle_id}: {reason}", {"bundle_id": bundle_id, "reason": reason})


def entry_unreadable(bundle_id: str, reason: str) -> Event:
    """An index entry that cannot be read; the bundle itself may be whole."""
    text = f"{reason}. What bundle {bundle_id} holds was not searched"
    return Event("damaged", "red", text, {"bundle_id": bundle_id, "reason": reason})


def page_not_believed(fault: PageFault) -> Event:
    """A page of the register that is missing, damaged or exchanged; manifests are read in its place."""
    text = f"page {fault.number} of the register of {fault.day} is not believed: {fault.reason}"
    fields = {"day": fault.day.isoformat(), "number": fault.number, "reason": fault.reason}
    return Event("register", "yellow", text, fields)


def search_incomplete(unreadable: int, entries: int) -> Event:
    """The end of a search that could not read every entry of the index: how many of all."""
    text = (
        f"{quantity(unreadable, 'bundle')} of {entries:,} could not be searched, and may hold the file: replay them by "
        "their ids"
    )
    return Event("incomplete", "red", text, {"unreadable": unreadable, "entries": entries})


def restore_requested(bundle: ArchivedBundle, options: RestoreOptions) -> Event:
    """Deep Archive was asked for a bundle."""
    text = f"{bundle.bundle_id}  {decimal(bundle.size)} asked for from Deep Archive ({options.tier})"
    return Event("restore", "cyan", text, {"bundle_id": bundle.bundle_id, "bytes": bundle.size, **asdict(options)})


def restores_in_words(cost: RestoreCost, options: RestoreOptions) -> str:
    """Say what restores cost, in US dollars, at the list prices of the day that is named."""
    if not cost.bundles:
        return "No restore is needed"
    return (
        f"{quantity(cost.bundles, 'restore')} of {decimal(cost.bytes)} ({options.tier}: within "
        f"{_HOURS[options.tier]} hours), about ${cost.total:.4f}: ${cost.retrieval:.4f} by size, "
        f"${cost.requests:.4f} by number, ${cost.storage:.4f} to keep {options.keep_days} days "
        f"(list prices of {price('deep_archive_restore_standard').as_of}, to be checked)"
    )


def refused(reason: str, bundle_id: str | None = None) -> Event:
    """What was asked for cannot be had; trying again changes nothing."""
    return Event("refused", "red", reason, {"reason": reason, "bundle_id": bundle_id})


def waiting(awaited: Awaited) -> Event:
    """What is awaited, by how many bundles."""
    counts = (
        (awaited.restoring, "for Deep Archive"),
        (awaited.in_the_way, "for an earlier object of the bundle to be taken"),
        (awaited.failed, "to try again"),
    )
    text = ", ".join(f"{count} {what}" for count, what in counts if count)
    return Event("waiting", "dim", text, asdict(awaited))
