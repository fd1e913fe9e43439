"""Who may read what is delivered: mode and group of files and folders, as they were asked for."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from operations.consume.rename import rename_exclusively

_MODE: Final = re.compile(r"0?[0-7]{3,4}")
_DRAFT: Final = b"folder"
_PROBE: Final = b"access"
_OWNER_OF_A_FILE: Final = stat.S_IRUSR
_OWNER_OF_A_FOLDER: Final = stat.S_IRWXU
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class AccessError(ValueError):
    """A mode or group that cannot be had; the message says why."""


def parse_mode(text: str, of: Literal["file", "folder"]) -> int:
    """Read a mode in octal, as chmod(1) takes it.

    Raises:
        AccessError: it is none, or one with which the consumer could not work or that would give away too much.
    """
    if _MODE.fullmatch(text) is None:
        raise AccessError(f"{text!r} is no mode in octal, like 0640.")
    mode = int(text, 8)
    if of == "file":
        special, needed, needs = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX, _OWNER_OF_A_FILE, "read (4)"
    else:
        special, needed, needs = stat.S_ISUID, _OWNER_OF_A_FOLDER, "read, write and enter (7)"
    if mode & special:
        raise AccessError(f"{text!r} would set a special bit, which has no place on a delivered {of}.")
    if mode & needed != needed:
        raise AccessError(f"{text!r} would lock the consumer out: its own user must be able to {needs} a {of}.")
    return mode


@dataclass(frozen=True, slots=True)
class Access:
    """What delivered files, and the folders that are made for them, get; None is what the process's umask leaves.

    A file has it before it can be seen: it is set while it is staged. A folder is made elsewhere and then moved.

    Attributes:
        file_mode, folder_mode: as chmod(2) takes them, not narrowed by the umask.
        group: id of the group.
    """

    file_mode: int | None = None
    folder_mode: int | None = None
    group: int | None = None

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

    def check(self, folder: int) -> None:
        """Try it out in an own folder on the disk that the files go to.

        Raises:
            AccessError: this user may not, or this disk does not keep modes and groups.
        """
        try:
            self._try_on_file(folder)
            self._try_on_folder(folder)
        except OSError as error:
            what = "mode and group" if self.group is not None else "mode"
            hint = "" if error.errno not in {errno.EPERM, errno.EINVAL} else (
                " Only root can give files to a group that this user is not in, and some disks keep neither."
            )
            raise AccessError(f"Cannot give delivered files this {what}: {error.strerror}.{hint}") from error

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
            descriptor = os.open(_PROBE, _OPEN_FOLDER, dir_fd=folder)
            try:
                self._compare(descriptor, self.folder_mode)
            finally:
                os.close(descriptor)
        finally:
            os.rmdir(_PROBE, dir_fd=folder)

    def _compare(self, descriptor: int, mode: int | None) -> None:
        found = os.fstat(descriptor)
        if mode is not None and stat.S_IMODE(found.st_mode) != mode:
            raise OSError(errno.EPERM, f"{mode:04o} became {stat.S_IMODE(found.st_mode):04o}")
        if self.group is not None and found.st_gid != self.group:
            raise OSError(errno.EPERM, f"group {self.group} became {found.st_gid}")

    def _apply_to_folder(self, name: bytes, folder: int, parent: os.stat_result) -> None:
        mode, group = self.folder_mode, self.group
        if group is None and parent.st_mode & stat.S_ISGID:
            # What mkdir(2) does, and a move does not.
            group, mode = parent.st_gid, None if mode is None else mode | stat.S_ISGID
        descriptor = os.open(name, _OPEN_FOLDER, dir_fd=folder)
        try:
            _apply(descriptor, mode, group)
        finally:
            os.close(descriptor)


def _apply(descriptor: int, mode: int | None, group: int | None) -> None:
    # The group first: changing it takes special bits away.
    if group is not None:
        os.fchown(descriptor, -1, group)
    if mode is not None:
        os.fchmod(descriptor, mode)


UMASK: Final = Access()
