"""The mailbox as a replay fills it: never over an object that waits there."""

from __future__ import annotations

from enum import Enum, auto
from typing import IO, TYPE_CHECKING

from baler.cli.s3 import S3GoneError, S3RefusedError, explained
from baler.files.aws.bucket_contents import list_top
from baler.files.aws.bundle_object import put_bundle
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import META_REPLAY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from baler.files.archive.bucket import ArchivedBundle


class MailboxState(Enum):
    """What lies under a bundle's key in the mailbox."""

    FREE = auto()
    OURS = auto()  # what this replay put there, and nobody has taken yet
    IN_THE_WAY = auto()  # an earlier delivery or another replay, which nobody has taken yet


class Outbox:
    """The mailbox of one replay. Its methods raise S3Error where S3 fails.

    A replay never replaces an object: who takes bundles deletes what was delivered, on the word of a ledger or receipt
    and of what is seen there, and an object that changed in between would be deleted untaken.

    Args:
        client: boto3's S3 client.
        bucket: the mailbox bucket.
        replay_id: says in the metadata why the bundle is there again.
    """

    def __init__(self, client: S3Client, bucket: str, replay_id: str) -> None:
        self._client = client
        self._bucket = bucket
        self._replay_id = replay_id

    def check(self) -> None:
        """Make sure that it is a mailbox, before anything is put there.

        Raises:
            S3RefusedError: there is no such bucket, which the 404 to the HEAD of an object does not say, or it is
                another bucket of the stack.
        """
        with explained(f"list the mailbox {self._bucket!r}"):
            contents = list_top(self._client, self._bucket)
        if (other := contents.other_bucket(self._bucket)) is not None:
            raise S3RefusedError(other)

    def state(self, bundle_id: str) -> MailboxState:
        """Return what lies under a bundle's key."""
        key = bundle_key(bundle_id)
        try:
            with explained(f"read the metadata of {key!r} in the mailbox {self._bucket!r}"):
                metadata = self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        except S3GoneError:
            return MailboxState.FREE
        return MailboxState.OURS if metadata.get(META_REPLAY) == self._replay_id else MailboxState.IN_THE_WAY

    def put(self, bundle: ArchivedBundle, body: IO[bytes]) -> MailboxState:
        """Put a bundle where its key is free; S3 refuses bytes of another hash. Return what lies there now."""
        key = bundle_key(bundle.bundle_id)
        try:
            with explained(f"put {key!r} into the mailbox {self._bucket!r}"):
                put_bundle(
                    self._client,
                    bucket=self._bucket,
                    bundle_id=bundle.bundle_id,
                    body=body,
                    metadata={**bundle.metadata, META_REPLAY: self._replay_id},
                    replace=False,
                )
        except S3GoneError:
            return self.state(bundle.bundle_id)
        return MailboxState.OURS
