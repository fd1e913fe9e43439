"""The versions in the landing bucket, a page of a thousand at a time."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from runtime.aws.attempts import unavailable
from runtime.files import LandedFile
from runtime.reconciliation.ports import Marker, Page

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# How S3 names the version of an object that was put while the bucket kept no versions.
_NO_VERSION: Final = "null"


class S3LandedVersions:
    """The LandedVersions port (see runtime/reconciliation/ports.py).

    botocore asks S3 to encode the keys in its answer and decodes them, since XML cannot carry every character that a
    key may have. A version that is deleted while it is the marker does no harm: S3 goes on with the one behind it
    (seen on S3 by LocalStack's authors, pull request 12259).

    Args:
        client: an S3 client.
        bucket: the landing bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def page(self, after: Marker | None) -> Page:
        """Return the page behind a marker, or the first one."""
        with unavailable("list the landing bucket"):
            if after is None:
                answer = self._client.list_object_versions(Bucket=self._bucket)
            else:
                answer = self._client.list_object_versions(
                    Bucket=self._bucket, KeyMarker=after.key, VersionIdMarker=after.version_id
                )
        files = [
            LandedFile(
                bucket=self._bucket,
                key=version.get("Key", ""),
                version_id=None if version.get("VersionId") == _NO_VERSION else version.get("VersionId"),
                etag=version.get("ETag", "").strip('"'),
                size=version.get("Size", 0),
                event_time=version["LastModified"].astimezone(UTC),  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 always says it
            )
            for version in answer.get("Versions", [])
        ]
        return Page(files, _next(answer["IsTruncated"], answer.get("NextKeyMarker"), answer.get("NextVersionIdMarker")))


def _next(is_truncated: bool, key: str | None, version_id: str | None) -> Marker | None:  # noqa: FBT001 - as S3 says it
    return Marker(key, version_id) if is_truncated and key and version_id else None
