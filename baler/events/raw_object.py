"""The objects that the processor writes: their names say what they hold, and their content is held to the name."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from baler.events.event_types import EVENT_TYPES
from baler.events.partition import Partition, hour_path_of
from baler.events.rejected_line import rejected_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from baler.events.stream_record import Event, Rejection

RAW_PREFIX: Final = "raw/"
"""Where events lie; the transformer is told of what is put here."""
REJECTED_PREFIX: Final = "rejected/"
"""Where records lie that can never be events; nobody is told."""

_NAME: Final = (
    r"data_(?P<shard>[0-9]{1,12}\.[A-Za-z0-9_.-]{1,128})"
    r"_(?P<first>[0-9]{1,128})_(?P<last>[0-9]{1,128})_(?P<hash>[0-9a-f]{64})"
)
_RAW_KEY: Final = re.compile(
    rf"raw/event_type=(?P<type>{'|'.join(EVENT_TYPES)})"
    r"/year=(?P<year>[0-9]{4})/month=(?P<month>[0-9]{2})/day=(?P<day>[0-9]{2})/hour=(?P<hour>[0-9]{2})"
    rf"/{_NAME}\.json"
)


class ForeignObjectError(ValueError):
    """A key is none that the processor makes, or the bytes are not those that the key was made of."""


@dataclass(frozen=True, slots=True)
class StreamObject:
    """An object to put.

    Attributes:
        key: the whole key.
        content: JSON lines, each with a line end.
        count: the lines.
    """

    key: str
    content: bytes
    count: int


@dataclass(frozen=True, slots=True)
class RawObjectName:
    """What the key of a raw object says.

    Attributes:
        partition: of each of its events.
        shard_label: of the shard, or pseudo-shard, that it was read from (`ShardKey.label`).
        first: sequence number of the first record of the batch that it was made of, its own or another's.
        last: that of the last record.
        content_sha256: of its bytes, 64 hexadecimal digits.
    """

    partition: Partition
    shard_label: str
    first: str
    last: str
    content_sha256: str

    def check(self, content: bytes) -> None:
        """Check that the bytes are those that the key was made of.

        Raises:
            ForeignObjectError: they are not.
        """
        if hashlib.sha256(content).hexdigest() != self.content_sha256:
            raise ForeignObjectError("the bytes of the object do not hash to its name")


def raw_objects(shard_label: str, first: str, last: str, events: Iterable[Event]) -> tuple[StreamObject, ...]:
    """Return one object for each partition that a batch has events of, in the order of their partitions.

    The same batch makes the same objects. `first` and `last` are those of the whole batch.
    """
    # By plain tuples: a partition for each event would cost a tenth of all that is done with a record.
    lines: defaultdict[tuple[str, int, int, int, int], list[bytes]] = defaultdict(list)
    for event in events:
        at = event.at
        lines[event.type, at.year, at.month, at.day, at.hour].append(event.line)
    return tuple(
        _object(f"{RAW_PREFIX}{Partition(*group).path}", (shard_label, first, last), lines[group])
        for group in sorted(lines)
    )


def rejected_object(shard_label: str, first: str, last: str, rejections: Sequence[Rejection]) -> StreamObject | None:
    """Return the object of all that a batch rejects, or None where it rejects nothing.

    Its folder is the hour in which the first of them arrived: what a rejected record says of its type and time counts
    for nothing.
    """
    if not rejections:
        return None
    arrival = datetime.fromtimestamp(rejections[0].record.arrived_at, UTC)
    folder = f"{REJECTED_PREFIX}{hour_path_of(arrival)}"
    return _object(folder, (shard_label, first, last), [rejected_line(rejection) for rejection in rejections])


def raw_object_name(key: str) -> RawObjectName:
    """Return what a key says; it is the object's own key, not the form-encoded one of S3's event.

    Raises:
        ForeignObjectError: the processor makes no such key.
    """
    found = _RAW_KEY.fullmatch(key)
    if not found:
        raise ForeignObjectError("the key is none that the processor makes")
    year, month, day, hour = (int(found[name]) for name in ("year", "month", "day", "hour"))
    try:
        datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError as error:
        raise ForeignObjectError("the key is of no hour of the calendar") from error
    partition = Partition(found["type"], year, month, day, hour)
    return RawObjectName(partition, found["shard"], found["first"], found["last"], found["hash"])


def _object(folder: str, batch: tuple[str, str, str], lines: list[bytes]) -> StreamObject:
    content = b"\n".join((*lines, b""))
    name = "_".join(("data", *batch, hashlib.sha256(content).hexdigest()))
    return StreamObject(f"{folder}/{name}.json", content, len(lines))
