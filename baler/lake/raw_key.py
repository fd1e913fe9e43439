"""Raw objects: what their keys and metadata say."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from baler.lake.ids import SOURCE_NAME
from baler.lake.order import Order, read_time, written_time

if TYPE_CHECKING:
    from collections.abc import Mapping

RAW_PREFIX: Final = "raw/"
"""Where raw objects lie; curation is told of what is put here."""
RAW_SUFFIX: Final = ".json"
RAW_KEY_ANNOTATION: Final = "raw_s3_key"
"""Of a subsegment of X-Ray, in the traces of ingestion and of curation: by it the two are found together."""
REJECTED_PREFIX: Final = "rejected/"
"""Where bad records are described, below it by the raw object's own name; curation is told of nothing put here."""

_COMPACT: Final = "%Y%m%dT%H%M%SZ"
_KEY: Final = re.compile(
    r"raw/source=(?P<source>[a-z0-9-]{1,32})/date=(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"/(?P<time>[0-9]{8}T[0-9]{6}Z)-(?P<hash>[0-9a-f]{64})\.json"
)
_TYPE: Final = re.compile(r"[a-z0-9-]{1,32}")
_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,17}")


class ForeignRawError(ValueError):
    """A key or metadata that ingestion does not write, or bytes that do not hash to the key."""


@dataclass(frozen=True, slots=True)
class RawKey:
    """What the key of a raw object says.

    Attributes:
        source: name of the source.
        captured_at: time of the schedule's event, UTC, whole seconds; its day is the key's date.
        content_sha256: of the bytes, 64 hexadecimal digits.
    """

    source: str
    captured_at: datetime
    content_sha256: str

    @classmethod
    def of(cls, source: str, captured_at: datetime, content: bytes) -> RawKey:
        """Return the key of what a source answered for an event: the same in every retry that gets the same bytes."""
        return cls(source, captured_at.astimezone(UTC).replace(microsecond=0), hashlib.sha256(content).hexdigest())

    @classmethod
    def parse(cls, key: str) -> RawKey:
        """Read a key; it is the object's own, not the form-encoded one of S3's event.

        Raises:
            ForeignRawError: ingestion makes no such key.
        """
        found = _KEY.fullmatch(key)
        if not found or not SOURCE_NAME.fullmatch(found["source"]):
            raise ForeignRawError("the key is none that ingestion makes")
        try:
            captured_at = datetime.strptime(found["time"], _COMPACT).replace(tzinfo=UTC)
        except ValueError as error:
            raise ForeignRawError("the key is of no time of the calendar") from error
        if found["date"] != captured_at.date().isoformat():
            raise ForeignRawError("the date of the key is not that of its time")
        return cls(found["source"], captured_at, found["hash"])

    @property
    def text(self) -> str:
        """The whole key."""
        return (
            f"{RAW_PREFIX}source={self.source}/date={self.captured_at:%Y-%m-%d}"
            f"/{self.captured_at:{_COMPACT}}-{self.content_sha256}{RAW_SUFFIX}"
        )

    def check(self, content: bytes) -> None:
        """Check that the bytes are those that the key was made of.

        Raises:
            ForeignRawError: they are not.
        """
        if hashlib.sha256(content).hexdigest() != self.content_sha256:
            raise ForeignRawError("the bytes of the object do not hash to its key")


@dataclass(frozen=True, slots=True)
class RawMetadata:
    """The metadata of a raw object: the fields of document 4's message, which the object's event leads to.

    Attributes:
        source: name of the source.
        type: what it holds, in the declaration's word, for example "posts".
        order: of every record in it.
        content_sha256: of the bytes; "hash" in the document.
        record_count: items that the source sent, before any is found to be bad.
    """

    source: str
    type: str
    order: Order
    content_sha256: str
    record_count: int

    def written(self) -> dict[str, str]:
        """Return it as S3 takes it."""
        return {
            "source": self.source,
            "type": self.type,
            "captured-at": written_time(self.order.captured_at),
            "generation": str(self.order.generation),
            "hash": self.content_sha256,
            "record-count": str(self.record_count),
        }

    @classmethod
    def parse(cls, key: RawKey, metadata: Mapping[str, str]) -> RawMetadata:
        """Read the metadata of the object with this key.

        Raises:
            ForeignRawError: something is missing, not as ingestion writes it, or not what the key says.
        """
        try:
            found = cls(
                source=metadata["source"],
                type=metadata["type"],
                order=Order(read_time(metadata["captured-at"]), _number(metadata["generation"])),
                content_sha256=metadata["hash"],
                record_count=_number(metadata["record-count"]),
            )
        except (KeyError, ValueError) as error:
            raise ForeignRawError("the metadata is none that ingestion writes") from error
        said = (found.source, found.order.captured_at, found.content_sha256)
        if said != (key.source, key.captured_at, key.content_sha256) or not _TYPE.fullmatch(found.type):
            raise ForeignRawError("the metadata is not that of the key")
        return found


def _number(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError("no number as ingestion writes it")
    return int(text)
