"""The table as a data set of Arrow, of which a query reads the files and columns that it needs, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyiceberg.io.pyarrow

from baler.events.table.columns import EVENT_TIME, EVENT_TYPE

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

# pyarrow has no types, and what has to do with it neither.
_arrow: Any = pa
_dataset: Any = ds
_files: Any = pafs
_io: Any = pyiceberg.io.pyarrow

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


def dataset_of(table: Table) -> Any:
    """Return the current snapshot, for DuckDB and others that read `pyarrow.dataset.Dataset`.

    Each file is said to be of its hour and its type, so that one which a query rules out is never opened.
    """
    file_format = _dataset.ParquetFileFormat(pre_buffer=True)
    files = _files.PyFileSystem(_Handler(table.io))
    schema = _io.schema_to_pyarrow(table.schema(), include_field_ids=False)
    fragments = [
        file_format.make_fragment(task.file.file_path, filesystem=files, partition_expression=_holds(task.file))
        for task in table.scan().plan_files()
    ]
    return _dataset.FileSystemDataset(fragments, schema, file_format, filesystem=files)


def _holds(file: DataFile) -> Any:
    begin = _EPOCH + file.partition[1] * _HOUR
    time = _dataset.field(EVENT_TIME.name)
    moment = _arrow.timestamp("us", tz="UTC")
    return (
        (_dataset.field(EVENT_TYPE.name) == file.partition[0])
        & (time >= _arrow.scalar(begin, moment))
        & (time < _arrow.scalar(begin + _HOUR, moment))
    )


class _Handler(pafs.FileSystemHandler):  # pyright: ignore[reportUntypedBaseClass]
    """Opens files as the table does, so that there is one client, with one set of credentials, time-outs and errors."""

    def __init__(self, io: FileIO) -> None:
        self._io = io

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handler) and other._io is self._io

    def __hash__(self) -> int:
        return id(self._io)

    def get_type_name(self) -> str:
        return "table"

    def normalize_path(self, path: str) -> str:
        return path

    def open_input_file(self, path: str) -> Any:
        return _arrow.PythonFile(self._io.new_input(path).open(), mode="r")

    def open_input_stream(self, path: str) -> Any:
        return self.open_input_file(path)

    def get_file_info(self, paths: list[str]) -> Any:
        return [_files.FileInfo(path, _files.FileType.File) for path in paths]

    def get_file_info_selector(self, selector: object) -> Any:
        raise NotImplementedError

    # A query only reads, by addresses that the snapshot lists.
    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = get_file_info_selector
    delete_file = move = copy_file = open_output_stream = open_append_stream = get_file_info_selector
