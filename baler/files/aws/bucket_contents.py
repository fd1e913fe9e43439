"""What a bucket holds beside bundles, to tell the mailbox from the other buckets of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.files.bundle.ids import INDEX_PREFIX, PREFIX, QUARANTINE_PREFIX

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class BucketContents:
    """What a bucket holds at its top, as far as one page of a listing shows.

    Attributes:
        bundles: there are bundles.
        index: there are manifests, as in the archive alone.
        foreign: a key, or what some begin with, that no mailbox has; None where there is none.
    """

    bundles: bool
    index: bool
    foreign: str | None

    def other_bucket(self, bucket: str) -> str | None:
        """Return the sentence that says which other bucket of the stack it seems to be; None for a mailbox."""
        if self.index:
            kind = f"{bucket!r} is an archive, which has the index of bundles"
        elif self.foreign is not None and not self.bundles:
            example = f"{self.foreign!r} for example, as a landing bucket does"
            kind = f"{bucket!r} holds no bundle but other objects, {example}"
        else:
            return None
        return f"{kind}: --mailbox takes the stack's output filesDistributionBucket. Nothing in it was touched."


def list_top(client: S3Client, bucket: str) -> BucketContents:
    """List the top of a bucket: one request, with the right to list alone. Errors are botocore's."""
    page = client.list_objects_v2(Bucket=bucket, Delimiter="/")
    names = [item.get("Prefix", "") for item in page.get("CommonPrefixes", [])]
    names += [item.get("Key", "") for item in page.get("Contents", [])]
    foreign = [name for name in names if not name.startswith((PREFIX, INDEX_PREFIX, QUARANTINE_PREFIX))]
    return BucketContents(
        bundles=any(name.startswith(PREFIX) for name in names),
        index=any(name.startswith(INDEX_PREFIX) for name in names),
        foreign=foreign[0] if foreign else None,
    )
