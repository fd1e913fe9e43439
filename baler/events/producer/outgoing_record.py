"""A record to send, and the limits that Kinesis holds it to.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LARGEST_RECORD: Final = 1024 * 1024
"""Bytes of a record at the most, its partition key included. Larger ones, up to 10 MiB, are a setting of a stream that
Baler leaves off: two of them would not fit into one invocation's payload."""
LONGEST_KEY: Final = 256
"""Characters of a partition key at the most."""


class RecordRefusal(StrEnum):
    """Why a record is never sent: the stream would refuse it, and with it all of its call."""

    RECORD_TOO_LARGE = "record_too_large"
    PARTITION_KEY_EMPTY = "partition_key_empty"
    PARTITION_KEY_TOO_LONG = "partition_key_too_long"
    PARTITION_KEY_NOT_TEXT = "partition_key_not_text"


class RecordRefusedError(ValueError):
    """A record can never be sent; nothing of it was.

    Attributes:
        reason: a `RecordRefusal`, or why the processor would reject it (`RejectionReason`).
        field: the field that is wrong; empty where it is the whole.
    """

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{reason}{f' ({field})' if field else ''}: the record is not sent")
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record within the limits.

    Attributes:
        data: its bytes, sent exactly as they are.
        partition_key: 1 to 256 characters. Records of one key come into one shard, and are sent in their order.

    Raises:
        RecordRefusedError: it is beyond a limit. Nothing is cut to fit.
    """

    data: bytes
    partition_key: str

    def __post_init__(self) -> None:
        if refusal := _refusal(self.data, self.partition_key):
            raise RecordRefusedError(refusal)

    @property
    def size(self) -> int:
        """Bytes as Kinesis counts them: with the key."""
        return len(self.data) + len(self.partition_key.encode())


def _refusal(data: bytes, partition_key: str) -> RecordRefusal | None:
    if not partition_key:
        return RecordRefusal.PARTITION_KEY_EMPTY
    if len(partition_key) > LONGEST_KEY:
        return RecordRefusal.PARTITION_KEY_TOO_LONG
    try:
        key_bytes = len(partition_key.encode())
    except UnicodeEncodeError:
        return RecordRefusal.PARTITION_KEY_NOT_TEXT
    return RecordRefusal.RECORD_TOO_LARGE if len(data) + key_bytes > LARGEST_RECORD else None
