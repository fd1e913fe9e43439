"""What an audit reports: how far it is, each thing that is wrong, and the sum."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.filesize import decimal

from baler.cli.report import Event, quantity
from baler.files.story.state import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.audit.tally import Tally
    from baler.files.landed_file import LandedFile
    from baler.files.story.state import FileState


def progress(step: str, done: int, noun: str, seconds: float) -> Event:
    """How far a step is: `done` of what, in how many seconds."""
    rate = done / seconds if seconds > 0 else 0.0
    text = f"{step}: {done:,} {noun} in {seconds:.0f} s, {rate:,.0f} a second"
    return Event("progress", "dim", text, {"step": step, "done": done, "noun": noun, "seconds": round(seconds, 1)})


def found(file: LandedFile, state: FileState, *, announced: bool = False) -> Event:
    """A file that is not as it should be."""
    version = "" if file.version_id is None else f"  version {file.version_id}"
    sent = ", sent to the queue again" if announced else ""
    landed_at = file.event_time.astimezone(UTC).isoformat(timespec="seconds")
    style = "red" if state.standing is Standing.WRONG else "yellow"
    return Event(
        state,
        style,
        f"{file.key}{version}  landed {landed_at}, {decimal(file.size)}{sent}",
        {
            "key": file.key,
            "version_id": file.version_id,
            "landed_at": landed_at,
            "size": file.size,
            "state": state,
            "announced": announced,
        },
    )


def bundle_found(bundle_id: str, state: FileState, files: int) -> Event:
    """A bundle whose files are not as they should be."""
    fields = {"bundle_id": bundle_id, "state": state, "files": files}
    return Event(state, "red", f"bundle {bundle_id}, which holds {quantity(files, 'file')} of the period", fields)


def held_twice(key: str | None, version_id: str | None, bundle_ids: Sequence[str]) -> Event:
    """A file that several bundles hold; its key is None where no manifest could be read to tell it."""
    name = "a file" if key is None else f"{key}{'' if version_id is None else f'  version {version_id}'}"
    fields = {"key": key, "version_id": version_id, "state": "twice", "bundle_ids": [*bundle_ids]}
    return Event("twice", "red", f"{name}  is in {', '.join(bundle_ids)}", fields)


def summary(tally: Tally, start: datetime, end: datetime, seconds: float) -> Event:
    """The sum."""
    states = {str(state): count for state, count in sorted(tally.states.items()) if count}
    rate = tally.landed / seconds if seconds > 0 else 0.0
    parts = [f"{count:,} {name}" for name, count in states.items()]
    if tally.twice:
        parts.append(f"{tally.twice:,} twice")
    verdict = "nothing lost, nothing twice" if not tally.wrong else f"{tally.wrong:,} not as they should be"
    sent = f" {tally.announced:,} were sent to the queue again." if tally.announced else ""
    full = " The queue is full: give the same command again when it has been worked off." if tally.queue_is_full else ""
    text = (
        f"{tally.landed:,} files that landed from {_minute(start)} to {_minute(end)} UTC: {verdict}. "
        f"{', '.join(parts) or 'none'}.{sent}{full} {tally.bundles:,} bundles compared, {seconds:.0f} s, "
        f"{rate:,.0f} files a second"
    )
    fields = {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "files": tally.landed,
        "bundles": tally.bundles,
        "states": states,
        "twice": tally.twice,
        "wrong": tally.wrong,
        "announced": tally.announced,
        "unreadable": tally.unreadable,
        "queue_is_full": tally.queue_is_full,
        "seconds": round(seconds, 1),
    }
    return Event("audit", "bold", text, fields)


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
