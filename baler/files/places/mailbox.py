"""The mailbox bucket, read and never changed: which bundles wait in it, and which are set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.cli.s3 import S3GoneError, S3RefusedError, explained
from baler.files.aws.bucket_contents import list_top
from baler.files.bundle.ids import (
    PREFIX,
    QUARANTINE_PREFIX,
    bundle_id_of,
    bundle_key,
    quarantine_key,
    quarantined_bundle_id,
)
from baler.files.bundle.manifest import META_REFUSAL
from baler.files.story.evidence import InMailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client


class MailboxBucket:
    """The mailbox. Its methods raise S3Error where S3 fails.

    Args:
        client: boto3's S3 client.
        bucket: the bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def check(self) -> None:
        """Make sure that it is a mailbox.

        Raises:
            S3RefusedError: there is no such bucket, or it is another bucket of the stack.
        """
        with explained(f"list the mailbox {self._bucket!r}"):
            contents = list_top(self._client, self._bucket)
        if (other := contents.other_bucket(self._bucket)) is not None:
            raise S3RefusedError(other)

    def waiting(self, bundle_id: str) -> InMailbox | None:
        """Return the bundle as it waits for who takes bundles; None if it does not."""
        return self._object(bundle_key(bundle_id))

    def set_aside(self, bundle_id: str) -> InMailbox | None:
        """Return the bundle as it lies in the quarantine; None if it does not."""
        return self._object(quarantine_key(bundle_id))

    def all_waiting(self) -> Iterator[str]:
        """Yield the ids of all bundles that wait, oldest first."""
        yield from self._ids(PREFIX, bundle_id_of)

    def all_set_aside(self) -> Iterator[str]:
        """Yield the ids of all bundles in the quarantine, oldest first."""
        yield from self._ids(QUARANTINE_PREFIX, quarantined_bundle_id)

    def _object(self, key: str) -> InMailbox | None:
        try:
            with explained(f"read the metadata of {key!r} in the mailbox {self._bucket!r}"):
                head = self._client.head_object(Bucket=self._bucket, Key=key)
        except S3GoneError:
            return None
        return InMailbox(head["LastModified"], head["Metadata"].get(META_REFUSAL, ""))

    def _ids(self, prefix: str, id_of: Callable[[str], str]) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with explained(f"list the mailbox {self._bucket!r}"):
            for page in pages:
                for item in page.get("Contents", []):
                    try:
                        yield id_of(item.get("Key", ""))
                    except ValueError:
                        continue  # put there by hand
