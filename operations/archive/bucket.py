"""The archive bucket: what is known of a bundle in it, its bytes, and how to wake it from Deep Archive."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Final, Literal

from botocore.exceptions import ClientError

from operations.s3 import CHUNK_BYTES, S3GoneError, explained
from runtime.aws.faults import code_of
from runtime.aws.fence import FENCE_BYTES_MAX, META_FENCE
from runtime.bundle.ids import INDEX_PREFIX, PREFIX, bundle_id_of, bundle_key, indexed_bundle_id, manifest_key
from runtime.bundle.manifest import META_SHA256, Manifest, ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from operations.archive.period import Period

# Deep Archive has no third: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
Tier = Literal["standard", "bulk"]
TIERS: Final[dict[Tier, Literal["Standard", "Bulk"]]] = {"standard": "Standard", "bulk": "Bulk"}

_ASLEEP: Final = {"DEEP_ARCHIVE", "GLACIER"}


class NotArchivedError(Exception):
    """No bundle of that id is in the archive: nothing is, or the fence of an attempt that died is."""


class DamagedError(Exception):
    """What lies in the archive is not what its hash says; the message says how."""


class AsleepError(Exception):
    """The bundle is in Deep Archive, and no restored copy of it can be read now."""


class Access(StrEnum):
    """Whether the bytes of an archived bundle can be read."""

    READABLE = "readable"
    RESTORING = "restoring"  # a restore was asked for and has not ended
    ASLEEP = "asleep"  # in Deep Archive: it must be restored first


@dataclass(frozen=True, slots=True)
class ArchivedBundle:
    """A bundle in the archive.

    Attributes:
        bundle_id: its id.
        size: bytes of the tar.gz.
        etag: of the object, which a read is held to.
        metadata: of the object, without the `x-amz-meta-` prefix.
        access: whether it can be read now.
    """

    bundle_id: str
    size: int
    etag: str
    metadata: Mapping[str, str]
    access: Access


class ArchiveBucket:
    """The archive bucket. Its methods raise S3Error where S3 fails.

    Args:
        client: boto3's S3 client.
        bucket: the bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def check(self) -> None:
        """Raise S3RefusedError if there is no such bucket, which the 404 to a look at an object does not tell."""
        with explained(f"list the archive {self._bucket!r}"):
            self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1)

    def bundle_ids(self, period: Period) -> Iterator[str]:
        """Yield the bundles of a period, oldest first; fences are no bundles."""
        for bundle_id, size in self._listed(period, PREFIX, bundle_id_of):
            if size >= FENCE_BYTES_MAX or not self._is_fence(bundle_id):
                yield bundle_id

    def indexed_ids(self, period: Period) -> Iterator[str]:
        """Yield the bundles of a period that the index has, oldest first; some may never have been archived."""
        for bundle_id, _ in self._listed(period, INDEX_PREFIX, indexed_bundle_id):
            yield bundle_id

    def manifest(self, bundle_id: str) -> Manifest:
        """Read a bundle's manifest from the index.

        Raises:
            DamagedError: it cannot be read.
        """
        key = manifest_key(bundle_id)
        with explained(f"read {key!r} in the archive {self._bucket!r}"):
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            return Manifest.parse(gzip.decompress(body))
        except (OSError, EOFError, ManifestError) as error:
            raise DamagedError(f"the index entry {key} cannot be read: {error}") from error

    def look(self, bundle_id: str) -> ArchivedBundle:
        """Tell what is known of a bundle.

        Raises:
            NotArchivedError: it is not in the archive.
        """
        key = bundle_key(bundle_id)
        try:
            with explained(f"look at {key!r} in the archive {self._bucket!r}"):
                head = self._client.head_object(Bucket=self._bucket, Key=key)
        except S3GoneError as error:
            raise NotArchivedError(f"{bundle_id} is not in the archive {self._bucket!r}") from error
        if META_FENCE in head["Metadata"]:
            raise NotArchivedError(f"{bundle_id} was given up before it was archived: its files are in another bundle")
        return ArchivedBundle(bundle_id, head["ContentLength"], head["ETag"], head["Metadata"], _access(head))

    def restore(self, bundle: ArchivedBundle, tier: Tier, days: int) -> None:
        """Ask for a readable copy, for so many days from when it is there; asking again is harmless."""
        key = bundle_key(bundle.bundle_id)
        with explained(f"restore {key!r} in the archive {self._bucket!r}"):
            try:
                self._client.restore_object(
                    Bucket=self._bucket,
                    Key=key,
                    RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": TIERS[tier]}},
                )
            except ClientError as error:
                if code_of(error) != "RestoreAlreadyInProgress":
                    raise

    def download(self, bundle: ArchivedBundle, target: IO[bytes], checkpoint: Callable[[], None]) -> str:
        """Write the bundle's bytes to `target` and return their SHA-256, which is the one that its metadata promises.

        Raises:
            AsleepError: it cannot be read (any more).
            DamagedError: they have another hash, or none to hold them against; nothing may be done with them.
        """
        key = bundle_key(bundle.bundle_id)
        digest = hashlib.sha256()
        with explained(f"read {key!r} in the archive {self._bucket!r}"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, IfMatch=bundle.etag)
            except ClientError as error:
                if code_of(error) == "InvalidObjectState":
                    raise AsleepError(f"{bundle.bundle_id} is in Deep Archive") from error
                raise
            for chunk in answer["Body"].iter_chunks(CHUNK_BYTES):
                checkpoint()
                digest.update(chunk)
                target.write(chunk)
        promised = bundle.metadata.get(META_SHA256, "nothing")
        if promised != digest.hexdigest():
            raise DamagedError(
                f"{bundle.bundle_id} has SHA-256 {digest.hexdigest()} in the archive, its metadata says {promised}"
            )
        return promised

    def _is_fence(self, bundle_id: str) -> bool:
        """Ask for the metadata of an object that is small enough for a fence: a listing does not have it."""
        key = bundle_key(bundle_id)
        with explained(f"look at {key!r} in the archive {self._bucket!r}"):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        return META_FENCE in head["Metadata"]

    def _listed(self, period: Period, prefix: str, id_of: Callable[[str], str]) -> Iterator[tuple[str, int]]:
        """Yield bundle ids with the sizes of their objects."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=period.start_after(prefix)
        )
        with explained(f"list the archive {self._bucket!r}"):
            for page in pages:
                for item in page.get("Contents", []):
                    try:
                        bundle_id = id_of(item.get("Key", ""))
                    except ValueError:
                        continue  # put there by hand
                    if period.is_before(bundle_id):
                        return
                    yield bundle_id, item.get("Size", 0)


def _access(head: HeadObjectOutputTypeDef) -> Access:
    if head.get("StorageClass") not in _ASLEEP:
        return Access.READABLE
    # 'ongoing-request="true"', or ="false" with the date until which the restored copy stays.
    restore = head.get("Restore", "")
    if 'ongoing-request="true"' in restore:
        return Access.RESTORING
    return Access.READABLE if 'ongoing-request="false"' in restore else Access.ASLEEP
