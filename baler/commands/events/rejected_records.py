"""Reads the rejected lines of a stretch of time, each record once."""

from __future__ import annotations

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from baler.cli.s3 import CONNECTIONS, explained
from baler.events.partition import hour_path_of
from baler.events.raw_object import REJECTED_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from baler.cli.period import Period

_HOUR: Final = timedelta(hours=1)
# The folder is the hour in which the first of an object's records arrived. Of a batch that spans the full hour the last
# ones are in the folder before: a batch is gathered for minutes at the most.
_SPAN: Final = timedelta(minutes=10)
# Objects that are read ahead of what is shown, at the most.
_AHEAD: Final = 2 * CONNECTIONS
_SHARD: Final = re.compile(r"/data_(?P<label>[^/]+?)_[0-9]+_[0-9]+_[0-9a-f]{64}\.json\Z")


class RejectedRecord(BaseModel):
    """A record that could never become an event.

    Attributes:
        key: of the object that it was read from.
        reason: why.
        field: the field that is wrong; the producer's text, hostile.
        shard_id, sequence_number, sub_sequence: its place in the stream.
        partition_key: the producer's, hostile.
        arrived_at: seconds since 1970.
        data: the producer's exact bytes, base64.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    reason: str
    field: str
    shard_id: str
    sequence_number: str
    sub_sequence: int
    partition_key: str
    arrived_at: float
    data: str

    @property
    def size(self) -> int:
        """Bytes that the producer sent."""
        return len(self.data) * 3 // 4 - self.data.count("=")


@dataclass(slots=True)
class RejectedRecords:
    """The rejected lines below one bucket's prefix.

    An attempt that died before it committed may have left an object, and its records come again in another: what was
    seen of a shard already is passed over.

    Args:
        client: boto3's client.
        bucket: the raw bucket.

    Attributes:
        unreadable: lines that are none that the processor writes, by the key of their object.
    """

    client: S3Client
    bucket: str
    unreadable: Counter[str] = field(default_factory=Counter[str])

    def of(self, period: Period, now: datetime) -> Iterator[RejectedRecord]:
        """Yield the records that arrived within a period, hour by hour, each once.

        Raises:
            S3Error: the bucket does not answer, or refuses.
        """
        seen: set[tuple[str, str, int]] = set()
        for key, content in self._contents(period, now):
            label = _SHARD.search(key)
            for record in self._records(key, content):
                place = (label["label"] if label else record.shard_id, record.sequence_number, record.sub_sequence)
                if place in seen or not _is_within(record.arrived_at, period):
                    continue
                seen.add(place)
                yield record

    def _contents(self, period: Period, now: datetime) -> Iterator[tuple[str, bytes]]:
        """Yield the objects, several of which are read at once: a bad producer makes one every few seconds."""
        keys = self._keys(period, now)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            while some := list(islice(keys, _AHEAD)):
                yield from zip(some, pool.map(self._content, some), strict=True)

    def _keys(self, period: Period, now: datetime) -> Iterator[str]:
        if period.start is None:
            yield from self._listed(REJECTED_PREFIX)
            return
        hour = (period.start - _SPAN).replace(minute=0, second=0, microsecond=0)
        while hour < (period.end or now):
            yield from self._listed(f"{REJECTED_PREFIX}{hour_path_of(hour)}/")
            hour += _HOUR

    def _listed(self, prefix: str) -> Iterator[str]:
        with explained(f"list what was rejected in the bucket '{self.bucket}'"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", ()) if "Key" in found)

    def _content(self, key: str) -> bytes:
        with explained(f"read {key!r} in the bucket '{self.bucket}'"):
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def _records(self, key: str, content: bytes) -> Iterator[RejectedRecord]:
        for line in content.splitlines():
            try:
                yield RejectedRecord.model_validate({"key": key, **json.loads(line)})
            except (ValueError, TypeError):
                self.unreadable[key] += 1


def _is_within(arrived_at: float, period: Period) -> bool:
    moment = datetime.fromtimestamp(arrived_at, UTC)
    return (period.start is None or moment >= period.start) and (period.end is None or moment < period.end)
