"""The table of events on this machine: SQLite's catalogue, files in a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.sql import SqlCatalog

from baler.events.table.rows import source_rows
from harness.processed_events import event, processed
from runtime.events.aws.event_table import IcebergEventTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.events.table.source_rows import SourceRows

DATABASE = "baler_test_events"


class LocalTable:
    """A table in a folder, as its adapter and as its readers see it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.catalogue = SqlCatalog("local", uri="sqlite:///:memory:", warehouse=f"file://{folder}")
        self.catalogue.create_namespace(DATABASE)
        self.table = IcebergEventTable(self.catalogue, DATABASE, self.files)

    def files(self, location: str = "") -> Iterator[tuple[str, datetime]]:
        """All files below a location, or below the folder, and when they were written."""
        for path in sorted((Path(location.removeprefix("file://")) if location else self._folder).rglob("*")):
            if path.is_file():
                yield f"file://{path}", datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def read(self) -> Any:
        """The table of pyiceberg; untyped, as what it reads is."""
        return self.catalogue.load_table((DATABASE, "events"))

    def rows(self, *columns: str) -> list[dict[str, object]]:
        """What a reader sees now, in the order of events, then of identities."""
        found: list[dict[str, object]] = self.read().scan(selected_fields=columns or ("*",)).to_arrow().to_pylist()
        return sorted(found, key=repr)

    def data_files(self) -> list[str]:
        return [task.file.file_path for task in self.read().scan().plan_files()]

    def commit(self, *sources: SourceRows) -> bool:
        snapshot = self.table.snapshot()
        return snapshot.commit(sources, snapshot.holding(sources))


def metrics(*values: float, at: str = "2024-01-15T10:30:00Z", arrived_at: float = 1_705_314_600.0) -> SourceRows:
    """A source of the metrics of one hour."""
    events = [event("metric", value=value, timestamp=at) for value in values]
    return source_rows(*processed(*events, arrived_at=arrived_at))
