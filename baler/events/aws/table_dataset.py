"""The table as a data set of Arrow, of which a query reads the files and columns that it needs, and no others."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyiceberg.io.pyarrow

from baler.events.table.columns import EVENT_TIME, EVENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Generator

    from pyiceberg.io import FileIO, InputStream
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

# pyarrow has no types, and what has to do with it neither.
_arrow: Any = pa
_dataset: Any = ds
_files: Any = pafs
_io: Any = pyiceberg.io.pyarrow

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Reads:
    """Keeps what the last read that failed was answered: all that Arrow says of it is text."""

    failure: Exception | None = None

    @contextmanager
    def noted(self) -> Generator[None]:
        try:
            yield
        except Exception as error:
            self.failure = error
            raise


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """A snapshot of the table.

    Attributes:
        dataset: for DuckDB and others that read `pyarrow.dataset.Dataset`.
    """

    dataset: Any
    _reads: _Reads

    @property
    def failure(self) -> Exception | None:
        """What S3, or the way to it, answered the last read that failed."""
        return self._reads.failure


def snapshot_of(table: Table) -> TableSnapshot:
    """Return the current snapshot.

    Each file is said to be of its hour and its type, so that one which a query rules out is never opened.
    """
    file_format = _dataset.ParquetFileFormat(pre_buffer=True)
    reads = _Reads()
    files = _files.PyFileSystem(_Handler(table.io, reads))
    schema = _io.schema_to_pyarrow(table.schema(), include_field_ids=False)
    fragments = [
        file_format.make_fragment(task.file.file_path, filesystem=files, partition_expression=_holds(task.file))
        for task in table.scan().plan_files()
    ]
    return TableSnapshot(_dataset.FileSystemDataset(fragments, schema, file_format, filesystem=files), reads)


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

    def __init__(self, io: FileIO, reads: _Reads) -> None:
        self._io = io
        self._reads = reads

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handler) and other._io is self._io

    def __hash__(self) -> int:
        return id(self._io)

    def get_type_name(self) -> str:
        return "table"

    def normalize_path(self, path: str) -> str:
        return path

    def open_input_file(self, path: str) -> Any:
        with self._reads.noted():
            return _arrow.PythonFile(_Stream(self._io.new_input(path).open(), self._reads), mode="r")

    def open_input_stream(self, path: str) -> Any:
        return self.open_input_file(path)

    def get_file_info(self, paths: list[str]) -> Any:
        return [_files.FileInfo(path, _files.FileType.File) for path in paths]

    def get_file_info_selector(self, selector: object) -> Any:
        raise NotImplementedError

    # A query only reads, by addresses that the snapshot lists.
    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = get_file_info_selector
    delete_file = move = copy_file = open_output_stream = open_append_stream = get_file_info_selector


class _Stream:
    """A file that is read, as Arrow asks for it."""

    def __init__(self, stream: InputStream, reads: _Reads) -> None:
        self._stream = stream
        self._reads = reads

    @property
    def closed(self) -> bool:
        stream: Any = self._stream
        return stream.closed

    def read(self, size: int = -1) -> bytes:
        with self._reads.noted():
            return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
