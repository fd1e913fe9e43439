"""Reads a consumer's ledger beside the consumer, and changes nothing in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

from baler.files.ledger.ledger import SCHEMA_VERSION, DeliveryState
from baler.files.ledger.ledger_file import PATIENCE_SECONDS, LedgerError, explained

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_COLUMNS: Final = (
    "bundle_id, object_key, state, replay_id, files, bytes, compressed_bytes, sha256, last_modified, delivered_at, "
    "folder"
)


@dataclass(frozen=True, slots=True)
class ReceivedBundle:
    """A bundle that a consumer has taken.

    Attributes:
        bundle_id, key: what it is and was in the mailbox.
        state: how far it is.
        replay_id: of the replay that it was last taken for, or None.
        files, bytes, compressed_bytes: how many, and how large unpacked and packed.
        sha256: of the tar.gz.
        last_modified: when it was put into the mailbox.
        delivered_at: when its last file was in place; None where it is not yet, or where an older version delivered it.
        folder: its own folder below the folder of files; None where each file lies under its key.
    """

    bundle_id: str
    key: str
    state: DeliveryState
    replay_id: str | None
    files: int
    bytes: int
    compressed_bytes: int
    sha256: str
    last_modified: datetime
    delivered_at: datetime | None
    folder: str | None


@dataclass(frozen=True, slots=True)
class QuarantineNote:
    """An object of the mailbox that is in quarantine: its key and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class DueHook:
    """A delivered bundle for which the hook has not succeeded, how often it failed, and how it failed last."""

    bundle_id: str
    replay_id: str | None
    failures: int
    failure: str | None


class LedgerReader:
    """An open ledger, for reading; a consumer that works with it is not disturbed.

    Args:
        path: the database file.

    Raises:
        LedgerError: it is not there, or of another version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise LedgerError(f"There is no ledger at {str(path)!r}: give the --state, or the --into, of the consumer.")
        with explained(path):
            self._database = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None
            )
        try:
            self._check_version()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def _check_version(self) -> None:
        [(version,)] = self._run("PRAGMA user_version")
        if version != SCHEMA_VERSION:
            raise LedgerError(
                f"The ledger {self._path} has schema version {version}, this program reads {SCHEMA_VERSION}: use the "
                "version of Baler that the consumer has, or start that one once with this version."
            )

    def bundles(
        self, start: datetime | None = None, end: datetime | None = None, *, unfinished: bool = False
    ) -> Iterator[ReceivedBundle]:
        """Yield bundles, the oldest first.

        Args:
            start: delivered from then on; for one that is not delivered: put into the mailbox.
            end: and before then.
            unfinished: those alone that are not done with.
        """
        time = "coalesce(delivered_at, last_modified)"
        where = f"{time} >= ? AND {time} < ?"
        if unfinished:
            where += f" AND state <> '{DeliveryState.REMOVED}'"
        bounds = (
            "" if start is None else start.astimezone(UTC).isoformat(),
            "9" if end is None else end.astimezone(UTC).isoformat(),
        )
        with explained(self._path):
            rows = self._database.execute(
                f"SELECT {_COLUMNS} FROM bundles WHERE {where} ORDER BY {time}, bundle_id",  # noqa: S608 - our names
                bounds,
            )
            for row in rows:
                yield _bundle(row)

    def bundle(self, bundle_id: str) -> ReceivedBundle | None:
        """Return a bundle; None where the ledger does not have it, or has forgotten it."""
        rows = self._run(f"SELECT {_COLUMNS} FROM bundles WHERE bundle_id = ?", bundle_id)  # noqa: S608 - our names
        return _bundle(rows[0]) if rows else None

    def file_times(self, bundle_id: str) -> list[datetime]:
        """Return when each file of a bundle was published, in the order of its manifest; once for a whole bundle."""
        rows = self._run("SELECT file_times FROM bundles WHERE bundle_id = ?", bundle_id)
        return [datetime.fromtimestamp(int(text) / 1000, UTC) for (times,) in rows for text in times.split(",") if text]

    def places(self, bundle_id: str) -> dict[int, str]:
        """Return the path of each file of a bundle that does not lie under its key, by its position."""
        return dict(self._run("SELECT number, path FROM places WHERE bundle_id = ? ORDER BY number", bundle_id))

    def quarantine(self) -> list[QuarantineNote]:
        """Return what is in quarantine."""
        return [QuarantineNote(*row) for row in self._run("SELECT object_key, reason FROM quarantine")]

    def due_hooks(self) -> list[DueHook]:
        """Return the bundles for which the hook has not succeeded, the oldest first."""
        rows = self._run("SELECT bundle_id, replay_id, failures, failure FROM announcements ORDER BY number")
        return [DueHook(*row) for row in rows]

    def findings(self) -> list[str]:
        """Read every page of the ledger, and return what is wrong with it: nothing where it is whole."""
        return [text for (text,) in self._run("PRAGMA integrity_check") if text != "ok"]

    def backup(self, target: Path) -> None:
        """Copy the ledger as it is at one moment, into a file that is there whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        draft = target.with_name(f"{target.name}.draft")
        draft.unlink(missing_ok=True)
        with explained(self._path), closing(sqlite3.connect(draft)) as copy:
            self._database.backup(copy)
            # One file, without a journal beside it that could be left behind.
            copy.execute("PRAGMA journal_mode = DELETE")
        draft.replace(target)

    def _run(self, statement: str, *values: str) -> list[Any]:
        with explained(self._path):
            return self._database.execute(statement, values).fetchall()


def _bundle(row: tuple[Any, ...]) -> ReceivedBundle:
    bundle_id, key, state, replay_id, files, size, compressed, sha256, modified, delivered, folder = row
    return ReceivedBundle(
        bundle_id,
        key,
        DeliveryState(state),
        replay_id,
        files,
        size,
        compressed,
        sha256,
        datetime.fromisoformat(modified),
        None if delivered is None else datetime.fromisoformat(delivered),
        folder,
    )
