"""What comes out of the stream, and what becomes of it: an event or a rejection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from baler.events.rejection_reason import RejectionReason


class StreamRecord(NamedTuple):
    """One record of a shard, or one of those that a producer library packed into it.

    A tuple, as an event is: a frozen dataclass takes three times as long to make, a twentieth of all work on a record.

    Attributes:
        shard_id: the shard that it was read from.
        sequence_number: its place in the shard: decimal digits, 56 of them on AWS. Those of one shard are compared as
            text, which is right because they are equally long.
        sub_sequence: its place among the records that were packed into one, from 0; 0 where nothing was packed.
        partition_key: the key that the producer chose; hostile.
        arrived_at: when the stream took it, seconds since 1970.
        data: the producer's exact bytes; hostile.
    """

    shard_id: str
    sequence_number: str
    sub_sequence: int
    partition_key: str
    arrived_at: float
    data: bytes


class Event(NamedTuple):
    """A record that is what the declarations say.

    Attributes:
        type: the name of a declared type, never other text of the producer's.
        at: when it happened, by its own timestamp, UTC, within the bounds of `event_time`.
        line: the JSON line that the raw store holds, without a line end.
        record: where it came from.
        record_id: SHA-256 of its place in the shard and its content, 64 hexadecimal digits.
    """

    type: str
    at: datetime
    line: bytes
    record: StreamRecord
    record_id: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that can never become an event.

    Attributes:
        record: the record, with its exact bytes.
        reason: why not.
        field: the declared field, or the path, that is wrong; empty where it is the whole.
    """

    record: StreamRecord
    reason: RejectionReason
    field: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of some records: each, or each one packed into it, is in one of the two, in the order of the stream.

    Attributes:
        events: the good ones.
        rejections: the others.
    """

    events: tuple[Event, ...] = ()
    rejections: tuple[Rejection, ...] = ()
