"""The table of all events, in Apache Iceberg."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io.pyarrow import ArrowScan
from pyiceberg.table import ALWAYS_TRUE

from baler.aws.faults import FAILURES, fault_of
from baler.events.aws.table_layout import TABLE, open_table
from baler.events.table.columns import SOURCE
from baler.store_errors import Unavailable
from runtime.events.aws.table_files import HOUR, arrow_of, begin_of, hour_of, write_files
from runtime.events.aws.table_filters import where_older, where_rows_are
from runtime.events.aws.table_sweep import sweep
from runtime.events.compactor.ports import TableSize

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import datetime

    from pyiceberg.catalog import Catalog
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import FileScanTask, Table

    from baler.events.partition import Partition
    from baler.events.table.source_rows import Row, SourceRows
    from runtime.events.aws.table_sweep import ListFiles

FILE_BYTES: Final = 32 * 1024 * 1024
"""Of a file that is large enough. Rewriting takes no more at once, and ten times as much memory."""


# pyarrow has no types.
ArrowTable: TypeAlias = Any
_arrow: Any = pa
_compute: Any = pc


class IcebergEventTable:
    """The EventTable port (see runtime/events/compactor/ports.py).

    Args:
        catalogue: where the table is listed. Its calls are not repeated by themselves.
        database: the table's namespace.
        list_files: what lists those below an address.
        name: the table's name.
        location: of its files, without a slash at the end; None for the catalogue's own choice.
    """

    def __init__(
        self,
        catalogue: Catalog,
        database: str,
        list_files: ListFiles,
        *,
        name: str = TABLE,
        location: str | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._database = database
        self._list_files = list_files
        self._name = name
        self._location = location

    def snapshot(self) -> IcebergSnapshot:
        """Read the table's current state."""
        with _unavailable("read the table"):
            return IcebergSnapshot(self._open())

    def size(self) -> TableSize:
        """Read the counts that each commit keeps."""
        with _unavailable("read the table"):
            current = self._open().current_snapshot()
        summary: Any = {} if current is None else current.summary
        return TableSize(int(summary.get("total-records", 0)), int(summary.get("total-data-files", 0)))

    def sweep(self, before: datetime) -> int:
        """Expire snapshots, and delete files below the table's location that no other one lists."""
        with _unavailable("delete files of the table"):
            return sweep(self._open(), self._list_files, before)

    def _open(self) -> Table:
        return open_table(self._catalogue, self._database, self._location, name=self._name)


class IcebergSnapshot:
    """The Snapshot port: one state of the table, and what can be made of it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._overtaken = False

    def holding(self, sources: Sequence[SourceRows]) -> frozenset[str]:
        """Read the sources of the rows that lie where those of the sources would."""
        with _unavailable("look for sources in the table"):
            files = self._files(where_rows_are(sources))
            found = self._read(files, columns=(SOURCE.name,))
            known: set[str] = set(_compute.unique(found[SOURCE.name]).to_pylist())
        return frozenset(source.key for source in sources if source.key in known)

    def commit(self, sources: Sequence[SourceRows], replaced: frozenset[str]) -> bool:
        """Write one snapshot: with new files, and without the rows of replaced sources in the old ones."""
        with _unavailable("commit to the table"):
            rows: dict[Partition, list[Row]] = defaultdict(list)
            for source in sources:
                rows[source.partition].extend(source.rows)
            hours = {hour: [arrow_of(self._table, of_it)] for hour, of_it in rows.items()}
            touched: list[FileScanTask] = []
            old = (
                self._files(where_rows_are([source for source in sources if source.key in replaced]))
                if replaced
                else []
            )
            for file in old:
                held = self._read([file])
                kept = held.filter(
                    _compute.invert(_compute.is_in(held[SOURCE.name], _arrow.array(replaced, held[SOURCE.name].type)))
                )
                if len(kept) < len(held):
                    touched.append(file)
                    hours[hour_of(file)].append(kept)
            return self._swap(touched, {hour: _joined(parts) for hour, parts in hours.items()})

    def scattered(self, before: datetime) -> Sequence[Partition]:
        """List the hours that have several files which are not large enough."""
        with _unavailable("list the table's files"):
            small = self._small(before)
        several = (hour for hour, files in small.items() if len(files) > 1)
        return sorted(several, key=lambda hour: (begin_of(hour), hour.event_type))

    def rewrite(self, hour: Partition) -> bool:
        """Make one file of the smallest ones of an hour, as many as memory takes."""
        with _unavailable("rewrite an hour of the table"):
            chosen: list[FileScanTask] = []
            for file in sorted(self._small(begin_of(hour) + HOUR).get(hour, []), key=_size):
                if len(chosen) > 1 and sum(map(_size, chosen)) + _size(file) > FILE_BYTES:
                    break
                chosen.append(file)
            # Another run may have done it meanwhile.
            return len(chosen) <= 1 or self._swap(chosen, {hour: self._read(chosen)})

    def drop(self, before: datetime) -> bool:
        """Commit a snapshot without the files of the hours that ended by then."""
        with _unavailable("drop hours of the table"):
            old = [file for file in self._files(where_older(before)) if begin_of(hour_of(file)) + HOUR <= before]
            return not old or self._swap(old, {})

    def _small(self, before: datetime) -> dict[Partition, list[FileScanTask]]:
        """List the files that are not large enough, of hours that ended by then."""
        found: dict[Partition, list[FileScanTask]] = defaultdict(list)
        for file in self._files(where_older(before)):
            hour = hour_of(file)
            if _size(file) < FILE_BYTES // 2 and begin_of(hour) + HOUR <= before:
                found[hour].append(file)
        return found

    def _files(self, where: BooleanExpression) -> list[FileScanTask]:
        return list(self._table.scan(row_filter=where).plan_files())

    def _read(self, files: Sequence[FileScanTask], columns: tuple[str, ...] = ()) -> ArrowTable:
        """Read whole files, all of their rows."""
        schema = self._table.schema()
        projected = schema.select(*columns) if columns else schema
        scan: Any = ArrowScan(self._table.metadata, self._table.io, projected, ALWAYS_TRUE)
        return scan.to_table(files)

    def _swap(self, removed: Sequence[FileScanTask], added: Mapping[Partition, ArrowTable]) -> bool:
        """Commit one snapshot without some files and with some rows."""
        # A commit moves pyiceberg's table on; this state is the one before it.
        if self._overtaken:
            return False
        transaction = self._table.transaction()
        update = transaction.update_snapshot()
        with update.overwrite() if removed else update.merge_append() as producer:
            for file in removed:
                producer.delete_data_file(file.file)
            for file in write_files(self._table, added, producer.commit_uuid):
                producer.append_data_file(file)
        try:
            transaction.commit_transaction()
        except CommitFailedException:
            return False
        finally:
            self._overtaken = True
        return True


def _joined(parts: Sequence[ArrowTable]) -> ArrowTable:
    return _arrow.concat_tables(parts, promote_options="permissive")


def _size(file: FileScanTask) -> int:
    return file.file.file_size_in_bytes


@contextmanager
def _unavailable(what: str) -> Generator[None]:
    try:
        yield
    except FAILURES as error:
        raise Unavailable(f"cannot {what}: {fault_of(error).reason}") from error
    except CommitFailedException as error:
        raise Unavailable(f"cannot {what}: others changed it each time") from error
