"""Where a file goes: the path its key spells if that is possible, else a derived one; never outside the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import IO, TYPE_CHECKING, Final, Self

from operations.consume.rename import rename_exclusively

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path
    from types import TracebackType

    from runtime.bundle.manifest import ManifestFile

UNSAFE_FOLDER: Final = b"unsafe-keys"

_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK_BYTES: Final = 256 * 1024
# How many folders of unsafe keys are tried; a second is needed only where someone put a file in the way of the first.
_ATTEMPTS: Final = 100
# A file or a symlink is where a folder must be, or the file system does not take the name.
_IN_THE_WAY: Final = {errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}
# A staged file that is missing, or that something else was put in the place of.
_NOT_THAT_FILE: Final = {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO, errno.EISDIR}


class _Place(Enum):
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
        staging: the folder of staged files.
    """

    def __init__(self, into: Path, staging: Path) -> None:
        self._into = into
        self._staging = staging
        self._touched: set[bytes] = set()

    def __enter__(self) -> Self:
        self._root = os.open(self._into, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._staged = os.open(self._staging, _OPEN_FOLDER)
            self._name_max = os.fpathconf(self._root, "PC_NAME_MAX")
            # PATH_MAX counts the terminating NUL; one more goes to the slash after the folder.
            self._path_max = os.fpathconf(self._root, "PC_PATH_MAX") - len(os.fsencode(self._into)) - 2
        except BaseException:
            os.close(self._root)
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
    ) -> None:
        """Move one staged file to its place.

        Args:
            staged: its name in the staging folder.
            file: its line of the manifest.
            note: called with the path, before the move, when that is not the file's key.
            begin: called last of all before the move.
        """
        name = os.fsencode(staged)
        exact = self._exact_path(file.key)
        for path in self._paths(exact, file):
            with self._parent(path, make=True) as parent:
                if parent is None:
                    continue
                leaf = path.rpartition(b"/")[2]
                place = _look(parent, leaf, file)
                if place is _Place.TAKEN:
                    continue
                if path != exact:
                    note(path.decode())
                begin()
                if place is _Place.SAME:
                    self._drop(name)
                    return
                try:
                    rename_exclusively(name, self._staged, leaf, parent)
                except OSError as error:
                    if error.errno not in _IN_THE_WAY | {errno.EEXIST}:
                        raise
                    continue
                return
        raise FileExistsError(errno.EEXIST, "every place for this file is taken", os.fsdecode(self._into))

    def is_at(self, path: str, staged: str, file: ManifestFile) -> bool:
        """Drop a staged file whose bytes lie at an earlier place of it already; False where they do not."""
        place = path.encode()
        with self._parent(place, make=False) as parent:
            if parent is None or _look(parent, place.rpartition(b"/")[2], file) is not _Place.SAME:
                return False
        self._drop(os.fsencode(staged))
        return True

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
        """Make every move durable. Deepest folders first; one that was taken away meanwhile needs nothing.

        A folder is opened by its whole path, in one call however deep it is: nothing is made or moved through it.
        """
        for folder in sorted(self._touched, key=len, reverse=True):
            try:
                descriptor = os.open(folder, _OPEN_FOLDER, dir_fd=self._root)
            except OSError as error:
                if error.errno not in _IN_THE_WAY | {errno.ENOENT}:
                    raise
                continue
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        os.fsync(self._root)
        os.fsync(self._staged)

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
        """Return the key as a path below the folder, or None where it is not one."""
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
    def _parent(self, path: bytes, *, make: bool) -> Generator[int | None]:
        """Open the folder that `path` lies in; None where something is in the way or, unless made, it is missing."""
        descriptor = os.dup(self._root)
        try:
            try:
                for segment in path.split(b"/")[:-1]:
                    if make:
                        _make_folder(segment, descriptor)
                    inner = os.open(segment, _OPEN_FOLDER, dir_fd=descriptor)
                    os.close(descriptor)
                    descriptor = inner
            except OSError as error:
                if error.errno not in _IN_THE_WAY and (make or error.errno != errno.ENOENT):
                    raise
                reached = None
            else:
                self._touch(path)
                reached = descriptor
            yield reached
        finally:
            os.close(descriptor)


def _make_folder(name: bytes, parent: int) -> None:
    try:
        os.mkdir(name, dir_fd=parent)
    except FileExistsError:
        return
    # Before anything is moved into it: a disk that kept the move and not the folder would lose the file.
    os.fsync(parent)


def _look(parent: int, name: bytes, file: ManifestFile) -> _Place:
    """Tell what is at a place, without following a symlink or waiting for a pipe."""
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
            return _Place.TAKEN
        descriptor = os.open(name, _OPEN_FILE, dir_fd=parent)
    except FileNotFoundError:
        return _Place.FREE
    except PermissionError:
        return _Place.TAKEN
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            return _Place.TAKEN
        raise
    with os.fdopen(descriptor, "rb") as occupant:
        if _sha256(occupant) != file.sha256:
            return _Place.TAKEN
        os.fsync(descriptor)
    return _Place.SAME


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
