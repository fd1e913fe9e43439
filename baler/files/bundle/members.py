"""Member names: where in the tar a file lies, so that a plain `tar xzf` neither fails nor leaves the folder.

That holds on Linux, macOS and Windows. A key that is a harmless relative path on all three keeps its name below
`files/`. Any other gets a name made of a hash below `unsafe/`; the manifest keeps the exact key of both. What a
consumer writes to its disk is its own decision.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baler.files.landed_file import LandedFile

SAFE_PREFIX: Final = "files/"
UNSAFE_PREFIX: Final = "unsafe/"

# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file: characters, and names of devices, which they are
# with any extension too. A backslash parts folders there, and a colon names a stream or a disk.
# With them the control characters and halves of surrogate pairs, all that Unicode has (its categories Cc and Cs).
_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_WINDOWS_DEVICES: Final = frozenset(
    (
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"),
    )
)
# The longest name of a file or folder on the file systems that people unpack on (NAME_MAX), in bytes.
_NAME_MAX: Final = 255


class MemberNames:
    """Gives each file of one bundle a name that no other file of it has."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def assign(self, file: LandedFile) -> str:
        """Return the member name of a file that is now in the bundle; each file is assigned once."""
        if is_safe_path(file.key) and self._take(file.key):
            return SAFE_PREFIX + file.key
        return UNSAFE_PREFIX + hashlib.sha256(file.identity.encode()).hexdigest()

    def _take(self, key: str) -> bool:
        """Reserve a path; False where a file or folder of that name is there, as a Mac or Windows would see it.

        They hold names for the same that are a canonical caseless match (The Unicode Standard, section 3.13, D145).
        """
        path = _nfd(_nfd(key).casefold())
        segments = path.split("/")
        parents = {"/".join(segments[:depth]) for depth in range(1, len(segments))}
        if path in self._files or path in self._folders or parents & self._files:
            return False
        self._files.add(path)
        self._folders |= parents
        return True


def is_safe_path(key: str) -> bool:
    """Say whether a key is a relative path that stays below the folder it is unpacked in, whatever the system."""
    return all(_is_safe_name(segment) for segment in key.split("/"))


def _is_safe_name(name: str) -> bool:
    return (
        bool(name)
        and name[-1] not in ". "  # which Windows takes away; and so never "." or ".."
        and not _FORBIDDEN.search(name)
        and name.partition(".")[0].rstrip(" ").upper() not in _WINDOWS_DEVICES
        and len(name.encode()) <= _NAME_MAX
    )


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)
