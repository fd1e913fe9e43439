"""Who may read what is delivered: mode and group of files and folders, as they were asked for."""

from __future__ import annotations

import errno
import grp
import os
import re
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from baler.files.unpacking.rename import rename_exclusively

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_MODE: Final = re.compile(r"0?[0-7]{3,4}")
_DRAFT: Final = b"folder"
_PROBE: Final = b"permissions"
# (gid_t) -1 means "leave it" to chown(2).
_NO_GROUP: Final = 2**32 - 1
_OWNER_OF_A_FILE: Final = stat.S_IRUSR
_OWNER_OF_A_FOLDER: Final = stat.S_IRWXU
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PermissionsError(Exception):
    """A mode or group that cannot be had; the message says why."""


def _mode(text: str, of: Literal["file", "folder"]) -> int:
    if _MODE.fullmatch(text) is None:
        raise PermissionsError(f"{text!r} is no mode in octal, like 0640.")
    mode = int(text, 8)
    if of == "file":
        special, needed, needs = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX, _OWNER_OF_A_FILE, "read (4)"
    else:
        special, needed, needs = stat.S_ISUID, _OWNER_OF_A_FOLDER, "read, write and enter (7)"
    if mode & special:
        raise PermissionsError(f"{text!r} would set a special bit, which has no place on a delivered {of}.")
    if mode & needed != needed:
        raise PermissionsError(f"{text!r} would lock the consumer out: its own user must be able to {needs} a {of}.")
    return mode


def _group(text: str) -> int:
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError as error:
        if text.isascii() and text.isdigit() and int(text) < _NO_GROUP:
            return int(text)
        raise PermissionsError(f"This machine has no group {text!r}: make it, or give its number.") from error


@dataclass(frozen=True, slots=True)
class Permissions:
    """What delivered files, and the folders that are made for them, get; None is what the process's umask leaves.

    A file has it before it can be seen: it is set while it is staged. A folder is made elsewhere and then moved.

    Attributes:
        file_mode, folder_mode: as chmod(2) takes them, not narrowed by the umask.
        group: id of the group.
    """

    file_mode: int | None = None
    folder_mode: int | None = None
    group: int | None = None

    @classmethod
    def parse(cls, file_mode: str | None, folder_mode: str | None, group: str | None) -> Permissions:
        """Read what the command line says.

        Raises:
            PermissionsError: a mode is none, or one with which the consumer could not work or that would give away too
                much; or there is no such group.
        """
        return cls(
            None if file_mode is None else _mode(file_mode, "file"),
            None if folder_mode is None else _mode(folder_mode, "folder"),
            None if group is None else _group(group),
        )

    def apply_to_file(self, name: bytes, folder: int) -> None:
        """Give it to a file that nobody else can see yet."""
        if self.file_mode is None and self.group is None:
            return
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            _apply(descriptor, self.file_mode, self.group)
        finally:
            os.close(descriptor)

    def make_folder(self, name: bytes, parent: int, drafts: int) -> None:
        """Make a folder, which another may have made meanwhile.

        Args:
            name: its name.
            parent: the folder that it is made in.
            drafts: an own folder on the same disk, from which it is moved when it is as asked for.
        """
        if self.folder_mode is None and self.group is None:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=parent)
            return
        with suppress(FileExistsError):  # one that a dead process left is as good
            os.mkdir(_DRAFT, dir_fd=drafts)
        try:
            self._apply_to_folder(_DRAFT, drafts, os.fstat(parent))
            with suppress(FileExistsError):
                rename_exclusively(_DRAFT, drafts, name, parent)
        finally:
            with suppress(FileNotFoundError):
                os.rmdir(_DRAFT, dir_fd=drafts)

    def make_own_folder(self, name: bytes, own: int, parent: int) -> None:
        """Make a folder where nobody else looks, which may be there already, and give it what it is to have elsewhere.

        Args:
            name: its name.
            own: the folder that it is made in.
            parent: the folder that it will be moved to.
        """
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=own)
        self._apply_to_folder(name, own, os.fstat(parent))

    def prepare(self, into: Path, own: Path, *, made: bool) -> None:
        """Try it out on the disk that the files go to, before any file comes, and give it to the folder of files.

        Args:
            into: the folder of files.
            own: a folder of the consumer's own, on the same disk.
            made: this consumer made the folder of files just now; one that was there keeps what it has.

        Raises:
            PermissionsError: this user may not, or this disk does not keep modes and groups.
        """
        try:
            with _opened(own) as folder:
                self._try_on_file(folder)
                self._try_on_folder(folder)
            if made:
                with _opened(into) as folder:
                    _apply(folder, self.folder_mode, self.group)
        except OSError as error:
            what = "mode" if self.group is None else "mode and group" if self._has_mode() else "group"
            raise PermissionsError(
                f"Cannot give delivered files and folders this {what} ({error.strerror}): a user that is not root can "
                "only use groups that it is in, and some disks keep neither modes nor groups."
            ) from error

    def _has_mode(self) -> bool:
        return self.file_mode is not None or self.folder_mode is not None

    def _try_on_file(self, folder: int) -> None:
        descriptor = os.open(_PROBE, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600, dir_fd=folder)
        try:
            _apply(descriptor, self.file_mode, self.group)
            self._compare(descriptor, self.file_mode)
        finally:
            os.close(descriptor)
            os.unlink(_PROBE, dir_fd=folder)

    def _try_on_folder(self, folder: int) -> None:
        self.make_folder(_PROBE, folder, folder)
        try:
            with _opened(_PROBE, folder) as probe:
                self._compare(probe, self.folder_mode)
        finally:
            os.rmdir(_PROBE, dir_fd=folder)

    def _compare(self, descriptor: int, mode: int | None) -> None:
        found = os.fstat(descriptor)
        differ = 0 if mode is None else stat.S_IMODE(found.st_mode) ^ mode
        # A folder may have inherited the bit that was not asked for.
        if differ & ~stat.S_ISGID or (mode is not None and differ & mode):
            raise OSError(errno.EPERM, f"{mode:04o} became {stat.S_IMODE(found.st_mode):04o}")
        if self.group not in {None, found.st_gid}:
            raise OSError(errno.EPERM, f"group {self.group} became {found.st_gid}")

    def _apply_to_folder(self, name: bytes, folder: int, parent: os.stat_result) -> None:
        """Give it to a folder that will be moved below `parent`, with what mkdir(2) inherits and a move does not."""
        with _opened(name, folder) as made:
            mode, group = self.folder_mode, self.group
            if parent.st_mode & stat.S_ISGID:
                mode = (stat.S_IMODE(os.fstat(made).st_mode) if mode is None else mode) | stat.S_ISGID
                group = parent.st_gid if group is None else group
            _apply(made, mode, group)


@contextmanager
def _opened(folder: Path | bytes, parent: int | None = None) -> Generator[int]:
    descriptor = os.open(folder, _OPEN_FOLDER, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _apply(descriptor: int, mode: int | None, group: int | None) -> None:
    # The group first: changing it takes special bits away.
    if group is not None:
        os.fchown(descriptor, -1, group)
    if mode is not None:
        os.fchmod(descriptor, mode)


UMASK: Final = Permissions()
