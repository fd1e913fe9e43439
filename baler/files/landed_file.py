"""A file as it landed: one version of one object, named by the event that announced it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

NULL_VERSION: Final = "null"
"""The id of every version that was put while the bucket kept none; the next put replaces it (S3 user guide, "Working
with objects in a versioning-suspended bucket"). ListObjectVersions, HeadObject and some events write it."""


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One object version in the landing bucket.

    Attributes:
        bucket: the landing bucket's name.
        key: the exact, decoded object key; chosen by the external party and therefore hostile.
        version_id: the object's version, or None where it has none of its own, which S3 also writes as "null".
        etag: the object's entity tag, without quotes.
        size: bytes, as the event tells.
        event_time: when S3 took the object, UTC.
    """

    bucket: str
    key: str
    version_id: str | None
    etag: str
    size: int
    event_time: datetime

    def __post_init__(self) -> None:
        if self.version_id == NULL_VERSION:
            object.__setattr__(self, "version_id", None)

    @property
    def identity(self) -> str:
        """What is bundled once: bucket, key and version (or ETag where there are no versions).

        Unambiguous, since a bucket's name has no slash and neither a version id nor an ETag has an `@`.
        """
        return f"{self.bucket}/{self.key}@{self.version_id or self.etag}"
