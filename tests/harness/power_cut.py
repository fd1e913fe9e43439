"""A disk that forgets: which files and names a power cut may leave, given what was synced before it.

A name in a folder, new, removed or moved, is on the disk for sure once the folder was synced after the change; before
that it may be there or not, each change for itself, in any order. A move between two folders happens whole or not at
all, as on every journalling file system. The bytes of a file are there once it was synced; before that it may be empty.
SQLite is trusted to keep what it committed durably; what it committed since may be there, or not.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Entries = dict[str, int]


@dataclass
class ForgetfulDisk:
    """Watches a folder. Whatever it holds at the beginning is on the disk.

    Attributes:
        root: the folder.
        kept: what the names of SQLite's own files begin with, which it keeps whole.
    """

    root: Path
    kept: str = "ledger.sqlite"
    _synced: dict[int, Entries] = field(default_factory=dict[int, Entries])
    _synced_bytes: dict[int, bytes] = field(default_factory=dict[int, bytes])
    _pins: dict[int, int] = field(default_factory=dict[int, int])
    _ledger: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def __post_init__(self) -> None:
        for folder, entries in self._folders().items():
            self._synced[folder] = entries

    def close(self) -> None:
        for descriptor in self._pins.values():
            os.close(descriptor)

    def fsync(self, descriptor: int) -> None:
        """Take the place of os.fsync."""
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        number = os.fstat(descriptor).st_ino
        if path.is_dir():
            self._synced[number] = self._entries(path)
        else:
            self._pin(path)
            self._synced_bytes[number] = path.read_bytes()

    def sync_all(self, _descriptor: int) -> bool:
        """Take the place of durability.sync_file_system."""
        for path in [self.root, *self.root.rglob("*")]:
            if path.is_dir():
                self._synced[path.stat().st_ino] = self._entries(path)
            elif not path.name.startswith(self.kept):
                self._pin(path)
                self._synced_bytes[path.stat().st_ino] = path.read_bytes()
        return True

    def keep_ledger(self) -> None:
        """SQLite has committed durably."""
        self._ledger = {path.name: path.read_bytes() for path in self.root.rglob(f"{self.kept}*")}

    def leave(self, target: Path, chance: Random, share: float) -> None:
        """Write into another folder what a power cut would leave now, with about that share of what is not synced."""
        folders = self._folders()
        now = {number: path for path in [self.root, *self.root.rglob("*")] for number in [path.lstat().st_ino]}
        moved = {number for entries in folders.values() for number in entries.values()}
        # A folder that was synced after a move into it has made the move durable, out of the other folder too.
        arrived = {
            number
            for folder, entries in folders.items()
            for name, number in entries.items()
            if self._synced.get(folder, {}).get(name) == number
        }
        fates: dict[object, bool] = {}

        def is_there(change: object) -> bool:
            return fates.setdefault(change, chance.random() < share)

        ledger = self._ledger if self._ledger and not is_there("ledger") else None

        def write(folder: int, into: Path) -> None:
            into.mkdir()
            old, new = self._synced.get(folder, {}), folders.get(folder, {})
            for name in sorted(old.keys() | new.keys()):
                before, after = old.get(name), new.get(name)
                if before != after and not name.startswith(self.kept):
                    number = after if before is None else before
                    assert number is not None
                    whole = number if before is None or number in moved else (folder, name)
                    is_done = after is None and number in arrived
                    after = after if is_done or is_there(whole) else before
                if after is None:
                    continue
                if after in now and now[after].is_dir():
                    write(after, into / name)
                elif name.startswith(self.kept) and ledger is None:
                    shutil.copy(now[after], into / name)
                elif name.startswith(self.kept):
                    (into / name).write_bytes((ledger or {}).get(name, b""))
                else:
                    self._write_file(after, now.get(after), into / name, is_there)

        write(self.root.lstat().st_ino, target)

    def _write_file(self, number: int, path: Path | None, target: Path, is_there: Callable[[object], bool]) -> None:
        synced = self._synced_bytes.get(number)
        current = path.read_bytes() if path is not None else synced
        target.write_bytes((current if synced == current or is_there(("bytes", number)) else synced) or b"")

    def _folders(self) -> dict[int, Entries]:
        folders = [self.root, *(path for path in self.root.rglob("*") if path.is_dir())]
        return {path.lstat().st_ino: self._entries(path) for path in folders}

    def _entries(self, folder: Path) -> Entries:
        for path in folder.iterdir():
            self._pin(path)
        return {path.name: path.lstat().st_ino for path in folder.iterdir()}

    def _pin(self, path: Path) -> None:
        """Keep the number of a file from being given to another one."""
        number = path.lstat().st_ino
        if number not in self._pins:
            self._pins[number] = os.open(path, os.O_PATH | os.O_NOFOLLOW)
