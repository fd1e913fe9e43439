"""A gzip file as a stream that is read forwards, with an end to what it unpacks to."""

from __future__ import annotations

import io
import zlib
from typing import IO, TYPE_CHECKING, Final

from baler.files.unpacking.bad_bundle import BadBundleError, BeyondReachError, Hurdle

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

_CHUNK_BYTES: Final = 256 * 1024
# zlib reads gzip's own header and checks its trailer: https://docs.python.org/3/library/zlib.html#zlib.decompress
_GZIP_WINDOW_BITS: Final = 31


class Gunzip:
    """Unpacks one gzip member, which is what a bundle is; nothing may follow it.

    zlib reads the header, so that no length of a file name in it costs more than a copy; Python's gzip module reads it
    byte by byte, and opens as many members as there are.

    Args:
        packed: the gzip file.
        limit: bytes that it may unpack to.
        interruption_point: called before each piece; may raise to abandon the work.
    """

    def __init__(self, packed: IO[bytes], limit: int, interruption_point: Callable[[], None]) -> None:
        self._packed = packed
        self._inflater = _Inflater(packed, limit, interruption_point)
        self._stream = io.BufferedReader(self._inflater, _CHUNK_BYTES)

    def read(self, size: int, /) -> bytes:
        """Return that many bytes, fewer only at the end.

        Raises:
            BadBundleError: it is damaged, or is no gzip file.
            BeyondReachError: it unpacks to more than the limit.
        """
        return self._stream.read(size)

    def drain(self) -> None:
        """Read what is left, so that gzip's own checksum is checked.

        Raises:
            BadBundleError, BeyondReachError: as `read`.
        """
        while self.read(_CHUNK_BYTES):
            pass
        if self._inflater.surplus or self._packed.read(1):
            raise BadBundleError("not a readable gzip file: something follows it")


class _Inflater(io.RawIOBase):
    """The unpacked bytes as they come out of zlib, in pieces of any size."""

    def __init__(self, packed: IO[bytes], limit: int, interruption_point: Callable[[], None]) -> None:
        self._packed = packed
        self._limit = limit
        self._interruption_point = interruption_point
        self._zlib = zlib.decompressobj(_GZIP_WINDOW_BITS)
        self._unpacked = 0

    @property
    def surplus(self) -> bytes:
        return self._zlib.unused_data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        piece = b""
        while not piece and not self._zlib.eof:
            piece = self._piece(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def _piece(self, most: int) -> bytes:
        self._interruption_point()
        packed = self._zlib.unconsumed_tail or self._packed.read(_CHUNK_BYTES)
        try:
            piece = self._zlib.decompress(packed, most)
        except zlib.error as error:
            raise BadBundleError(f"not a readable gzip file: {error}") from error
        if not packed and not piece and not self._zlib.eof:
            raise BadBundleError("not a readable gzip file: it is cut")
        self._unpacked += len(piece)
        if self._unpacked > self._limit:
            raise BeyondReachError(
                f"it unpacks to more than {self._limit} bytes, the limit of this consumer (--max-unpacked-megabytes)",
                Hurdle.BYTES,
                self._limit + 1,
            )
        return piece
