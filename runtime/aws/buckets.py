"""The archive and the mailbox in S3."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from runtime.aws.faults import code_of, unavailable
from runtime.bundle.ids import bundle_key, manifest_key
from runtime.bundle.manifest import FORMAT_VERSION, META_FILE_COUNT, META_FORMAT_VERSION, META_SHA256
from runtime.claims.ports import InArchive

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from runtime.bundle.writer import Bundle

# User metadata of a fence, by which whoever reads the archive knows that there is no bundle.
META_FENCE: Final = "fence"

# Never application/gzip as Content-Encoding: clients would unpack the bundle and the hash would be of something else.
_CONTENT_TYPE: Final = "application/gzip"
_FENCE_TYPE: Final = "application/x-empty"

_TAKEN: Final = "PreconditionFailed"


class S3Archive:
    """The Archive port (see runtime/claims/ports.py).

    Args:
        client: an S3 client.
        bucket: the archive bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, bundle: Bundle) -> InArchive:
        """Put the bundle if its key is free; S3 refuses bytes that do not match their checksum.

        Its manifest goes into the index first: a crash in between leaves an entry without a bundle, which readers
        take for what it is, and never a bundle that no search finds. That is one more put a bundle and about 95 bytes
        a file (of 290, before gzip); the index stays in S3 Standard when the bundle moves to Deep Archive.
        """
        with unavailable("put into the archive"):
            self._index(bundle)
            bundle.body.seek(0)
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=bundle_key(bundle.bundle_id),
                    Body=bundle.body,
                    ContentLength=bundle.size,
                    ContentType=_CONTENT_TYPE,
                    ChecksumSHA256=_checksum(bundle),
                    Metadata=_metadata(bundle),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                return self._refused(error, bundle.bundle_id)
        return InArchive.BUNDLE

    def fence(self, bundle_id: str) -> InArchive:
        """Put the fence if the key is free. This asks for no right that the put itself does not need.

        A HEAD in its place would need s3:ListBucket to tell "absent" from "forbidden", and a late put of the old owner
        could still follow it.
        """
        with unavailable("fence a bundle off the archive"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=bundle_key(bundle_id),
                    Body=b"",
                    ContentType=_FENCE_TYPE,
                    Metadata={META_FENCE: "1"},
                    IfNoneMatch="*",
                )
            except ClientError as error:
                return self._refused(error, bundle_id)
        return InArchive.FENCE

    def _index(self, bundle: Bundle) -> None:
        """Put the manifest under its own key, where an earlier try of the same put may have been quicker."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=manifest_key(bundle.bundle_id),
                Body=gzip.compress(bundle.manifest, mtime=0),
                ContentType=_CONTENT_TYPE,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code_of(error) != _TAKEN:
                raise

    def _refused(self, error: ClientError, bundle_id: str) -> InArchive:
        """Tell what took the key, perhaps an earlier try of the very same put."""
        if code_of(error) != _TAKEN:
            raise error
        found = self._client.head_object(Bucket=self._bucket, Key=bundle_key(bundle_id))
        return InArchive.FENCE if META_FENCE in found["Metadata"] else InArchive.BUNDLE


class S3Mailbox:
    """The Mailbox port (see runtime/claims/ports.py).

    Args:
        client: an S3 client.
        bucket: the distribution bucket's name.
        archive_bucket: where archived bundles are copied from.
    """

    def __init__(self, client: S3Client, bucket: str, archive_bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._archive_bucket = archive_bucket

    def put(self, bundle: Bundle) -> None:
        """Put the bundle; S3 refuses bytes that do not match their checksum."""
        bundle.body.seek(0)
        with unavailable("put into the mailbox"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=bundle_key(bundle.bundle_id),
                Body=bundle.body,
                ContentLength=bundle.size,
                ContentType=_CONTENT_TYPE,
                ChecksumSHA256=_checksum(bundle),
                Metadata=_metadata(bundle),
            )

    def copy_from_archive(self, bundle_id: str) -> None:
        """Copy the archived bundle within S3, metadata and all, under its own key."""
        key = bundle_key(bundle_id)
        with unavailable("copy from the archive into the mailbox"):
            self._client.copy_object(
                Bucket=self._bucket, Key=key, CopySource={"Bucket": self._archive_bucket, "Key": key}
            )


def _checksum(bundle: Bundle) -> str:
    return base64.b64encode(bytes.fromhex(bundle.sha256)).decode()


def _metadata(bundle: Bundle) -> dict[str, str]:
    return {
        META_SHA256: bundle.sha256,
        META_FILE_COUNT: str(len(bundle.files)),
        META_FORMAT_VERSION: str(FORMAT_VERSION),
    }
