"""New objects in the processed bucket, as they come."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from baler.events.event_types import EVENT_TYPES
from baler.events.partition import hour_path_of
from loadtest.events.ledger import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

# S3 reports when an object was put in whole seconds, rounded down.
_RESOLUTION_SECONDS: Final = 1.0


class ProcessedWatch:
    """Finds the objects of the hours in which a run lies, each once.

    Args:
        s3: a client.
        bucket: the processed bucket.
        started: seconds since the epoch; the run's events are of then or later.
    """

    def __init__(self, s3: S3Client, bucket: str, started: float) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._started = datetime.fromtimestamp(started, UTC)
        self._seen: set[str] = set()

    def look(self, now: float) -> Iterator[tuple[list[Place], float]]:
        """Yield the places of the events in each object that is new, and when it was there at the latest."""
        for prefix in self._prefixes(datetime.fromtimestamp(now, UTC)):
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                seen_at = time.time()
                for item in page.get("Contents", []):
                    key = item.get("Key", "")
                    if key not in self._seen:
                        put_at = item["LastModified"].timestamp() + _RESOLUTION_SECONDS  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 sends it
                        places = self._places(key)
                        self._seen.add(key)  # now: where it could not be read, the next look tries again
                        yield places, min(put_at, seen_at)

    def _prefixes(self, now: datetime) -> Iterator[str]:
        hour = self._started.replace(minute=0, second=0, microsecond=0)
        while hour <= now:
            for name in EVENT_TYPES:
                yield f"processed/event_type={name}/{hour_path_of(hour)}/"
            hour += timedelta(hours=1)

    def _places(self, key: str) -> list[Place]:
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        records = (json.loads(line)["original_data"]["kinesis"] for line in body.splitlines())
        return [Place(record["shard_id"], record["sequence_number"]) for record in records]
