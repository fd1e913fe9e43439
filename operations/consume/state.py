"""The consumer's own folder, beside the folder of files: what is on its way in, what was put aside, the ledger."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path


class FolderError(Exception):
    """A folder cannot serve; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Where the consumer keeps what is its own.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def incoming(self) -> Path:
        """Downloads, and the verified files of bundles that are not yet in place."""
        return self.path / "incoming"

    @property
    def aside(self) -> Path:
        """Bundles that could not be trusted, each with a report."""
        return self.path / "aside"

    @property
    def ledger(self) -> Path:
        """The SQLite database."""
        return self.path / "ledger.sqlite"

    @property
    def lock(self) -> Path:
        """The lock file of the one consumer."""
        return self.path / "lock"

    def download(self, bundle_id: str) -> Path:
        """Where the tar.gz of a bundle is written."""
        return self.incoming / f"{bundle_id}.tar.gz"

    def staging(self, bundle_id: str) -> Path:
        """Where the files of a bundle wait for their place."""
        return self.incoming / bundle_id

    def sweep(self, keep: Container[str]) -> None:
        """Remove what an abandoned attempt left in `incoming`, all but the staging folders of bundles to keep."""
        for entry in list(self.incoming.iterdir()):
            if entry.name in keep:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def prepare(into: Path, state: Path) -> tuple[Path, StateFolder]:
    """Make both folders where they are missing and return them resolved.

    Raises:
        FolderError: one cannot be made, one lies inside the other, or files cannot be renamed between them.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        into, state = into.resolve(), state.resolve()
        folder = StateFolder(state)
        folder.incoming.mkdir(exist_ok=True)
        folder.aside.mkdir(exist_ok=True)
        folder.lock.touch(mode=0o600)
    except OSError as error:
        raise FolderError(f"Cannot use {error.filename!r} as a folder: {error.strerror}.") from error
    if into.is_relative_to(state) or state.is_relative_to(into):
        raise FolderError(
            f"--state {state} and --into {into} lie in one another: a file's name could then reach the "
            "consumer's own data. Choose two separate folders."
        )
    if not _same_mount(folder.lock, into):
        raise FolderError(
            f"--state {state} is not on the same file system as --into {into}: files could not be moved into place "
            "in one step. Choose a --state on the same one."
        )
    return into, folder


def _same_mount(file: Path, folder: Path) -> bool:
    """Tell whether a file can be renamed into a folder, creating nothing there.

    A rename onto `.` never succeeds, but is refused with EXDEV where the mounts differ; device numbers would not tell
    two mounts of one file system apart.
    """
    try:
        os.rename(file, f"{folder}/.")  # noqa: PTH104 - a Path would drop the dot
    except OSError as error:
        return error.errno != errno.EXDEV
    raise AssertionError("a file was renamed onto a folder")
