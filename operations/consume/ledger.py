"""The consumer's memory, in SQLite: which bundles were delivered, which were put aside, which files lie elsewhere."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from operations.consume.mailbox import Letter
    from runtime.bundle.manifest import ManifestFile

SCHEMA_VERSION: Final = 1

_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE bundles (
    bundle_id        TEXT PRIMARY KEY,
    object_key       TEXT NOT NULL,
    sha256           TEXT NOT NULL,
    files            INTEGER NOT NULL,
    bytes            INTEGER NOT NULL,
    compressed_bytes INTEGER NOT NULL,
    last_modified    TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('unpacked', 'delivered', 'removed'))
) WITHOUT ROWID;
CREATE INDEX unfinished ON bundles (state) WHERE state <> 'removed';
CREATE TABLE places (
    bundle_id  TEXT NOT NULL,
    number     INTEGER NOT NULL,
    key_json   TEXT NOT NULL,
    version_id TEXT,
    path       TEXT NOT NULL,
    PRIMARY KEY (bundle_id, number)
) WITHOUT ROWID;
CREATE TABLE asides (
    object_key  TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    reason      TEXT NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


class LedgerError(Exception):
    """SQLite could not read or write; the message says why."""


class BundleState(StrEnum):
    """How far a bundle is. A bundle that the ledger does not have is still only in the mailbox."""

    UNPACKED = "unpacked"  # verified and staged; its files are moving into place
    DELIVERED = "delivered"  # every file is in place; the object in the mailbox is to be deleted
    REMOVED = "removed"  # and deleted


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """A bundle in the ledger.

    Attributes:
        bundle_id: its id.
        key: its object key in the mailbox.
        sha256: of the tar.gz, hexadecimal.
        files: how many files it holds.
        bytes: of those files.
        compressed_bytes: of the tar.gz.
        last_modified: when the object was put into the mailbox, ISO 8601.
    """

    bundle_id: str
    key: str
    sha256: str
    files: int
    bytes: int
    compressed_bytes: int
    last_modified: str


class Ledger:
    """An open ledger. Every method is one durable transaction and raises LedgerError when SQLite fails.

    Args:
        path: the database file, made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._database = sqlite3.connect(path, timeout=10, isolation_level=None)
        except sqlite3.Error as error:
            raise LedgerError(f"Could not open the ledger {path}: {error}.") from error
        try:
            self._prepare(path)
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def state(self, bundle_id: str) -> BundleState | None:
        """Tell how far a bundle is; None if it was never unpacked."""
        rows = self._run("SELECT state FROM bundles WHERE bundle_id = ?", bundle_id)
        return BundleState(rows[0][0]) if rows else None

    def record(self, bundle_id: str) -> BundleRecord:
        """Return a bundle that the ledger has."""
        [row] = self._run("SELECT * FROM bundles WHERE bundle_id = ?", bundle_id)
        return BundleRecord(*row[:-1])

    def in_state(self, state: BundleState) -> list[BundleRecord]:
        """Return the bundles in a state, oldest first; few, unless it is asked for the removed ones."""
        rows = self._run("SELECT * FROM bundles WHERE state = ? ORDER BY bundle_id", state)
        return [BundleRecord(*row[:-1]) for row in rows]

    def add_unpacked(self, record: BundleRecord) -> None:
        """Note a new bundle as unpacked: from here on its staged files are the truth, not the mailbox."""
        self._run("INSERT INTO bundles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *astuple(record), BundleState.UNPACKED)

    def advance(self, bundle_id: str, state: BundleState) -> None:
        """Note that a bundle is in another state now."""
        self._run("UPDATE bundles SET state = ? WHERE bundle_id = ?", state, bundle_id)

    def note_place(self, bundle_id: str, number: int, file: ManifestFile, path: str) -> None:
        """Note the path, relative to the folder of files, of a file that does not lie under its key."""
        self._run(
            "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?)",
            bundle_id,
            number,
            json.dumps(file.key),  # a key may hold what no encoding takes
            None if file.version_id is None else json.dumps(file.version_id),
            path,
        )

    def forget_places(self, bundle_id: str, numbers: list[int]) -> None:
        """Take back notes of files that were not moved after all."""
        for number in numbers:
            self._run("DELETE FROM places WHERE bundle_id = ? AND number = ?", bundle_id, number)

    def places(self) -> list[tuple[str, str, str | None, str]]:
        """Return path, key, version and bundle id of every file that does not lie under its key."""
        return [
            (path, json.loads(key), None if version is None else json.loads(version), bundle_id)
            for path, key, version, bundle_id in self._run(
                "SELECT path, key_json, version_id, bundle_id FROM places ORDER BY bundle_id, number"
            )
        ]

    def put_aside(self, letter: Letter, reason: str) -> None:
        """Note that this very object is not worth another download."""
        self._run("INSERT OR REPLACE INTO asides VALUES (?, ?, ?)", letter.key, letter.fingerprint, reason)

    def is_aside(self, letter: Letter) -> bool:
        """Tell whether this very object was put aside; one that replaced it was not."""
        rows = self._run("SELECT fingerprint FROM asides WHERE object_key = ?", letter.key)
        return bool(rows) and rows[0][0] == letter.fingerprint

    def _prepare(self, path: Path) -> None:
        # A commit must survive a power cut: the object in the mailbox is deleted on its word.
        self._run("PRAGMA journal_mode = WAL")
        self._run("PRAGMA synchronous = FULL")
        [(version,)] = self._run("PRAGMA user_version")
        if version == 0:
            try:
                self._database.executescript(_SCHEMA)
            except sqlite3.Error as error:
                raise LedgerError(f"Could not set up the ledger {path}: {error}.") from error
        elif version != SCHEMA_VERSION:
            raise LedgerError(
                f"The ledger {path} has schema version {version}, this program knows {SCHEMA_VERSION}: "
                "use the version of Baler that wrote it."
            )

    def _run(self, statement: str, *values: str | int | None) -> list[Any]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerError(f"The ledger cannot be used ({error}): check the disk of --state.") from error
