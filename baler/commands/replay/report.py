"""What a replay reports, beside what every reader of the archive does."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from rich.filesize import decimal

from baler.cli.report import Event, quantity
from baler.files.archive.report import restores_in_words
from baler.prices import price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.replay.checkpoint import Checkpoint
    from baler.files.archive.bucket import ArchivedBundle, RestoreOptions
    from baler.files.archive.index import ArchivedFile
    from baler.files.archive.passes import Passes
    from baler.files.archive.restore_cost import RestoreCost

_STEPS: Final = {"readable": "copy", "restoring": "await its restore, copy", "asleep": "restore, copy"}


def file_found(found: ArchivedFile) -> Event:
    """A bundle holds a file that was asked for, in this version."""
    bundle_id, file = found.bundle.bundle_id, found.file
    version = "" if file.version_id is None else f", version {file.version_id}"
    return Event(
        "found",
        "cyan",
        f"{bundle_id}  {file.key}  of {file.event_time}, {decimal(file.size)}{version}",
        {
            "bundle_id": bundle_id,
            "key": file.key,
            "version_id": file.version_id,
            "event_time": file.event_time,
            "bytes": file.size,
        },
    )


def started(checkpoint: Checkpoint) -> Event:
    """A replay begins or goes on; the checkpoint is the file that continues it should this process end."""
    request, bundles = checkpoint.request, len(checkpoint.left)
    return Event(
        "started",
        "bold",
        f"replay {request.replay_id}: {quantity(bundles, 'bundle')} from {request.archive} to {request.mailbox}",
        {
            "replay_id": request.replay_id,
            "archive": request.archive,
            "mailbox": request.mailbox,
            "bundles": bundles,
            "checkpoint": str(checkpoint.path),
        },
    )


def would_replay(bundle: ArchivedBundle, *, in_the_way: bool) -> Event:
    """What would be done with a bundle; `in_the_way`: the mailbox still holds an earlier object of it."""
    first = "let what the mailbox has of it be delivered, " if in_the_way else ""
    return Event(
        "would",
        "cyan",
        f"{bundle.bundle_id}  {decimal(bundle.size)}: {first}{_STEPS[bundle.availability]}",
        {
            "bundle_id": bundle.bundle_id,
            "bytes": bundle.size,
            "access": bundle.availability,
            "in_the_way": in_the_way,
        },
    )


def estimate(bundles: Sequence[ArchivedBundle], cost: RestoreCost, options: RestoreOptions) -> Event:
    """What the restores would cost, in US dollars, at the list prices of `prices_as_of`."""
    size = sum(bundle.size for bundle in bundles)
    as_of = price("deep_archive_restore_standard").as_of
    text = (
        f"{quantity(len(bundles), 'bundle')}, {decimal(size)}; nothing was changed. {restores_in_words(cost, options)}"
    )
    text += "" if cost.bundles else "."
    fields = {
        "bundles": len(bundles),
        "bytes": size,
        "restores": cost.bundles,
        "restore_bytes": cost.bytes,
        **asdict(options),
        "retrieval_usd": cost.retrieval,
        "requests_usd": cost.requests,
        "storage_usd": cost.storage,
        "total_usd": cost.total,
        "prices_as_of": as_of,
    }
    return Event("estimate", "bold", text, fields)


def replayed(bundle: ArchivedBundle, *, already_there: bool) -> Event:
    """A bundle is in the mailbox, its bytes checked; `already_there`: an earlier run of this replay put it there."""
    there = ", was there already" if already_there else ""
    return Event(
        "replayed",
        "green",
        f"{bundle.bundle_id}  {decimal(bundle.size)}{there}",
        {"bundle_id": bundle.bundle_id, "bytes": bundle.size, "already_there": already_there},
    )


def stopped(checkpoint: Checkpoint, passes: Passes[str]) -> Event:
    """The end of this run; where something is left, the checkpoint continues the replay."""
    replay_id, left = checkpoint.request.replay_id, len(passes.left)
    path = str(checkpoint.path) if left else None
    there = f"{passes.already_there} already there, " if passes.already_there else ""
    text = f"replay {replay_id}: {passes.done} put into the mailbox, {there}{passes.refused} refused, {left} left"
    if path is not None:
        text += f". Go on with: baler replay --continue {path}"
    fields = {
        "replay_id": replay_id,
        "replayed": passes.done,
        "already_there": passes.already_there,
        "refused": passes.refused,
        "left": left,
        "checkpoint": path,
    }
    return Event("stopped", "bold", text, fields)
