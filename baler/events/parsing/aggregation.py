"""Records that the Kinesis Producer Library packed into one.

The format is in the library's documentation, "KPL Aggregated Record Format": four bytes, a Protocol Buffers message,
and the MD5 of that message. Only what the message holds is read here, so that no library of AWS's needs to be packed.

    message AggregatedRecord { repeated string partition_key_table = 1; …; repeated Record records = 3; }
    message Record { required uint64 partition_key_index = 1; …; required bytes data = 3; … }
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from baler.events.parsing.fault import RecordFault
from baler.events.rejection_reason import RejectionReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.events.stream_record import StreamRecord

MAGIC: Final = b"\xf3\x89\x9a\xc2"
"""How a packed record begins. No UTF-8 text does."""
PACKED_MAX: Final = 10_000
"""Records in one. An empty one takes two bytes, so a record of 1 MiB could unpack to a hundred times its size."""

_MD5_BYTES: Final = 16
_VARINT_BITS_MAX: Final = 64
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_KEY_TABLE, _RECORDS = 1, 3
_KEY_INDEX, _DATA = 1, 3


def unpacked(record: StreamRecord) -> tuple[StreamRecord, ...]:
    """Return the records inside one that begins with `MAGIC`, numbered by their place in it.

    Raises:
        RecordFault: it is not what the library writes: another hash, cut, empty, or more than `PACKED_MAX`.
    """
    message, digest = record.data[len(MAGIC) : -_MD5_BYTES], record.data[-_MD5_BYTES:]
    if len(record.data) < len(MAGIC) + _MD5_BYTES or hashlib.md5(message, usedforsecurity=False).digest() != digest:
        raise RecordFault(RejectionReason.KPL_AGGREGATED)
    try:
        return tuple(_records(record, message))
    except (IndexError, ValueError) as error:
        raise RecordFault(RejectionReason.KPL_AGGREGATED) from error


def _records(record: StreamRecord, message: bytes) -> Iterator[StreamRecord]:
    fields = list(_fields(message))
    keys = [_text(value) for number, value in fields if number == _KEY_TABLE]
    inner = [_content(value) for number, value in fields if number == _RECORDS]
    if not 0 < len(inner) <= PACKED_MAX:
        raise ValueError("it holds no record, or too many")
    for place, (key, data) in enumerate(inner):
        yield record._replace(sub_sequence=place, partition_key=keys[key], data=data)


def _content(value: int | bytes) -> tuple[int, bytes]:
    """Return the index of the partition key, and the data, of one inner record."""
    if isinstance(value, int):
        raise ValueError("a record is a message")  # noqa: TRY004 - the format is wrong, not our argument
    fields = dict(_fields(value))
    key, data = fields.get(_KEY_INDEX), fields.get(_DATA)
    if not isinstance(key, int) or not isinstance(data, bytes):
        raise ValueError("a record has a partition key and data")  # noqa: TRY004 - as above
    return key, data


def _text(value: int | bytes) -> str:
    if isinstance(value, int):
        raise ValueError("a partition key is text")  # noqa: TRY004 - as above
    return value.decode()


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            length, place = _varint(message, place)
        elif kind in (_FIXED_64, _FIXED_32):
            length = 8 if kind == _FIXED_64 else 4
        else:
            raise ValueError("a field is of an unknown wire type")
        if place + length > len(message):
            raise ValueError("a field is cut")
        yield tag >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Return the number at a place, and the place behind it."""
    value = 0
    for shift in range(0, _VARINT_BITS_MAX, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
            return value, place
    raise ValueError("a number is longer than 64 bits")
