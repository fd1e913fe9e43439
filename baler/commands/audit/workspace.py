"""What an audit knows so far, in a database on disk: a day's files would not fit into memory, and are in no order.

A file is known by 16 bytes of a hash of key and version, which two files share by chance once in 10^26 days of a
million files. A version that has no id of its own is in no manifest by which it could be told from another: it has no
hash here, and is judged by its claim alone.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from baler.files.landed_file import LandedFile
from baler.files.story.state import FileState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

_SCHEMA: Final = """
CREATE TABLE landed (id BLOB, key TEXT NOT NULL, version_id TEXT, etag TEXT NOT NULL, size INTEGER NOT NULL,
    at REAL NOT NULL);
CREATE TABLE bundles (number INTEGER PRIMARY KEY, bundle_id TEXT NOT NULL UNIQUE,
    waits INTEGER NOT NULL DEFAULT 0, set_aside INTEGER NOT NULL DEFAULT 0, state TEXT);
CREATE TABLE held (id BLOB NOT NULL, bundle INTEGER NOT NULL);
"""
_ORDER: Final = """
CREATE INDEX landed_by_id ON landed (id);
CREATE INDEX held_by_id ON held (id, bundle);
CREATE TABLE twice AS SELECT id FROM held GROUP BY id HAVING count(DISTINCT bundle) > 1;
CREATE INDEX twice_by_id ON twice (id);
"""
# In kilobytes, as a negative number of SQLite's pragma: what of the database is in memory.
_CACHE: Final = -32_768
# Rows that are asked for at once: of a page of a listing, and ten calls of BatchGetItem.
BATCH: Final = 1000


def identify(key: str, version_id: str | None) -> bytes | None:
    """Return the 16 bytes by which a file is known; None where it has no version."""
    if version_id is None:
        return None
    text = f"{version_id}\0{key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


class Workspace:
    """The database. Its methods raise sqlite3.Error where the disk is full.

    Args:
        database: empty.
        bucket: the landing bucket's name.
    """

    def __init__(self, database: sqlite3.Connection, bucket: str) -> None:
        self._database = database
        self._bucket = bucket
        database.executescript(_SCHEMA)

    def add_landed(self, files: Iterable[LandedFile]) -> None:
        """Note files that landed in the period."""
        self._database.executemany(
            "INSERT INTO landed VALUES (?, ?, ?, ?, ?, ?)",
            (
                (identify(file.key, file.version_id), file.key, file.version_id, file.etag, file.size, _seconds(file))
                for file in files
            ),
        )

    def add_bundle(self, bundle_id: str, files: Iterable[tuple[str, str | None]]) -> None:
        """Note a bundle that is in the archive, and what it holds, by key and version."""
        number = self._database.execute("INSERT INTO bundles (bundle_id) VALUES (?)", [bundle_id]).lastrowid
        ids = (identify(*file) for file in files)
        self._database.executemany("INSERT INTO held VALUES (?, ?)", ((each, number) for each in ids if each))

    def mark(self, column: str, bundle_ids: Iterable[str]) -> None:
        """Set a mark, `waits` or `set_aside`, of those bundles that were noted."""
        self._database.executemany(
            f"UPDATE bundles SET {column} = 1 WHERE bundle_id = ?",  # noqa: S608 - our names
            ((each,) for each in bundle_ids),
        )

    def sort(self) -> None:
        """Bring both sides into an order in which they can be compared; nothing is added after it."""
        self._database.executescript(_ORDER)

    def bundles_of_landed(self) -> Iterator[list[tuple[int, str, bool, bool]]]:
        """Yield the bundles that hold files of the period, in batches: number, id, whether it waits or is set aside."""
        yield from _batches(
            self._rows(
                "SELECT number, bundle_id, waits, set_aside FROM bundles WHERE number IN "
                "(SELECT bundle FROM held WHERE id IN (SELECT id FROM landed)) ORDER BY number"
            )
        )

    def set_states(self, states: Mapping[int, FileState]) -> None:
        """Note what became of bundles, by their numbers."""
        self._database.executemany(
            "UPDATE bundles SET state = ? WHERE number = ?", ((state.value, number) for number, state in states.items())
        )

    def settled(self) -> dict[FileState, int]:
        """Return how many files of the period are in one bundle whose state is known, by that state."""
        rows = self._rows(
            "SELECT state, count(*) FROM landed JOIN held USING (id) JOIN bundles ON number = bundle "
            "WHERE state IS NOT NULL AND id NOT IN twice GROUP BY state"
        )
        return {FileState(state): count for state, count in rows}  # pyright: ignore[reportCallIssue]  # looked up by value

    def files_in(self, bundle: int) -> int:
        """Return how many files of the period a bundle holds."""
        [(count,)] = self._rows("SELECT count(*) FROM landed JOIN held USING (id) WHERE bundle = ?", bundle)
        return count

    def unsettled(self) -> Iterator[list[LandedFile]]:
        """Yield the files of the period that no bundle with a known state holds, in batches."""
        rows = self._rows(
            "SELECT key, version_id, etag, size, at FROM landed WHERE id IS NULL OR NOT EXISTS "
            "(SELECT 1 FROM held JOIN bundles ON number = bundle WHERE held.id = landed.id "
            "AND (state IS NOT NULL OR held.id IN twice))"
        )
        for batch in _batches(rows):
            yield [
                LandedFile(self._bucket, key, version_id, etag, size, datetime.fromtimestamp(at, UTC))
                for key, version_id, etag, size, at in batch
            ]

    def twice(self) -> Iterator[tuple[bytes, list[str]]]:
        """Yield each file that several bundles hold, with their ids; whether it landed in the period or before."""
        for (identity,) in self._rows("SELECT id FROM twice"):
            bundles = self._rows(
                "SELECT DISTINCT bundle_id FROM held JOIN bundles ON number = bundle WHERE id = ? ORDER BY bundle_id",
                identity,
            )
            yield identity, [bundle_id for (bundle_id,) in bundles]

    def _rows(self, query: str, *values: object) -> Iterator[Any]:
        # A cursor of its own: rows are added while others are read.
        with closing(self._database.cursor()) as cursor:
            yield from cursor.execute(query, values)


@contextmanager
def workspace(bucket: str) -> Generator[Workspace]:
    """Open an empty workspace in the folder of temporary files; nothing of it is left at the end."""
    with (
        TemporaryDirectory(prefix="baler-audit-") as folder,
        closing(sqlite3.connect(Path(folder) / "audit.sqlite", isolation_level=None)) as database,
    ):
        # Nobody wants it after a crash, so nothing waits for the disk.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = {_CACHE}", "temp_store = FILE"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN")
        yield Workspace(database, bucket)


def _seconds(file: LandedFile) -> float:
    return file.event_time.timestamp()


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
