"""The archive bucket: what is known of a bundle in it, its bytes, and how to wake it from Deep Archive."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Final, Literal

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.cli.s3 import S3GoneError, S3UnavailableError, body_chunks, explained
from baler.files.archive.period import is_before, start_after
from baler.files.aws.archive_objects import S3ArchiveObjects
from baler.files.bundle.fence import FENCE_BYTES_MAX, META_FENCE
from baler.files.bundle.ids import PREFIX, bundle_id_of, bundle_key, manifest_key
from baler.files.bundle.index_entry import LARGEST_ENTRY, parse_entry
from baler.files.bundle.manifest import META_SHA256, ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, RestoreRequestTypeDef

    from baler.cli.period import Period
    from baler.files.bundle.manifest import Manifest

# Deep Archive has no third: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
Tier = Literal["standard", "bulk"]
TIERS: Final[dict[Tier, Literal["Standard", "Bulk"]]] = {"standard": "Standard", "bulk": "Bulk"}


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """How Deep Archive is asked: how fast, and for how many days of a readable copy."""

    tier: Tier
    keep_days: int


# How often an entry is read whose connection breaks in the middle, which boto3 does not repeat: a search reads
# thousands of them.
_READS: Final = 3

_ASLEEP: Final = {"DEEP_ARCHIVE", "GLACIER"}
# Answers to a restore of what is on its way, or is awake by now.
_RESTORED_ANYWAY: Final = {"RestoreAlreadyInProgress", "ObjectAlreadyInActiveTierError"}


class NotArchivedError(Exception):
    """No bundle of that id is in the archive: nothing is, or the fence of an attempt that died is."""


class DamagedError(Exception):
    """What lies in the archive is not what its hash says; the message says how."""


class AsleepError(Exception):
    """The bundle is in Deep Archive, and no restored copy of it can be read now."""


class Availability(StrEnum):
    """Whether the bytes of an archived bundle can be read."""

    READABLE = "readable"
    RESTORING = "restoring"  # a restore was asked for and has not ended
    ASLEEP = "asleep"  # in Deep Archive or another archive tier: it must be restored first


@dataclass(frozen=True, slots=True)
class ArchivedBundle:
    """A bundle in the archive.

    Attributes:
        bundle_id: its id.
        size: bytes of the tar.gz.
        etag: of the object, which a read is held to.
        metadata: of the object, without the `x-amz-meta-` prefix.
        availability: whether it can be read now.
        tiered: S3 Intelligent-Tiering keeps it: a restore moves it back for good, and costs nothing.
    """

    bundle_id: str
    size: int
    etag: str
    metadata: Mapping[str, str]
    availability: Availability
    tiered: bool = False


class ArchiveBucket:
    """The archive bucket. Its methods raise S3Error where S3 fails.

    Args:
        client: boto3's S3 client.
        bucket: the bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.objects = S3ArchiveObjects(client, bucket, explained)
        """Its objects as the register has them."""

    def check(self) -> None:
        """Raise S3RefusedError if there is no such bucket, which the 404 to the HEAD of an object does not say."""
        with explained(f"list the archive {self._bucket!r}"):
            self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1)

    def bundle_ids(self, period: Period) -> Iterator[str]:
        """Yield the bundles of a period, oldest first; fences are no bundles."""
        for bundle_id, size in self._ids(period, PREFIX, bundle_id_of):
            if size >= FENCE_BYTES_MAX or not self._is_fence(bundle_id):
                yield bundle_id

    def manifest(self, bundle_id: str, parsing: AbstractContextManager[object] | None = None) -> Manifest:
        """Read a bundle's manifest from the index.

        Args:
            bundle_id: the bundle.
            parsing: held while the entry is unpacked, which a hostile one makes take much memory: a lock of the callers
                that read many at once.

        Raises:
            DamagedError: it is missing, cannot be read, is another bundle's, or is larger than any that the aggregator
                writes.
        """
        key = manifest_key(bundle_id)
        try:
            packed = self._entry(key)
        except S3GoneError as error:
            raise DamagedError(f"the index entry of {bundle_id} is missing") from error
        try:
            with parsing or nullcontext():
                return parse_entry(packed, bundle_id)
        except ManifestError as error:
            raise DamagedError(f"the index entry {key} cannot be read: {error}") from error

    def inspect(self, bundle_id: str) -> ArchivedBundle:
        """Return what is known of a bundle.

        Raises:
            NotArchivedError: it is not in the archive.
        """
        key = bundle_key(bundle_id)
        try:
            with explained(f"read the metadata of {key!r} in the archive {self._bucket!r}"):
                head = self._client.head_object(Bucket=self._bucket, Key=key)
        except S3GoneError as error:
            raise NotArchivedError(f"{bundle_id} is not in the archive {self._bucket!r}") from error
        if META_FENCE in head["Metadata"]:
            raise NotArchivedError(f"{bundle_id} was given up before it was archived: its files are in another bundle")
        return ArchivedBundle(
            bundle_id, head["ContentLength"], head["ETag"], head["Metadata"], _availability(head), _tiered(head)
        )

    def restore(self, bundle: ArchivedBundle, options: RestoreOptions) -> None:
        """Ask for a readable copy, whose days count from when it is there; asking again is harmless.

        What Intelligent-Tiering keeps is moved back instead, and has no days:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
        """
        key = bundle_key(bundle.bundle_id)
        request: RestoreRequestTypeDef = {"GlacierJobParameters": {"Tier": TIERS[options.tier]}}
        if not bundle.tiered:
            request["Days"] = options.keep_days
        with explained(f"restore {key!r} in the archive {self._bucket!r}"):
            try:
                self._client.restore_object(Bucket=self._bucket, Key=key, RestoreRequest=request)
            except ClientError as error:
                if code_of(error) not in _RESTORED_ANYWAY:
                    raise

    def download(self, bundle: ArchivedBundle, target: IO[bytes], interruption_point: Callable[[], None]) -> None:
        """Write the bundle's bytes to `target`; their SHA-256 is the one that its metadata promises.

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
        for chunk in body_chunks(answer["Body"], f"read {key!r} in the archive {self._bucket!r}"):
            interruption_point()
            digest.update(chunk)
            target.write(chunk)
        promised = bundle.metadata.get(META_SHA256, "nothing")
        if promised != digest.hexdigest():
            raise DamagedError(
                f"{bundle.bundle_id} has SHA-256 {digest.hexdigest()} in the archive, its metadata says {promised}"
            )

    def _is_fence(self, bundle_id: str) -> bool:
        """Ask for the metadata of an object that is small enough for a fence: a listing does not have it."""
        key = bundle_key(bundle_id)
        with explained(f"read the metadata of {key!r} in the archive {self._bucket!r}"):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        return META_FENCE in head["Metadata"]

    def _entry(self, key: str) -> bytes:
        """Read an entry of the index, packed, or a bit more than the largest."""
        what = f"read {key!r} in the archive {self._bucket!r}"
        for attempt in range(_READS):
            with explained(what):
                body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
            packed = bytearray()
            try:
                for chunk in body_chunks(body, what):
                    packed += chunk
                    if len(packed) > LARGEST_ENTRY:
                        break
            except S3UnavailableError:
                if attempt + 1 == _READS:
                    raise
            else:
                return bytes(packed)
        raise AssertionError("the last attempt returns or raises")

    def _ids(self, period: Period, prefix: str, id_of: Callable[[str], str]) -> Iterator[tuple[str, int]]:
        """Yield id and size of what lies below a prefix."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=start_after(period, prefix)
        )
        with explained(f"list the archive {self._bucket!r}"):
            for page in pages:
                for item in page.get("Contents", []):
                    try:
                        bundle_id = id_of(item.get("Key", ""))
                    except ValueError:
                        continue  # put there by hand
                    if is_before(period, bundle_id):
                        return
                    yield bundle_id, item.get("Size", 0)


def _availability(head: HeadObjectOutputTypeDef) -> Availability:
    """Read from a HEAD whether a GET would be answered with the bytes.

    Of Intelligent-Tiering the storage class says nothing: an object in one of its archive tiers, and only such a one,
    has the header x-amz-archive-status, until a restore has moved it back.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    if head.get("StorageClass") not in _ASLEEP and not head.get("ArchiveStatus"):
        return Availability.READABLE
    # 'ongoing-request="true"', or ="false" with the date until which the restored copy stays.
    restore = head.get("Restore", "")
    if 'ongoing-request="true"' in restore:
        return Availability.RESTORING
    copied = 'ongoing-request="false"' in restore and not head.get("ArchiveStatus")
    return Availability.READABLE if copied else Availability.ASLEEP


def _tiered(head: HeadObjectOutputTypeDef) -> bool:
    return head.get("StorageClass") == "INTELLIGENT_TIERING"
