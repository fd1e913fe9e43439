"""What an extraction reports, beside what every reader of the archive does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal

from baler.cli.report import Event

if TYPE_CHECKING:
    from baler.files.bundle.manifest import ManifestFile


def file_extracted(file: ManifestFile, bundle_id: str, path: str, *, already_there: bool) -> Event:
    """A file lies in the folder, its bytes checked against the manifest; `path` is relative to the folder."""
    version = "" if file.version_id is None else f", version {file.version_id}"
    there = ", was there already" if already_there else ""
    return Event(
        "file",
        "green",
        f"{path}  {decimal(file.size)}, of {file.event_time}{version}{there}",
        {
            "key": file.key,
            "path": path,
            "bytes": file.size,
            "sha256": file.sha256,
            "version_id": file.version_id,
            "event_time": file.event_time,
            "bundle_id": bundle_id,
            "already_there": already_there,
        },
    )


def stopped(files: int, already_there: int, refused: int, left: int) -> Event:
    """The end: how many files were extracted, needed no extraction, cannot be had, and are still to come."""
    there = f"{already_there} already there, " if already_there else ""
    text = f"{files} extracted, {there}{refused} refused, {left} left"
    if left:
        text += ". Give the same command again for what is left"
    fields = {"files": files, "already_there": already_there, "refused": refused, "left": left}
    return Event("stopped", "bold", text, fields)
