"""The raw bucket as it is listed for curating again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baler.lake.ids import SOURCE_NAME
from baler.lake.raw_key import RAW_PREFIX, ForeignRawError, RawKey
from baler.lake.rebuild import RawVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_s3 import S3Client

ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes whose objects must be restored before they can be read."""

_SOURCE: Final = f"{RAW_PREFIX}source="


class S3RawVersions:
    """The RawVersions port (see baler/lake/rebuild.py), for a command: it raises boto3's own errors.

    Args:
        client: boto3's.
        bucket: name of the raw bucket.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        # boto3's types know only literal arguments.
        self._client: Any = client
        self._bucket = bucket

    def under(self, prefix: str) -> Iterator[RawVersion]:
        """List versions, but for those of keys that ingestion does not make. Delete markers are none."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=prefix, OptionalObjectAttributes=["RestoreStatus"]
        )
        for page in pages:
            for item in page.get("Versions", []):
                if _is_raw(item["Key"]):
                    put_at = item["LastModified"].timestamp()
                    yield RawVersion(item["Key"], item["VersionId"], put_at, _is_readable(item))

    def sources(self) -> list[str]:
        """Return the names of all sources that anything was ever fetched of and is still there."""
        names: list[str] = []
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=_SOURCE, Delimiter="/"
        )
        for page in pages:
            names += [each["Prefix"].removeprefix(_SOURCE)[:-1] for each in page.get("CommonPrefixes", [])]
        return [name for name in names if SOURCE_NAME.fullmatch(name)]


def _is_readable(item: Mapping[str, Any]) -> bool:
    restored = item.get("RestoreStatus", {}).get("RestoreExpiryDate") is not None
    return item.get("StorageClass", "STANDARD") not in ARCHIVED or restored


def _is_raw(key: str) -> bool:
    try:
        RawKey.parse(key)
    except ForeignRawError:
        return False
    return True
