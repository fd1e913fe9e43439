"""The quarantine of a mailbox: bundles that the receiver refused, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from baler.cli.s3 import S3GoneError, S3RefusedError, explained
from baler.files.aws.bucket_contents import list_top
from baler.files.bundle.fence import CONTENT_TYPE
from baler.files.bundle.ids import QUARANTINE_PREFIX, bundle_key, quarantine_key, quarantined_bundle_id
from baler.files.bundle.manifest import META_REFUSAL, META_REPLAY, META_SHA256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mypy_boto3_s3 import S3Client


SETTLED_SECONDS: Final = 60.0
"""The courier's lease lasts 30 s, and it proves it before it removes what it has set aside: twice that is enough."""


class MailboxState(Enum):
    """What lies under a bundle's key in the mailbox."""

    FREE = auto()
    SAME = auto()  # the delivery that was set aside: another run, or one that was killed, has put it back
    IN_THE_WAY = auto()  # another delivery of the bundle, a replay for example, which the courier has not taken


@dataclass(frozen=True, slots=True)
class QuarantinedBundle:
    """A bundle that was set aside.

    Attributes:
        bundle_id: of the bundle.
        size: bytes.
        etag: of the object.
        set_aside_at: when.
        age_seconds: since then, by S3's clock.
        metadata: the object's; the refusal is among them.
    """

    bundle_id: str
    size: int
    etag: str
    set_aside_at: datetime
    age_seconds: float = field(compare=False)
    metadata: Mapping[str, str]

    @property
    def settled(self) -> bool:
        """Whether the courier is done with it."""
        return self.age_seconds >= SETTLED_SECONDS

    @property
    def refusal(self) -> str:
        """Why the receiver refused it, or what is wrong with the object."""
        return self.metadata.get(META_REFUSAL, "unknown")

    @property
    def replay_id(self) -> str:
        """Of the replay that put it into the mailbox; "" for the first delivery."""
        return self.metadata.get(META_REPLAY, "")

    @property
    def delivery_metadata(self) -> dict[str, str]:
        """What the object in the mailbox has: what this one has, but the refusal."""
        return {name: value for name, value in self.metadata.items() if name != META_REFUSAL}


class Quarantine:
    """The quarantine. Its methods raise S3Error where S3 fails.

    A bundle is copied first and removed then, so that it is in one of the two places at any moment. Whoever ends in
    between leaves it in both, and the next run finds it in the mailbox or puts it there again: the courier sends
    nothing that has a receipt. The courier does the same in the other direction, so what it set aside a moment ago is
    left alone: it may be about to remove the bundle from the mailbox.

    Args:
        client: boto3's S3 client.
        once: one that makes no call a second time.
        bucket: the mailbox bucket.
    """

    def __init__(self, client: S3Client, once: S3Client, bucket: str) -> None:
        self._client = client
        self._once = once
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

    def bundle_ids(self) -> Iterator[str]:
        """Yield the bundles that were set aside, oldest first; what is no bundle is left out."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=QUARANTINE_PREFIX)
        with explained(f"list the quarantine of the mailbox {self._bucket!r}"):
            for page in pages:
                for item in page.get("Contents", []):
                    try:
                        yield quarantined_bundle_id(item.get("Key", ""))
                    except ValueError:
                        continue

    def find(self, bundle_id: str) -> QuarantinedBundle | None:
        """Return what is known of a bundle; None where it is not in the quarantine."""
        key = quarantine_key(bundle_id)
        try:
            with explained(f"read the metadata of {key!r} in the mailbox {self._bucket!r}"):
                found = self._client.head_object(Bucket=self._bucket, Key=key)
        except S3GoneError:
            return None
        set_aside_at = found["LastModified"]
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        return QuarantinedBundle(
            bundle_id=bundle_id,
            size=found["ContentLength"],
            etag=found["ETag"],
            set_aside_at=set_aside_at,
            age_seconds=(now - set_aside_at).total_seconds(),
            metadata=found["Metadata"],
        )

    def state(self, bundle: QuarantinedBundle) -> MailboxState:
        """Return what lies under the bundle's key in the mailbox."""
        key = bundle_key(bundle.bundle_id)
        try:
            with explained(f"read the metadata of {key!r} in the mailbox {self._bucket!r}"):
                there = self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        except S3GoneError:
            return MailboxState.FREE
        ours = bundle.delivery_metadata
        same = all(there.get(name, "") == ours.get(name, "") for name in (META_SHA256, META_REPLAY))
        return MailboxState.SAME if same else MailboxState.IN_THE_WAY

    def put_back(self, bundle: QuarantinedBundle) -> MailboxState:
        """Copy a bundle into the mailbox where its key is free; return what lies there now.

        FREE where it is no longer in the quarantine: another run has put it back, and the courier has taken it.
        """
        key = bundle_key(bundle.bundle_id)
        try:
            with explained(f"copy {key!r} back into the mailbox {self._bucket!r}"):
                # One request, up to 5 GB, and nothing of it passes through this machine. Both conditions are 412 where
                # they do not hold (S3 API reference, CopyObject, CopySourceIfMatch and IfNoneMatch).
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=key,
                    CopySource={"Bucket": self._bucket, "Key": quarantine_key(bundle.bundle_id)},
                    CopySourceIfMatch=bundle.etag,
                    IfNoneMatch="*",
                    ContentType=CONTENT_TYPE,
                    Metadata=bundle.delivery_metadata,
                    MetadataDirective="REPLACE",
                )
        except S3GoneError:
            return self.state(bundle)
        return MailboxState.SAME

    def remove(self, bundle: QuarantinedBundle) -> None:
        """Remove from the quarantine what is back in the mailbox; harmless where it is gone.

        What the receiver refused once more meanwhile, and the courier set aside again, stays: it has another time. S3
        cannot be asked to compare that one, so it is read just before, and the request is not repeated: a second one,
        seconds later, might meet another object than the first.
        """
        if self.find(bundle.bundle_id) != bundle:
            return
        key = quarantine_key(bundle.bundle_id)
        try:
            with explained(f"remove {key!r} from the mailbox {self._bucket!r}"):
                self._once.delete_object(Bucket=self._bucket, Key=key, IfMatch=bundle.etag)
        except S3GoneError:
            return
