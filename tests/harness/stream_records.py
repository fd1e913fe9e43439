"""Records of a stream, as tests make them up."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Sequence


def record(data: bytes, number: int = 1, partition_key: str = "key") -> StreamRecord:
    return StreamRecord("shardId-000000000000", f"{number:056}", 0, partition_key, 1705314601.5, data)


def packed(contents: Sequence[bytes], partition_key: bytes = b"user-1") -> bytes:
    """What the Kinesis Producer Library makes of records of one partition key."""
    message = _bytes_field(1, partition_key)
    for content in contents:
        message += _bytes_field(3, b"\x08\x00" + _bytes_field(3, content))
    return b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message, usedforsecurity=False).digest()


def _bytes_field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])
