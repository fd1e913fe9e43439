"""The versions in the landing bucket, a page of a thousand at a time."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from baler.aws.attempts import unavailable
from baler.files.aws.version_listing import read_versions_fast
from baler.files.landed_file import LandedFile
from baler.files.reconciliation.ports import Marker, VersionPage
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef, ObjectVersionTypeDef


class S3LandedVersions:
    """The LandedVersions port (see baler/files/reconciliation/ports.py).

    botocore asks S3 to encode the keys in its answer and decodes them, since XML cannot carry every character that a
    key may have. A version that is deleted while it is the marker does no harm: S3 goes on with the one behind it
    (seen on S3 by LocalStack's authors, pull request 12259).

    Args:
        client: an S3 client.
        bucket: the landing bucket's name.
        prefix: that the keys begin with.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str = "") -> None:
        read_versions_fast(client)
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def page(self, after: Marker | None) -> VersionPage:
        """Return the page behind a marker, or the first one."""
        with unavailable("list the landing bucket"):
            if after is None:
                answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=self._prefix)
            else:
                answer = self._client.list_object_versions(
                    Bucket=self._bucket,
                    Prefix=self._prefix,
                    KeyMarker=after.key,
                    VersionIdMarker=after.version_id,
                )
        files = [landed_file(self._bucket, version) for version in answer.get("Versions", [])]
        return VersionPage(files, _next(answer))


def landed_file(bucket: str, version: ObjectVersionTypeDef) -> LandedFile:
    """Return a version as a listing of the landing bucket has it."""
    return LandedFile(
        bucket=bucket,
        key=version.get("Key", ""),
        version_id=version.get("VersionId"),
        etag=version.get("ETag", "").strip('"'),
        size=version.get("Size", 0),
        event_time=version["LastModified"].astimezone(UTC),  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 always says it
    )


def _next(answer: ListObjectVersionsOutputTypeDef) -> Marker | None:
    """Return where the next page begins; None after the last one."""
    if not answer["IsTruncated"]:
        return None
    key, version_id = answer.get("NextKeyMarker"), answer.get("NextVersionIdMarker")
    if not key or not version_id:
        # Taken for the last page, it would end the sweep, and nobody would look at the rest of the bucket.
        raise Unavailable("list the landing bucket: S3 says that there is more, but not where it begins")
    return Marker(key, version_id)
