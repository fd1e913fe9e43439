"""Bodies, unpacked within a bound: a few kilobytes may be gigabytes unpacked."""

from __future__ import annotations

import zlib
from typing import Final

from runtime.lake.ingestion.ports import WebError

ACCEPTED: Final = "gzip"
"""The only coding that is asked for, and so the only one that may come."""

_GZIP: Final = 16 + zlib.MAX_WBITS


class Body:
    """Collects a body.

    Args:
        coding: the header Content-Encoding, or "".
        bytes_max: of the unpacked body.

    Raises:
        WebError: the coding was not asked for.
    """

    def __init__(self, coding: str, bytes_max: int) -> None:
        named = coding.strip().lower()
        if named not in {"", "identity", "gzip", "x-gzip"}:
            raise WebError("coding-unknown", may_pass=False)
        self._unpacker = zlib.decompressobj(_GZIP) if named.endswith("gzip") else None
        self._bytes_max = bytes_max
        self._found = bytearray()

    def add(self, data: bytes) -> None:
        """Take a piece as it came.

        Raises:
            WebError: the body is too large, or not of its coding.
        """
        if self._unpacker is None:
            self._found += data
        else:
            self._unpack(data)
        if len(self._found) > self._bytes_max:
            raise WebError("too-large", may_pass=False)

    def whole(self) -> bytes:
        """Return the body.

        Raises:
            WebError: its coding says that there is more.
        """
        if self._unpacker is not None and not self._unpacker.eof:
            raise WebError("body-cut", may_pass=True)
        return bytes(self._found)

    def _unpack(self, data: bytes) -> None:
        while data and len(self._found) <= self._bytes_max:
            if self._unpacker is None or self._unpacker.eof:
                # A stream may have several members (RFC 1952, 2.2).
                self._unpacker = zlib.decompressobj(_GZIP)
            try:
                self._found += self._unpacker.decompress(data, self._bytes_max + 1 - len(self._found))
            except zlib.error as error:
                raise WebError("coding-broken", may_pass=False) from error
            data = self._unpacker.unconsumed_tail or self._unpacker.unused_data
