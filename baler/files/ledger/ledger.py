"""The consumer's memory, in SQLite: bundles delivered, objects in quarantine, files that lie elsewhere."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from baler.files.ledger.ledger_file import LedgerError, compact, explained, open_database
from baler.files.unpacking.bad_bundle import Hurdle, Need

if TYPE_CHECKING:
    from collections.abc import Container, Generator
    from pathlib import Path
    from types import TracebackType

    from baler.files.bundle.manifest import ManifestFile
    from baler.files.horizon import Horizon
    from baler.files.ledger.mailbox_object import MailboxObject

# Each script brings a ledger from the version before to the next; version 0 is an empty file.
_SCHEMA: Final = (
    """
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
""",
    """
ALTER TABLE bundles ADD COLUMN replay_id TEXT;
CREATE TABLE replays (
    bundle_id TEXT NOT NULL,
    replay_id TEXT NOT NULL,
    PRIMARY KEY (bundle_id, replay_id)
) WITHOUT ROWID;
""",
    # What an older version refused for a limit or a format did not say so: all of it is tried once more.
    """
DELETE FROM asides;
ALTER TABLE asides ADD COLUMN hurdle TEXT;
ALTER TABLE asides ADD COLUMN least INTEGER;
""",
    # Of a bundle that an older version left half delivered it is not known how far it came.
    """
ALTER TABLE bundles ADD COLUMN manifest_sha256 TEXT;
ALTER TABLE bundles ADD COLUMN delivered_at TEXT;
ALTER TABLE bundles ADD COLUMN begun INTEGER DEFAULT 0;
ALTER TABLE bundles ADD COLUMN file_times TEXT NOT NULL DEFAULT '';
UPDATE bundles SET begun = NULL WHERE state = 'unpacked';
CREATE INDEX removed_by_age ON bundles (replay_id IS NULL, last_modified) WHERE state = 'removed';
CREATE TABLE consumer (id TEXT NOT NULL);
INSERT INTO consumer VALUES (lower(hex(randomblob(8))));
""",
    "ALTER TABLE asides RENAME TO quarantine;",
    """
ALTER TABLE bundles ADD COLUMN folder TEXT;
CREATE TABLE announcements (
    number    INTEGER PRIMARY KEY,
    bundle_id TEXT NOT NULL,
    replay_id TEXT,
    document  TEXT NOT NULL,
    failures  INTEGER NOT NULL DEFAULT 0,
    failure   TEXT
);
CREATE INDEX announcements_by_failures ON announcements (failures);
""",
    # Of what an older version began, `begun` is durable: nothing beyond it is due.
    """
ALTER TABLE bundles ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bundles ADD COLUMN boot TEXT;
""",
)
SCHEMA_VERSION: Final = len(_SCHEMA)


class DeliveryState(StrEnum):
    """How far a bundle is. A bundle that the ledger does not have is still only in the mailbox."""

    UNPACKED = "unpacked"  # verified and staged; its files are moving into place
    DELIVERED = "delivered"  # every file is in place; the object in the mailbox is to be deleted
    REMOVED = "removed"  # and deleted


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A bundle in the ledger.

    Attributes:
        bundle_id: its id.
        key: its object key in the mailbox.
        sha256: of the tar.gz, hexadecimal.
        files: how many files it holds.
        bytes: of those files.
        compressed_bytes: of the tar.gz.
        last_modified: when the object was put into the mailbox, ISO 8601.
        replay_id: of the replay that it was last taken for, or None where nobody asked.
        manifest_sha256: of its manifest as it was staged, or None where an older version staged it.
    """

    bundle_id: str
    key: str
    sha256: str
    files: int
    bytes: int
    compressed_bytes: int
    last_modified: str
    replay_id: str | None = None
    manifest_sha256: str | None = None


# Of `file_times`: milliseconds since the epoch and a comma, of a fixed width until the year 2286.
_TIME_WIDTH: Final = 14


@dataclass(frozen=True, slots=True)
class QuarantinedObject:
    """What is noted of an object in quarantine; `need`: what it takes to read it, or None where nothing would help."""

    need: Need | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """A delivered bundle for which the hook has not succeeded yet.

    Attributes:
        number: what it is known by.
        bundle_id: its id.
        replay_id: of the replay that it was delivered for, or None.
        document: what the hook gets, JSON.
        failures: how often the hook has failed for it.
    """

    number: int
    bundle_id: str
    replay_id: str | None
    document: str
    failures: int


@dataclass(frozen=True, slots=True)
class PublicationProgress:
    """How far the publication of a bundle is; one that has a folder of its own is published like one file.

    Attributes:
        begun: no file from there on was about to move; None where an older version did not note it.
        ended: so many files, from the first on, did move. Of those between the two it is not known: that is one file at
            the most, or after a power cut those that were due.
    """

    begun: int | None
    ended: int


_COLUMNS: Final = ", ".join(field.name if field.name != "key" else "object_key" for field in fields(LedgerEntry))


class Ledger:
    """An open ledger. Every method is one transaction and raises LedgerError when SQLite fails.

    It is durable when the method returns, but for the few that say otherwise: what those note outlasts the process at
    once, and a power cut from the next durable transaction on.

    Args:
        path: the database file, made if it is not there.
        boot: what tells this run of the machine from others; None where that cannot be told.
    """

    def __init__(self, path: Path, boot: str | None = None) -> None:
        self._path = path
        self._boot = boot
        self._waits = self._is_waiting = True  # for the disk: what is wanted, and what SQLite was told
        self._database = open_database(path)
        try:
            self._prepare()
            compact(self._database, path)
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    @property
    def consumer_id(self) -> str:
        """Who keeps this ledger, whichever process has it open."""
        [(consumer_id,)] = self._run("SELECT id FROM consumer")
        return consumer_id

    @property
    def bytes(self) -> int:
        """How large the database is, what pruning has left empty included."""
        [(size,)] = self._run("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return size

    def is_empty(self) -> bool:
        """Tell whether no bundle was ever taken, or all of them were forgotten since."""
        return not self._run("SELECT 1 FROM bundles LIMIT 1")

    def state(self, bundle_id: str) -> DeliveryState | None:
        """Tell how far a bundle is; None if it was never unpacked."""
        rows = self._run("SELECT state FROM bundles WHERE bundle_id = ?", bundle_id)
        return DeliveryState(rows[0][0]) if rows else None

    def entry(self, bundle_id: str) -> LedgerEntry:
        """Return a bundle that the ledger has."""
        [row] = self._run(f"SELECT {_COLUMNS} FROM bundles WHERE bundle_id = ?", bundle_id)  # noqa: S608 - our names
        return LedgerEntry(*row)

    def in_state(self, state: DeliveryState) -> list[LedgerEntry]:
        """Return the bundles in a state, oldest first; few, unless it is asked for the removed ones."""
        rows = self._run(f"SELECT {_COLUMNS} FROM bundles WHERE state = ? ORDER BY bundle_id", state)  # noqa: S608 - our names
        return [LedgerEntry(*row) for row in rows]

    def was_replayed(self, bundle_id: str, replay_id: str) -> bool:
        """Tell whether a bundle was taken for this replay before."""
        return bool(self._run("SELECT 1 FROM replays WHERE bundle_id = ? AND replay_id = ?", bundle_id, replay_id))

    def add_unpacked(self, entry: LedgerEntry) -> None:
        """Note a new or replayed bundle as unpacked: from here on its staged files are the truth, not the mailbox.

        That it was taken for its replay is noted in the same instant: no second object of that replay is taken. A power
        cut may take this back, which is durable with the note that a first file is due: then the bundle comes again
        from the mailbox, of which nothing was published.
        """
        marks = ", ".join("?" * len(fields(entry)))
        with self._unsynced(), self._transaction():
            self._run("DELETE FROM quarantine WHERE object_key = ?", entry.key)
            self._run(
                f"INSERT OR REPLACE INTO bundles ({_COLUMNS}, state) VALUES ({marks}, ?)",  # noqa: S608 - our names
                *astuple(entry),
                DeliveryState.UNPACKED,
            )
            if entry.replay_id is not None:
                self._run("INSERT INTO replays VALUES (?, ?)", entry.bundle_id, entry.replay_id)

    def advance(self, bundle_id: str, state: DeliveryState) -> None:
        """Note that a bundle is in another state now, and since when it is delivered."""
        self._run(
            "UPDATE bundles SET state = ?, delivered_at = coalesce(?, delivered_at) WHERE bundle_id = ?",
            state,
            datetime.now(UTC).isoformat(timespec="milliseconds") if state is DeliveryState.DELIVERED else None,
            bundle_id,
        )

    def deliver(self, bundle_id: str, announcement: str | None = None) -> None:
        """Note that every file of a bundle is in place and, in the same instant, that the hook is due for it.

        Args:
            bundle_id: the bundle.
            announcement: what the hook is to get; None where there is no hook.
        """
        with self._transaction():
            self.advance(bundle_id, DeliveryState.DELIVERED)
            if announcement is not None:
                self._run(
                    "INSERT INTO announcements (bundle_id, replay_id, document) "
                    "SELECT bundle_id, replay_id, ? FROM bundles WHERE bundle_id = ?",
                    announcement,
                    bundle_id,
                )

    def announcements(self, limit: int) -> list[Announcement]:
        """Return bundles for which the hook is due: those for which it failed least come first, of them the oldest."""
        rows = self._run(
            "SELECT number, bundle_id, replay_id, document, failures FROM announcements "
            "ORDER BY failures, number LIMIT ?",
            limit,
        )
        return [Announcement(*row) for row in rows]

    def announcements_due(self) -> int:
        """Return for how many bundles the hook is due."""
        [(due,)] = self._run("SELECT count(*) FROM announcements")
        return due

    def end_announcement(self, number: int) -> None:
        """Note that the hook has succeeded for a bundle."""
        self._run("DELETE FROM announcements WHERE number = ?", number)

    def fail_announcement(self, number: int, failure: str) -> None:
        """Note that it has failed, and how."""
        self._run("UPDATE announcements SET failures = failures + 1, failure = ? WHERE number = ?", failure, number)

    def begin_folder(self, bundle_id: str, folder: str) -> None:
        """Note that a bundle is about to move into place as a whole, and the name that its folder gets."""
        self._run("UPDATE bundles SET begun = 1, folder = ? WHERE bundle_id = ?", folder, bundle_id)

    def folder(self, bundle_id: str) -> str | None:
        """Return the name of a bundle's own folder; None where each of its files lies under its key."""
        rows = self._run("SELECT folder FROM bundles WHERE bundle_id = ?", bundle_id)
        return rows[0][0] if rows else None

    def remove(self, bundle_id: str) -> None:
        """Note that a delivered bundle was deleted from the mailbox.

        A power cut may take this back: then the next pass finds it delivered, and not in the mailbox.
        """
        with self._unsynced():
            self.advance(bundle_id, DeliveryState.REMOVED)

    def begin_files(self, bundle_id: str, number: int, due: int) -> None:
        """Note durably that the files from this position of the manifest on, up to `due`, may move into place.

        Every file before them is in place already. After a power cut each of these counts as one that may have moved,
        since what `begin_file` notes of them may be lost with it.
        """
        self._run(
            "UPDATE bundles SET begun = ?, due = ?, boot = ? WHERE bundle_id = ?", number, due, self._boot, bundle_id
        )

    def begin_file(self, bundle_id: str, number: int) -> None:
        """Note that the file at this position of the manifest, which is due, is about to move into place.

        Files are published one after the other, so every file before it is in place already. Not durable by itself: see
        `begin_files`.
        """
        with self._unsynced():
            self._run("UPDATE bundles SET begun = ? WHERE bundle_id = ?", number + 1, bundle_id)

    def end_file(self, bundle_id: str, number: int) -> None:
        """Note that and when it was published. Not durable by itself: see `begin_files`."""
        with self._unsynced():
            self._run(
                "UPDATE bundles SET file_times = substr(file_times, 1, ?) || ? WHERE bundle_id = ?",
                number * _TIME_WIDTH,
                f"{time.time_ns() // 1_000_000:0{_TIME_WIDTH - 1}d},",
                bundle_id,
            )

    def take_back_file(self, bundle_id: str, number: int) -> None:
        """Take back that the file at this position was about to move, and those behind it: none of them did."""
        self.begin_files(bundle_id, number, number)

    def progress(self, bundle_id: str) -> PublicationProgress:
        """Return how many files of a bundle were begun, and how many are known to be published."""
        [(begun, ended, due, boot)] = self._run(
            "SELECT begun, length(file_times) / ?, due, boot FROM bundles WHERE bundle_id = ?", _TIME_WIDTH, bundle_id
        )
        if begun is not None and (boot is None or boot != self._boot):
            begun = max(begun, due)  # the machine was started anew since: by a power cut, perhaps
        return PublicationProgress(begun, ended)

    def file_times(self, bundle_id: str) -> list[datetime]:
        """Return when each file of a bundle was published, in the order of its manifest."""
        [(times,)] = self._run("SELECT file_times FROM bundles WHERE bundle_id = ?", bundle_id)
        return [datetime.fromtimestamp(int(text) / 1000, UTC) for text in times.split(",")[:-1]]

    def delivered_at(self, bundle_id: str) -> datetime | None:
        """Return when the last file of a bundle was in place; None where an older version delivered it."""
        [(moment,)] = self._run("SELECT delivered_at FROM bundles WHERE bundle_id = ?", bundle_id)
        return None if moment is None else datetime.fromisoformat(moment)

    def prune(self, horizon: Horizon, limit: int) -> int:
        """Forget bundles that nothing can bring again, and where their files went; return how many.

        Args:
            horizon: what was put before it is forgotten, if its object was deleted.
            limit: no more than this at once, so that a pass is never held up for long.
        """
        forgotten = [
            bundle_id
            for replayed, before in ((False, horizon.delivered), (True, horizon.replayed))
            for (bundle_id,) in self._run(
                "SELECT bundle_id FROM bundles "
                "WHERE state = 'removed' AND (replay_id IS NULL) = ? AND last_modified < ? "
                "ORDER BY last_modified LIMIT ?",
                int(not replayed),
                before.isoformat(),
                limit,
            )
        ]
        if forgotten:
            with self._transaction():
                for bundle_id in forgotten:
                    for table in ("replays", "places", "bundles"):
                        self._run(f"DELETE FROM {table} WHERE bundle_id = ?", bundle_id)  # noqa: S608 - our names
        return len(forgotten)

    def keep_quarantined(self, keys: Container[str]) -> None:
        """Forget every object that was quarantined but these: it is not in the mailbox any more."""
        for (key,) in self._run("SELECT object_key FROM quarantine"):
            if key not in keys:
                self._run("DELETE FROM quarantine WHERE object_key = ?", key)

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

    def noted_place(self, bundle_id: str, number: int) -> str | None:
        """Return the path that is noted for a file, or None."""
        rows = self._run("SELECT path FROM places WHERE bundle_id = ? AND number = ?", bundle_id, number)
        return rows[0][0] if rows else None

    def places_of(self, bundle_id: str) -> dict[int, str]:
        """Return the path of each file of a bundle that does not lie under its key, by its position."""
        return dict(self._run("SELECT number, path FROM places WHERE bundle_id = ?", bundle_id))

    def forget_place(self, bundle_id: str, number: int) -> None:
        """Take back the note of a file that is not there, or not any more."""
        self._run("DELETE FROM places WHERE bundle_id = ? AND number = ?", bundle_id, number)

    def places(self) -> list[tuple[str, str, str | None, str]]:
        """Return path, key, version and bundle id of every file that does not lie under its key."""
        return [
            (path, json.loads(key), None if version is None else json.loads(version), bundle_id)
            for path, key, version, bundle_id in self._run(
                "SELECT path, key_json, version_id, bundle_id FROM places ORDER BY bundle_id, number"
            )
        ]

    def quarantine(self, item: MailboxObject, reason: str, need: Need | None) -> None:
        """Note that this very object is not worth another download, or not before the need is met."""
        hurdle, least = (None, None) if need is None else (need.hurdle, need.least)
        self._run(
            "INSERT OR REPLACE INTO quarantine (object_key, fingerprint, reason, hurdle, least) VALUES (?, ?, ?, ?, ?)",
            item.key,
            item.fingerprint,
            reason,
            hurdle,
            least,
        )

    def quarantined(self, item: MailboxObject) -> QuarantinedObject | None:
        """Return what is noted of this very object if it was quarantined; one that replaced it was not."""
        rows = self._run(
            "SELECT hurdle, least FROM quarantine WHERE object_key = ? AND fingerprint = ?", item.key, item.fingerprint
        )
        if not rows:
            return None
        [(hurdle, least)] = rows
        return QuarantinedObject(None if hurdle is None else Need(Hurdle(hurdle), least))

    def forget_quarantine(self) -> None:
        """Have everything that was quarantined tried once more."""
        self._run("DELETE FROM quarantine")

    def _prepare(self) -> None:
        [(version,)] = self._run("PRAGMA user_version")
        if 0 <= version < SCHEMA_VERSION:
            steps = "".join(_SCHEMA[version:])
            with explained(self._path):
                self._database.executescript(
                    f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                )
        elif version != SCHEMA_VERSION:
            raise LedgerError(
                f"The ledger {self._path} has schema version {version}, this program knows {SCHEMA_VERSION}: "
                "use the version of Baler that wrote it."
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

    @contextmanager
    def _unsynced(self) -> Generator[None]:
        """Commit without waiting for the disk: the next commit outside of this makes it durable."""
        self._waits = False
        try:
            yield
        finally:
            self._waits = True

    def _run(self, statement: str, *values: str | int | None) -> list[Any]:
        with explained(self._path):
            if self._waits is not self._is_waiting and not statement.startswith("SELECT"):
                # https://www.sqlite.org/pragma.html#pragma_synchronous: with a write-ahead log, FULL syncs it after
                # each transaction and NORMAL does not.
                self._database.execute(f"PRAGMA synchronous = {'FULL' if self._waits else 'NORMAL'}")
                self._is_waiting = self._waits
            return self._database.execute(statement, values).fetchall()
