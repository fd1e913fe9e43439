"""The body of an object that is read, compared with the checksum that S3 keeps of it."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING, Final

from botocore.exceptions import FlexibleChecksumError

if TYPE_CHECKING:
    from collections.abc import Generator

    from baler.aws.http.connections import Answer


class Body:
    """The body of an object, compared with its checksum when its end is reached."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def iter_chunks(self, chunk_size: int) -> Generator[bytes]:
        """Yield the body in pieces of at most so many bytes.

        Raises:
            BotoCoreError: it broke off, or is not what was put.
        """
        algorithm, expected = _checksum_of(self._answer)
        digest = _DIGESTS[algorithm]()
        for chunk in self._answer.iter_chunks(chunk_size):
            digest.update(chunk)
            yield chunk
        found = base64.b64encode(digest.digest()).decode()
        if expected and found != expected:
            raise FlexibleChecksumError(error_msg=f"{algorithm} is {found}, S3 has {expected}")

    def close(self) -> None:
        """Leave off; harmless at the end."""
        self._answer.close()


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


# Of those that S3 keeps, the ones that need no more than the standard library; S3 has one of an object, never two.
_DIGESTS: Final = {"sha256": hashlib.sha256, "crc32": _Crc32}


def _checksum_of(answer: Answer) -> tuple[str, str]:
    """Return algorithm and base64 of the checksum of the whole body; "" where there is none that can be compared."""
    for algorithm in _DIGESTS:
        told = answer.headers.get(f"x-amz-checksum-{algorithm}", "")
        if told and "-" not in told:  # else of the parts' checksums, not of the bytes
            return algorithm, told
    return "crc32", ""
