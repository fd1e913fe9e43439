"""The raw bucket by versions, and the processed one by names, as the sweeper sees them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from runtime.events.sweeper.ports import ObjectVersion, VersionedObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

# An object that is gone, and one that only a restore brings back.
_NOT_READ: Final = frozenset({"NoSuchKey", "404", "InvalidObjectState"})
# boto3 tries again by itself.
_ATTEMPTS: Final = 1


class S3RawVersions:
    """The RawVersions port (see runtime/events/sweeper/ports.py).

    Args:
        client: boto3's.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client, bucket: str, deadline: float) -> None:
        self._client: Any = client
        self._bucket = bucket
        self._deadline = deadline

    def below(self, prefix: str) -> Iterator[VersionedObject]:
        """List versions, page by page; those of a key come one after another, also across pages, the newest first."""
        for key, versions in groupby(self._versions(prefix), key=lambda version: version["Key"]):
            found = list(versions)
            # Without a current version the object is deleted, and its versions end by the bucket's rule.
            if found[0]["IsLatest"]:
                yield VersionedObject(key, tuple(_version(each) for each in found))

    def _versions(self, prefix: str) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": prefix}
        while True:
            page = attempt(
                "list raw objects",
                lambda: self._client.list_object_versions(**request),  # noqa: B023 - called at once
                self._deadline,
                _ATTEMPTS,
            )
            yield from page.get("Versions", [])
            if not page["IsTruncated"]:
                return
            request |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def read(self, key: str) -> bytes | None:
        """Read an object whole: what was made of a batch of Lambda's has some megabytes at most."""

        def get() -> bytes | None:
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if code_of(error) in _NOT_READ:
                    return None
                raise

        return attempt("read a raw object", get, self._deadline, _ATTEMPTS)

    def remove(self, key: str, version_id: str) -> None:
        """Delete a version."""
        attempt(
            "remove an orphan",
            lambda: self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version_id),
            self._deadline,
            _ATTEMPTS,
        )


class S3ProcessedNames:
    """The ProcessedNames port: it lists, and reads nothing.

    Args:
        client: boto3's.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client, bucket: str, deadline: float) -> None:
        self._client: Any = client
        self._bucket = bucket
        self._deadline = deadline

    def has(self, key: str) -> bool:
        """List the one key."""
        page = attempt(
            "look for a processed object",
            lambda: self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1),
            self._deadline,
            _ATTEMPTS,
        )
        return any(each["Key"] == key for each in page.get("Contents", []))


def _version(listed: dict[str, Any]) -> ObjectVersion:
    return ObjectVersion(listed["VersionId"], listed["LastModified"].timestamp())
