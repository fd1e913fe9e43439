"""Reads what curation set aside of some sources and days."""

from __future__ import annotations

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from baler.cli.s3 import CONNECTIONS, explained
from baler.lake.ids import SOURCE_NAME
from baler.lake.raw_key import RAW_PREFIX, REJECTED_PREFIX, RawKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from baler.commands.lake.days import Days

_SOURCE: Final = f"{REJECTED_PREFIX}source="
# Objects that are read ahead of what is shown, at the most.
_AHEAD: Final = 2 * CONNECTIONS
# The most that is read of one object: curation writes some hundred bytes for a record.
_BYTES_MAX: Final = 64 * 1024 * 1024
_DAY: Final = re.compile(r"/date=(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/")


class RejectedRecord(BaseModel):
    """A record that could not be curated.

    Attributes:
        raw_s3_key: of the raw object that has it.
        reason: a word of curation's for what is wrong with it.
        place: in what the source sent, from 0; None where the record has an id.
        id: of the record; None where it has none that can be used.
        field: the declared field that it is wrong with, or "".
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    raw_s3_key: str
    reason: str
    place: int | None
    id: str | None
    field: str

    @property
    def raw(self) -> RawKey:
        """What the raw object's key says.

        Raises:
            ForeignRawError: curation makes no such line.
        """
        return RawKey.parse(self.raw_s3_key)


@dataclass(slots=True)
class RejectedRecords:
    """What was set aside below one bucket's prefix.

    Args:
        client: boto3's client.
        bucket: the raw bucket.

    Attributes:
        unreadable: lines that are none that curation writes, by the key of their object.
    """

    client: S3Client
    bucket: str
    unreadable: Counter[str] = field(default_factory=Counter[str])

    def sources(self) -> list[str]:
        """Return the sources that anything was ever set aside of and is still there.

        Raises:
            S3Error: the bucket does not answer, or refuses.
        """
        names: list[str] = []
        with explained(f"list what was set aside in the bucket '{self.bucket}'"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=_SOURCE, Delimiter="/"
            )
            for page in pages:
                names += [each.get("Prefix", "").removeprefix(_SOURCE)[:-1] for each in page.get("CommonPrefixes", ())]
        return [name for name in names if SOURCE_NAME.fullmatch(name)]

    def of(self, sources: Sequence[str], days: Days) -> Iterator[RejectedRecord]:
        """Yield what was set aside, source by source and day by day.

        Raises:
            S3Error: the bucket does not answer, or refuses.
        """
        for source in sources:
            keys = self._keys(source, days)
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                while some := list(islice(keys, _AHEAD)):
                    for key, content in zip(some, pool.map(self._content, some), strict=True):
                        yield from self._records(key, content)

    def _keys(self, source: str, days: Days) -> Iterator[str]:
        """Yield keys: they are in the order of their days, and so is a listing."""
        prefix = f"{_SOURCE}{source}/date="
        with explained(f"list what was set aside in the bucket '{self.bucket}'"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix, StartAfter=f"{prefix}{days.first.isoformat()}"
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key = found.get("Key", "")
                    day = _DAY.search(key)
                    if day is not None and day["day"] > days.last.isoformat():
                        return
                    yield key

    def _content(self, key: str) -> bytes:
        with explained(f"read {key!r} in the bucket '{self.bucket}'"):
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read(_BYTES_MAX)

    def _records(self, key: str, content: bytes) -> Iterator[RejectedRecord]:
        folder = key.removeprefix(REJECTED_PREFIX).rpartition("/")[0]
        for line in content.splitlines():
            record = _read(line)
            if record is None or not record.raw_s3_key.startswith(f"{RAW_PREFIX}{folder}/"):
                self.unreadable[key] += 1
            else:
                yield record


def _read(line: bytes) -> RejectedRecord | None:
    try:
        record = RejectedRecord.model_validate(json.loads(line))
        RawKey.parse(record.raw_s3_key)
    except (ValueError, TypeError, RecursionError):
        return None
    return record
