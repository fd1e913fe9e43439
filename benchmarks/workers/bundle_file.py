"""A bundle in a file, read in the pieces in which the courier gets it from the mailbox. Only the standard library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE_BYTES: Final = 96 * 1024
"""As the mailbox gives them: below the 128 KiB from which on the C library returns memory to the system at once."""
SHA256: Final = "0" * 64
"""What is said to be its hash: the sink checks none, and no contestant makes one."""


class BundleFile:
    """The Body port (see runtime/files/courier/ports.py)."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")  # noqa: SIM115, PTH123 - whoever sends it closes it

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def bundle_id(number: int) -> str:
    """Return the id of the numbered bundle."""
    return f"20261126T090102345Z-{number:016x}"
