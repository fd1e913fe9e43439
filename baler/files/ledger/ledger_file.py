"""The ledger's file: made whole or not at all, checked before it is trusted, and its errors reported as what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# How long another program may hold the ledger, in seconds, before this one gives up for now.
PATIENCE_SECONDS: Final = 10.0

# Up to this size every page is checked at the start: some weeks of 10 files/s.
_LARGE_BYTES: Final = 256 * 1024 * 1024
# Of a larger file this many of the newest bundles are read.
_RECENT: Final = 10_000
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Python's own error, which has no code, over bytes that no page check finds wrong.
_NO_TEXT: Final = "Could not decode to UTF-8"
_LOCKED: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# SQLite puts details into the higher bits of an error code.
_PRIMARY_CODE: Final = 0xFF


class LedgerError(Exception):
    """The ledger cannot be read or written now; the message says why."""


class LedgerDamagedError(LedgerError):
    """The ledger can never be read again; the message says what to do."""

    def __init__(self, path: Path, what: object) -> None:
        super().__init__(
            f"The ledger {path} is damaged ({what}): nothing is taken or deleted on its word. Move {path.name}* out of "
            f"{path.parent} and start again; docs/bad-input.md says what that means."
        )


def open_database(path: Path) -> sqlite3.Connection:
    """Open the ledger's file; make it if it is not there.

    Raises:
        LedgerError: it cannot be opened now.
        LedgerDamagedError: something is there that is no whole database.
    """
    try:
        if not path.exists():
            _make(path)
        # SQLite would take an empty file for a new database, and every bundle for one that was never delivered.
        elif path.stat().st_size == 0:
            raise LedgerDamagedError(path, "it is empty")
        database = _connect(path)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"Could not open the ledger {path}: {error}.") from error
    try:
        with explained(path):
            # A commit must survive a power cut: the object in the mailbox is deleted on its word.
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
        _check(database, path)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Raise SQLite's errors as the ledger's."""
    try:
        yield
    except UnicodeDecodeError as error:
        # Python's, over an error message of SQLite that quotes what the file is damaged with.
        raise LedgerDamagedError(path, "what should be text in it is none") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code in _DAMAGED:
            raise LedgerDamagedError(path, error) from error
        if str(error).startswith(_NO_TEXT):
            raise LedgerDamagedError(path, "what should be text in it is none") from error
        if code in _LOCKED:
            raise LedgerError(
                f"The ledger {path} is locked ({error}): another program has held it for {PATIENCE_SECONDS:.0f} s. "
                "Let go of it there; nothing is lost."
            ) from error
        raise LedgerError(f"The ledger {path} cannot be used ({error}): check the disk of --state.") from error


def _make(path: Path) -> None:
    """Make an empty database under another name, and name it when it is whole."""
    journal = path.with_name(f"{path.name}-wal")
    if journal.exists():
        # SQLite would play it back into the new file.
        raise LedgerDamagedError(path, f"it is gone, but not its {journal.name}")
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with closing(_connect(draft)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    # The first commit makes this durable too: SQLite syncs the folder when it makes the journal.
    draft.rename(path)


def compact(database: sqlite3.Connection, path: Path) -> None:
    """Give back the pages that pruning has emptied, where they are most of a large file.

    SQLite uses empty pages again and gives none back by itself. The work is in proportion to what is left.
    """
    with explained(path):
        pages, size, free = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size", "freelist_count")
        )
        if pages * size <= _LARGE_BYTES or free <= pages // 2:
            return
        try:
            database.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_FULL:
                raise  # with a full disk the ledger is as good as it was


def _check(database: sqlite3.Connection, path: Path) -> None:
    """Refuse a file of which any page is broken; of a large file, any of the pages that the next bundles need.

    A whole check reads everything: 0.6 s for _LARGE_BYTES here. Where retention makes the ledger larger than that, the
    start would take ever longer; what is broken elsewhere is noticed when it is read.
    """
    with explained(path):
        [(pages,)] = database.execute("PRAGMA page_count").fetchall()
        [(size,)] = database.execute("PRAGMA page_size").fetchall()
        if pages * size > _LARGE_BYTES:
            recent = "SELECT count(*) FROM (SELECT * FROM bundles ORDER BY bundle_id DESC LIMIT ?)"
            database.execute(recent, (_RECENT,)).fetchall()
            return
        [(finding,)] = database.execute("PRAGMA quick_check(1)").fetchall()
    if finding != "ok":
        raise LedgerDamagedError(path, finding.splitlines()[-1])


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
