"""What a verification reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.filesize import decimal

from baler.cli.report import Event, quantity
from baler.files.archive.report import restores_in_words

if TYPE_CHECKING:
    from baler.files.archive.bucket import ArchivedBundle, RestoreOptions
    from baler.files.archive.restore_cost import RestoreCost
    from baler.files.register.verification import DayVerification, Fault


def day_compared(day: DayVerification, seal: str | None) -> Event:
    """A day's register was compared with the archive; its seal is what an auditor writes down."""
    text = (
        f"{day.day}  {quantity(day.pages, 'page')}, {len(day.bundles):,} bundles of {day.files:,} files as registered"
    )
    if day.pending:
        text += f", {day.pending:,} not registered yet"
    if day.given_up:
        text += f", {quantity(day.given_up, 'manifest')} of attempts that archived nothing"
    if day.faults:
        text += f", {quantity(len(day.faults), 'fault')}"
    text += "" if seal is None else f"; seal {seal}"
    fields = {
        "day": day.day.isoformat(),
        "pages": day.pages,
        "bundles": len(day.bundles),
        "files": day.files,
        "pending": day.pending,
        "given_up": day.given_up,
        "faults": len(day.faults),
        "seal": seal,
    }
    return Event("day", "red" if day.faults else "green", text, fields)


def fault_found(fault: Fault) -> Event:
    """Something is not as it was archived."""
    about = "" if fault.bundle_id is None else f"{fault.bundle_id}: "
    fields = {"fault": fault.kind, "day": fault.day.isoformat(), "bundle_id": fault.bundle_id, "reason": fault.reason}
    return Event("fault", "red", f"{fault.kind}  {about}{fault.reason}", fields)


def sample_priced(bundles: int, size: int, seed: str, cost: RestoreCost, options: RestoreOptions) -> Event:
    """What is going to be read of the sample, and what Deep Archive asks for the rest."""
    priced = restores_in_words(cost, options)
    text = f"a sample of {quantity(bundles, 'bundle')}, {decimal(size)} (--seed {seed}). {priced}"
    fields = {
        "bundles": bundles,
        "bytes": size,
        "seed": seed,
        "restores": cost.bundles,
        "restore_bytes": cost.bytes,
        **asdict(options),
        "total_usd": cost.total,
    }
    return Event("sample", "bold", text, fields)


def bundle_proven(bundle: ArchivedBundle, files: int) -> Event:
    """A bundle of the sample was read to its last byte, and each file in it: all are what was archived."""
    text = f"{bundle.bundle_id}  {decimal(bundle.size)}, {quantity(files, 'file')}: every hash is right"
    return Event("proven", "green", text, {"bundle_id": bundle.bundle_id, "bytes": bundle.size, "files": files})


def bundle_asleep(bundle: ArchivedBundle, *, requested: bool) -> Event:
    """A bundle of the sample cannot be read now."""
    how = "asked for from Deep Archive" if requested else "in Deep Archive, and not asked for (--restore)"
    fields = {"bundle_id": bundle.bundle_id, "bytes": bundle.size, "requested": requested}
    return Event("asleep", "yellow", f"{bundle.bundle_id}  {decimal(bundle.size)} {how}", fields)


def verified(bundles: int, files: int, faults: int, proven: int, unread: int) -> Event:
    """The end: bundles and files as they were registered, what is wrong, what was read of the sample and what not."""
    text = f"{bundles:,} bundles of {files:,} files are as registered, {quantity(faults, 'fault')}"
    if proven or unread:
        text += f"; of the sample {proven:,} proven, {unread:,} not read"
    fields = {"bundles": bundles, "files": files, "faults": faults, "proven": proven, "unread": unread}
    return Event("verified", "red" if faults else "bold", text, fields)
