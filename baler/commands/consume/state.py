"""The consumer's own folder, beside the folder of files: what is on its way in, what was quarantined, the ledger."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path


# A file system that cannot sync a folder says so.
_NO_SYNC: Final = {errno.EINVAL, errno.ENOTSUP}


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
    def quarantine(self) -> Path:
        """Bundles that could not be trusted, each with a report."""
        return self.path / "quarantine"

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
        """Remove what an abandoned attempt left in `incoming`, all but the staging folders of bundles to keep.

        Makes `incoming` and `quarantine` anew where someone has removed them.
        """
        self.make()
        for entry in list(self.incoming.iterdir()):
            if entry.name not in keep:
                _remove(entry)

    def drop_staging(self, bundle_id: str) -> None:
        """Remove the staging folder of a bundle, whatever is left of it."""
        _remove(self.staging(bundle_id))

    def make(self) -> None:
        """Make the folders that are missing."""
        self.incoming.mkdir(exist_ok=True)
        self.quarantine.mkdir(exist_ok=True)


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
        folder.make()
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


def sync_ancestors(*folders: Path) -> None:
    """Make it durable that folders are there, and those around them: a power cut must not take away what they hold.

    Always, since an earlier process may have made them and died before it could. What may not be opened was not made
    by us.
    """
    for ancestor in sorted({ancestor for folder in folders for ancestor in folder.parents}, reverse=True):
        try:
            sync_folder(ancestor)
        except PermissionError:
            continue
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(entry: Path) -> None:
    """Remove a file or a folder with all that is in it; what someone else removes meanwhile is removed too."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, onerror=_unless_gone)
    else:
        entry.unlink(missing_ok=True)


def _unless_gone(_function: object, _path: str, failure: tuple[type[BaseException], BaseException, object]) -> None:
    if not isinstance(failure[1], FileNotFoundError):
        raise failure[1]


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
