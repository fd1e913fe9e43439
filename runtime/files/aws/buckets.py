"""The archive and the mailbox in S3."""

from __future__ import annotations

import base64
import gzip
import hashlib
import math
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.files.aws.bundle_object import bundle_metadata, put_bundle
from baler.files.bundle.fence import CONTENT_TYPE, META_FENCE, body_of_fence
from baler.files.bundle.ids import bundle_key, manifest_key
from baler.files.bundle.manifest import META_SHA256
from baler.files.claims.ports import InArchive
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from baler.aws.http.s3 import HttpS3
    from baler.files.bundle.writer import Bundle

# What S3 says where a key is taken; 412 where the document of the answer did not come along.
_TAKEN: Final = frozenset({"PreconditionFailed", "412"})


class S3Archive:
    """The Archive port (see baler/files/claims/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s of the archive bucket.
        bucket: the archive bucket's name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client | HttpS3, bucket: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._bucket = bucket
        self._deadline = deadline

    def put(self, bundle: Bundle) -> InArchive:
        """Put the bundle if its key is free; S3 refuses bytes that do not match their checksum.

        Its manifest goes into the index first: a crash in between leaves an entry without a bundle, which readers
        take for what it is, and never a bundle that no search finds. That is one more put a bundle and about 95 bytes
        a file (of 290, before gzip); the index stays in S3 Standard when the bundle moves to Deep Archive.
        """
        index = gzip.compress(bundle.manifest, mtime=0)

        def put_index() -> None:
            self._client.put_object(
                Bucket=self._bucket,
                Key=manifest_key(bundle.bundle_id),
                Body=index,
                ContentType=CONTENT_TYPE,
                ChecksumSHA256=_checksum(index),
                # Who keeps the books of the archive learns the bundle's hash here, and need not be let at the bundle.
                Metadata={META_SHA256: bundle.sha256},
                IfNoneMatch="*",
            )

        def put() -> None:
            put_bundle(
                self._client,
                bucket=self._bucket,
                bundle_id=bundle.bundle_id,
                body=bundle.body,
                metadata=bundle_metadata(bundle),
                replace=False,
            )

        self._put_if_absent("put into the archive's index", put_index)
        if self._put_if_absent("put into the archive", put):
            return InArchive.BUNDLE
        return self._found(bundle.bundle_id)

    def fence(self, bundle_id: str) -> InArchive:
        """Put the fence if the key is free. This asks for no right that the put itself does not need.

        A HEAD in its place would need s3:ListBucket to tell "absent" from "forbidden", and a late put of the old owner
        could still follow it.
        """

        def put() -> None:
            self._client.put_object(
                Bucket=self._bucket,
                Key=bundle_key(bundle_id),
                Body=body_of_fence(),
                ContentType=CONTENT_TYPE,
                ChecksumSHA256=_checksum(body_of_fence()),
                Metadata={META_FENCE: "1"},
                IfNoneMatch="*",
            )

        if self._put_if_absent("fence a bundle off the archive", put):
            return InArchive.FENCE
        return self._found(bundle_id)

    def _put_if_absent(self, what: str, put: Callable[[], object]) -> bool:
        """Put; False where the key was taken, perhaps by an earlier attempt at the very same put."""

        def put_once() -> bool:
            try:
                put()
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise
                return False
            return True

        return attempt(what, put_once, self._deadline)

    def _found(self, bundle_id: str) -> InArchive:
        """Tell what took the key."""

        def head() -> InArchive:
            found = self._client.head_object(Bucket=self._bucket, Key=bundle_key(bundle_id))
            return InArchive.FENCE if META_FENCE in found["Metadata"] else InArchive.BUNDLE

        try:
            return attempt("see what is in the archive", head, self._deadline)
        except Refused as error:
            # The key is taken, perhaps by a put of this very call: that much is known to have taken effect.
            raise Unavailable(str(error)) from error


def _checksum(body: bytes) -> str:
    """Return what S3 is to check; a bucket with object lock takes no put without it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    """
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


class S3Mailbox:
    """The Mailbox port (see baler/files/claims/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s of the distribution bucket.
        bucket: the distribution bucket's name.
        archive_bucket: where archived bundles are copied from.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client | HttpS3, bucket: str, archive_bucket: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._bucket = bucket
        self._archive_bucket = archive_bucket
        self._deadline = deadline

    def put(self, bundle: Bundle) -> None:
        """Put the bundle; S3 refuses bytes that do not match their checksum."""

        def put() -> None:
            put_bundle(
                self._client,
                bucket=self._bucket,
                bundle_id=bundle.bundle_id,
                body=bundle.body,
                metadata=bundle_metadata(bundle),
                replace=True,
            )

        attempt("put into the mailbox", put, self._deadline)

    def copy_from_archive(self, bundle_id: str) -> None:
        """Copy the archived bundle within S3, metadata and all, under its own key."""
        key = bundle_key(bundle_id)

        def copy() -> None:
            self._client.copy_object(
                Bucket=self._bucket, Key=key, CopySource={"Bucket": self._archive_bucket, "Key": key}
            )

        attempt("copy from the archive into the mailbox", copy, self._deadline)
