"""What was sent, in SQLite: noted before the first byte leaves, so that a put whose answer was lost is known again."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from baler.commands.send.folder import LocalFile

_SCHEMA: Final = """
CREATE TABLE files (
    key        TEXT PRIMARY KEY,
    size       INTEGER NOT NULL,
    mtime_ns   INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('begun', 'replacing', 'sent')),
    at         TEXT NOT NULL,
    version_id TEXT
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
SCHEMA_VERSION: Final = 1
_PATIENCE_SECONDS: Final = 10.0


class SentLedgerError(Exception):
    """The ledger cannot be used; the message says why."""


class SendState(StrEnum):
    """How far a file is."""

    BEGUN = "begun"  # a put of it was made or was about to be; whether it was stored is not known
    REPLACING = "replacing"  # so it is of a put of other bytes under a key that was sent, as a new version
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in the ledger: its size, time of writing and hash when it was sent, or was about to be."""

    key: str
    size: int
    mtime_ns: int
    sha256: str
    state: SendState


class SentLedger:
    """An open ledger. Every method is one durable transaction and raises SentLedgerError when SQLite fails.

    Args:
        path: the database file, made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            self._database = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self._database.execute("PRAGMA journal_mode = WAL")
                # What is begun must be known after a power cut: the put follows at once.
                self._database.execute("PRAGMA synchronous = FULL")
            [(version,)] = self._run("PRAGMA user_version")
            if version == 0:
                with self._explained():
                    self._database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            elif version != SCHEMA_VERSION:
                self._refuse(version)
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def file(self, key: str) -> SentFile | None:
        """Return what is known of a key."""
        rows = self._run("SELECT key, size, mtime_ns, sha256, state FROM files WHERE key = ?", key)
        if not rows:
            return None
        [(key, size, mtime_ns, sha256, state)] = rows
        return SentFile(key, size, mtime_ns, sha256, SendState(state))

    def begin(self, files: Iterable[tuple[LocalFile, str, SendState]]) -> None:
        """Note files, each with its SHA-256 and BEGUN or REPLACING, whose puts are about to be made."""
        with self._transaction():
            for file, sha256, state in files:
                self._note(file, sha256, state)

    def end(
        self,
        sent: Iterable[tuple[str, str | None]],
        not_sent: Iterable[str],
        anew: Iterable[tuple[LocalFile, str]] = (),
    ) -> None:
        """Note what became of puts.

        Args:
            sent: keys that are stored, each with the version that was made, if that is known.
            not_sent: keys of which it is certain that nothing was stored.
            anew: files that are stored with another hash than the one that is noted.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._transaction():
            for key, version_id in sent:
                self._run(
                    "UPDATE files SET state = ?, at = ?, version_id = ? WHERE key = ?",
                    SendState.SENT,
                    now,
                    version_id,
                    key,
                )
            for file, sha256 in anew:
                self._note(file, sha256, SendState.SENT)
            for key in not_sent:
                self._run("DELETE FROM files WHERE key = ? AND state = ?", key, SendState.BEGUN)

    def _note(self, file: LocalFile, sha256: str, state: SendState) -> None:
        self._run(
            "INSERT OR REPLACE INTO files (key, size, mtime_ns, sha256, state, at) VALUES (?, ?, ?, ?, ?, ?)",
            file.key,
            file.size,
            file.mtime_ns,
            sha256,
            state,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    def touch(self, file: LocalFile) -> None:
        """Note that a file was written anew, with the bytes that were sent."""
        self._run("UPDATE files SET mtime_ns = ? WHERE key = ?", file.mtime_ns, file.key)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget files."""
        with self._transaction():
            for key in keys:
                self._run("DELETE FROM files WHERE key = ?", key)

    def sent_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys of what was sent before a moment."""
        with self._explained():
            rows = self._database.execute(
                "SELECT key FROM files WHERE state = ? AND at < ?",
                (SendState.SENT, moment.astimezone(UTC).isoformat(timespec="milliseconds")),
            )
            for (key,) in rows:
                yield key

    def _refuse(self, version: int) -> None:
        raise SentLedgerError(
            f"The ledger {self._path} has schema version {version}, this program knows {SCHEMA_VERSION}: use the "
            "version of Baler that wrote it."
        )

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            self._database.rollback()
            raise

    def _run(self, statement: str, *values: str | int | None) -> list[Any]:
        with self._explained():
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SentLedgerError(
                f"The ledger {self._path} cannot be used ({error}): nothing is sent without it."
            ) from error
