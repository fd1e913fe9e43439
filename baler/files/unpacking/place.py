"""Where a file goes: the path its key spells if that is possible, else a derived one; never outside the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import IO, TYPE_CHECKING, Final, Self

from baler.files.bundle.members import is_safe_path
from baler.files.unpacking import durability
from baler.files.unpacking.disk import concerns_the_disk, name_rules
from baler.files.unpacking.permissions import UMASK, Permissions
from baler.files.unpacking.rename import rename_exclusively

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path
    from types import TracebackType

    from baler.files.bundle.manifest import ManifestFile

UNSAFE_FOLDER: Final = b"unsafe-keys"

_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK_BYTES: Final = 256 * 1024
# A staged file that is missing, or that something else was put in the place of.
_NOT_THAT_FILE: Final = {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO, errno.EISDIR}
# What a file system answers that cannot sync a folder on its own (some of FUSE and of SMB).
_NO_SYNC_OF_FOLDERS: Final = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EBADF, errno.EISDIR}
# How many folders of unsafe keys are tried; a second is needed only where something is in the way of the first.
_ATTEMPTS: Final = 10


class PlaceError(OSError):
    """No place takes a file; the message names the one that is any file's, what the disk says and what to do."""

    def __init__(self, key: str, path: Path, error: OSError) -> None:
        # Never the number of an error of the whole disk: that one would have been raised as it came.
        super().__init__(errno.EACCES, os.strerror(errno.EACCES))
        self.message = (
            f"the file {key!r} has no place: the disk refuses {str(path)!r} too ({error.strerror}). Let this user make "
            "and write that folder, or move what is in its place; nothing is lost, and it is tried again"
        )

    def __str__(self) -> str:
        return self.message


class FolderNotDurableError(OSError):
    """A new folder cannot be made durable. No place refuses: another file name in that folder would be no safer."""


class TargetState(Enum):
    """What is at the place that a file is to go to."""

    FREE = auto()
    SAME = auto()  # a file with the same bytes is there
    TAKEN = auto()


class Placement:
    """Moves the staged files of one bundle below a folder.

    Folders are opened one path segment at a time and never through a symlink, so nothing that is planted in the folder
    leads out of it. A file leaves the staging folder by the very rename that publishes it: whether it is still staged
    tells, after any crash, whether it was published, even if someone has taken it away from its place since.

    Args:
        into: the folder of files.
        staging: the folder of staged files, on the same disk.
        permissions: what files and new folders get.
    """

    def __init__(self, into: Path, staging: Path, permissions: Permissions = UMASK) -> None:
        self._into = into
        self._staging = staging
        self._permissions = permissions
        self._touched: set[bytes] = set()
        self._ours: set[bytes] = set()  # folders that have exactly the name that was asked for

    def __enter__(self) -> Self:
        self._root = os.open(self._into, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._staged = os.open(self._staging, _OPEN_FOLDER)
        except BaseException:
            os.close(self._root)
            raise
        try:
            self._rules = name_rules(self._staged)
            self._name_max = os.fpathconf(self._root, "PC_NAME_MAX")
            # PATH_MAX counts the terminating NUL; one more goes to the slash after the folder.
            self._path_max = os.fpathconf(self._root, "PC_PATH_MAX") - len(os.fsencode(self._into)) - 2
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._staged)
        os.close(self._root)

    def put(
        self,
        staged: str,
        file: ManifestFile,
        note: Callable[[str], None],
        begin: Callable[[], None] = lambda: None,
    ) -> bool:
        """Move one staged file to its place: the first that is free and that the disk does not refuse.

        Return False where a file with the same bytes was there already.

        Args:
            staged: its name in the staging folder.
            file: its line of the manifest.
            note: called with the path, before the move, when that is not the file's key.
            begin: called last of all before the move.

        Raises:
            PlaceError: no place takes it.
            FolderNotDurableError: a folder that was made for it would not outlast a power cut; it is removed again.
            FileNotFoundError: it is not staged.
            OSError: the disk fails, whatever the place.
        """
        name = os.fsencode(staged)
        self._permissions.apply_to_file(name, self._staged)
        exact = self._exact_path(file.key)
        refusals: dict[bytes, OSError] = {}
        for path in self._paths(exact, file):
            try:
                with self._parent(path, make=True) as parent:
                    state = self._state(parent, path, file)
                    if state is TargetState.TAKEN:
                        continue
                    if path != exact:
                        note(path.decode())
                    begin()
                    if state is TargetState.SAME:
                        self._drop(name)
                    else:
                        rename_exclusively(name, self._staged, path.rpartition(b"/")[2], parent)
            except FolderNotDurableError:
                raise
            except OSError as error:
                if concerns_the_disk(error, self._staged):
                    raise
                os.stat(name, dir_fd=self._staged, follow_symlinks=False)  # raises if it is not the place that is gone
                refusals[path] = error
                continue
            self._touch(path)
            return state is TargetState.FREE
        path = next(self._paths(None, file))
        taken = FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        raise PlaceError(file.key, self._into / path.decode(), refusals.get(path, taken))

    def is_at(self, path: str, staged: str, file: ManifestFile) -> bool:
        """Drop a staged file whose bytes lie at an earlier place of it already; False where they do not."""
        if not self.lies_at(path, file):
            return False
        self._touch(path.encode())
        self._drop(os.fsencode(staged))
        return True

    def lies_at(self, path: str, file: ManifestFile) -> bool:
        """Tell whether a file's bytes lie at this path."""
        place = path.encode()
        try:
            with self._parent(place, make=False) as parent:
                return self._state(parent, place, file) is TargetState.SAME
        except OSError as error:
            if concerns_the_disk(error, self._staged):
                raise
            return False

    def was_put(self, path: str) -> None:
        """Count a file that an earlier run moved to this path among those that `sync` makes durable."""
        self._touch(path.encode())

    def is_staged(self, staged: str, file: ManifestFile) -> bool:
        """Tell whether a staged file is there and still has the bytes that its line of the manifest promises.

        That reads it once more, some microseconds for a small file that was just written. What changes it after that
        and before the move, which is next, cannot be noticed.
        """
        try:
            descriptor = os.open(os.fsencode(staged), _OPEN_FILE, dir_fd=self._staged)
        except OSError as error:
            if error.errno not in _NOT_THAT_FILE:
                raise
            return False
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size != file.size:
            os.close(descriptor)
            return False
        with os.fdopen(descriptor, "rb") as found:
            return _sha256(found) == file.sha256

    def sync(self) -> None:
        """Make every move durable: all at once where the file system can and all of it is on that one.

        What was found in its place already may be on another, that somebody has mounted there. Then, and where a file
        system cannot, deepest folders first; one that was taken away meanwhile needs nothing. A folder is opened by its
        whole path, in one call however deep it is: nothing is made or moved through it. Where one cannot be opened or
        synced on its own, everything is, on every disk.
        """
        if self._is_on_one_disk() and durability.sync_file_system(self._root):
            return
        alone = [self._sync_folder(folder) for folder in sorted(self._touched, key=len, reverse=True)]
        sync_or_all(self._root, self._staged, also=not all(alone))

    def _is_on_one_disk(self) -> bool:
        disk = os.fstat(self._root).st_dev
        for folder in self._touched:
            try:
                if os.stat(folder, dir_fd=self._root, follow_symlinks=False).st_dev != disk:
                    return False
            except FileNotFoundError:
                continue
            except OSError:
                return False
        return True

    def _sync_folder(self, folder: bytes) -> bool:
        """Sync a folder; False where that cannot be done on its own."""
        try:
            descriptor = os.open(folder, _OPEN_FOLDER, dir_fd=self._root)
        except FileNotFoundError:
            return True
        except OSError as error:
            if concerns_the_disk(error, self._staged):
                raise
            return False
        try:
            return _sync(descriptor)
        finally:
            os.close(descriptor)

    def _drop(self, name: bytes) -> None:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._staged)

    def _paths(self, exact: bytes | None, file: ManifestFile) -> Iterator[bytes]:
        """Yield the places to try, best first; the derived ones are a file's own unless someone aims at them."""
        identity = f"{file.key}\0{file.version_id or ''}".encode(errors="surrogatepass")
        mark = hashlib.sha256(identity).hexdigest().encode()
        if exact is not None:
            yield exact
            beside = exact + b".~" + mark[:16]
            if self._fits(beside):
                yield beside
        for attempt in range(_ATTEMPTS):
            folder = UNSAFE_FOLDER + (b".~%d" % attempt if attempt else b"")
            yield folder + b"/" + mark

    def _exact_path(self, key: str) -> bytes | None:
        """Return the key as a path below the folder, or None where it is not one on this disk."""
        if self._rules.altered and not is_safe_path(key):
            return None
        try:
            path = key.encode()
        except UnicodeEncodeError:
            return None
        return path if self._fits(path) else None

    def _fits(self, path: bytes) -> bool:
        return (
            len(path) <= self._path_max
            and b"\0" not in path
            and all(
                segment not in {b"", b".", b".."} and len(segment) <= self._name_max for segment in path.split(b"/")
            )
        )

    def _touch(self, path: bytes) -> None:
        while path := path.rpartition(b"/")[0]:
            self._touched.add(path)

    @contextmanager
    def _parent(self, path: bytes, *, make: bool) -> Generator[int]:
        """Open the folder that `path` lies in.

        Raises:
            OSError: something is in the way, the disk refuses, or it is missing and not to be made.
        """
        descriptor = os.dup(self._root)
        try:
            folder = b""
            for segment in path.split(b"/")[:-1]:
                folder += b"/" + segment
                inner = self._enter(segment, descriptor, folder, make=make)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def _enter(self, name: bytes, parent: int, folder: bytes, *, make: bool) -> int:
        try:
            inner = os.open(name, _OPEN_FOLDER, dir_fd=parent)
        except FileNotFoundError:
            if not make:
                raise
            self._permissions.make_folder(name, parent, self._staged)
            # Before anything is moved into it: a disk that kept the move and not the folder would lose the file.
            _sync_new_folder(name, parent)
            inner = os.open(name, _OPEN_FOLDER, dir_fd=parent)
        if self._rules.merged and folder not in self._ours:
            if not _is_listed(name, parent):
                os.close(inner)
                raise NotADirectoryError(errno.ENOTDIR, "another name of the same folder", os.fsdecode(name))
            self._ours.add(folder)
        return inner

    def _state(self, parent: int, path: bytes, file: ManifestFile) -> TargetState:
        """Say what is at a place; on a disk that takes two names for one, the same file has the same name too."""
        name = path.rpartition(b"/")[2]
        state = _state(parent, name, file)
        if state is TargetState.SAME and self._rules.merged and not _is_listed(name, parent):
            return TargetState.TAKEN
        return state


def sync_or_all(*folders: int, also: bool = False) -> None:
    """Sync open folders; everything on every disk where one cannot be synced on its own.

    Args:
        folders: their descriptors.
        also: something else could not be synced on its own.
    """
    alone = [_sync(folder) for folder in folders]
    if also or not all(alone):
        os.sync()


def _sync(folder: int) -> bool:
    """Sync an open folder; False where its file system cannot."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in _NO_SYNC_OF_FOLDERS:
            raise
        return False
    return True


def _sync_new_folder(name: bytes, parent: int) -> None:
    """Make a folder durable that was just made.

    Raises:
        FolderNotDurableError: it cannot be; it is removed, since the next attempt syncs only what it makes itself.
    """
    try:
        sync_or_all(parent)
    except OSError as error:
        with suppress(OSError):
            os.rmdir(name, dir_fd=parent)
        raise FolderNotDurableError(*error.args) from error


def _is_listed(name: bytes, folder: int) -> bool:
    with os.scandir(folder) as entries:
        return any(os.fsencode(entry.name) == name for entry in entries)


def _state(parent: int, name: bytes, file: ManifestFile) -> TargetState:
    """Say what is at a place, without following a symlink or waiting for a pipe.

    Raises:
        OSError: the disk does not say.
    """
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return TargetState.FREE
    if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
        return TargetState.TAKEN
    descriptor = os.open(name, _OPEN_FILE, dir_fd=parent)
    with os.fdopen(descriptor, "rb") as occupant:
        if _sha256(occupant) != file.sha256:
            return TargetState.TAKEN
        os.fsync(descriptor)
    return TargetState.SAME


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
