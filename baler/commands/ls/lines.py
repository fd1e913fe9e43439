"""The lines of a listing, which may have a million: written many at once, and not each by the console."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import typer

from baler.cli.report import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.files.archive.catalogue import CatalogueEntry
    from baler.files.register.page import RegisteredFile

_AT_ONCE: Final = 500


class Lines:
    """Writes a listing, and the events between its lines in their place.

    Args:
        report: writes an event.
        as_json: one JSON object a line instead of text.
    """

    def __init__(self, report: Callable[[Event], None], *, as_json: bool) -> None:
        self._report = report
        self._as_json = as_json
        self._waiting: list[str] = []

    def report(self, event: Event) -> None:
        """Write an event behind the lines so far."""
        self.flush()
        self._report(event)

    def file(self, entry: CatalogueEntry, file: RegisteredFile, state: str) -> None:
        """Write a file's line: when it landed, its size in bytes, its bundle's state and id, its key."""
        if self._as_json:
            self._json(
                "file",
                key=file.key,
                version_id=file.version_id,
                event_time=file.event_time,
                bytes=file.size,
                bundle_id=entry.bundle_id,
                state=state,
            )
        else:
            key = file.key if file.key.isprintable() else printable(file.key)
            self._line(f"{file.event_time}  {file.size:>12,}  {state:<11}  {entry.bundle_id}  {key}")

    def bundle(self, entry: CatalogueEntry, files: int, state: str) -> None:
        """Write a bundle's line: its id, its size in bytes, its state, how many of its files are meant."""
        if self._as_json:
            self._json(
                "bundle",
                bundle_id=entry.bundle_id,
                bytes=entry.bytes,
                files=files,
                state=state,
                sha256=entry.sha256,
                registered=entry.registered,
            )
        else:
            self._line(f"{entry.bundle_id}  {entry.bytes:>14,}  {state:<11}  {files:>7,} files")

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            typer.echo("\n".join(self._waiting))
            self._waiting.clear()

    def _json(self, kind: str, **fields: str | int | bool | None) -> None:
        self._line(json.dumps({"event": kind, "at": self._now(), **fields}))

    def _line(self, line: str) -> None:
        self._waiting.append(line)
        if len(self._waiting) >= _AT_ONCE:
            self.flush()

    def _now(self) -> str:
        if not self._waiting:
            self._at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return self._at
