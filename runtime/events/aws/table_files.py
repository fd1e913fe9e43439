"""Writes the data files of the table: Parquet, in the order of time, each of one hour of one type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyiceberg.io.pyarrow
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.table import WriteTask

from baler.events.partition import Partition
from baler.events.table.columns import EVENT_TIME

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Mapping, Sequence

    from pyiceberg.manifest import DataFile
    from pyiceberg.table import FileScanTask, Table

    from baler.events.table.source_rows import Row

# pyarrow has no types, and what has to do with it neither.
ArrowTable: TypeAlias = Any
_arrow: Any = pa
_io: Any = pyiceberg.io.pyarrow

HOUR: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def begin_of(hour: Partition) -> datetime:
    """Return when an hour begins, UTC."""
    return datetime(hour.year, hour.month, hour.day, hour.hour, tzinfo=UTC)


def hour_of(file: FileScanTask) -> Partition:
    """Return the hour and the type that a data file is of."""
    event_type, hours = file.file.partition[0], file.file.partition[1]
    at = _EPOCH + hours * HOUR
    return Partition(event_type, at.year, at.month, at.day, at.hour)


def arrow_of(table: Table, rows: Sequence[Row]) -> ArrowTable:
    """Return rows as Arrow, with the columns of the table."""
    return _arrow.Table.from_pylist(list(rows), schema=_io.schema_to_pyarrow(table.schema(), include_field_ids=False))


def write_files(table: Table, hours: Mapping[Partition, ArrowTable], write_id: uuid.UUID) -> Iterator[DataFile]:
    """Write one file for each hour. No reader sees them before a snapshot lists them.

    pyiceberg would find the partitions itself by a library in Rust that is as large as all else; here they are known.
    """
    tasks = (
        WriteTask(
            write_uuid=write_id,
            task_id=number,
            schema=_io.pyarrow_to_schema(rows.schema, name_mapping=table.schema().name_mapping),
            record_batches=rows.sort_by([(EVENT_TIME.name, "ascending")]).combine_chunks().to_batches(),
            partition_key=_key(table, hour),
        )
        for number, (hour, rows) in enumerate(hours.items())
    )
    return _io.write_file(table.io, table.metadata, tasks)


def _key(table: Table, hour: Partition) -> PartitionKey:
    spec = table.spec()
    event_type, event_hour = spec.fields
    values = [
        PartitionFieldValue(event_type, hour.event_type),
        PartitionFieldValue(event_hour, (begin_of(hour) - _EPOCH) // HOUR),
    ]
    return PartitionKey(values, spec, table.schema())
