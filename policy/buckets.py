"""Rules about buckets. What makes one safe is declared beside it, as resources that point at it."""

from collections.abc import Iterator, Sequence
from typing import Final

from policy.rule import Declared, ResourceRule, StackRule, pointing_at
from policy.transport import without_old_tls_refusal, without_plain_refusal

_BUCKET: Final = "aws:s3/bucket"
_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _buckets(resources: Sequence[Declared]) -> Iterator[Declared]:
    for resource in resources:
        if resource.type in (f"{_BUCKET}:Bucket", f"{_BUCKET}V2:BucketV2"):
            yield resource


def _unencrypted(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for bucket in _buckets(resources):
        found = pointing_at(bucket, resources, (f"{_BUCKET}ServerSideEncryptionConfiguration",), "bucket")
        if not any(
            rule.get("applyServerSideEncryptionByDefault", {}).get("sseAlgorithm")
            for configuration in found
            for rule in configuration.props["rules"]
        ):
            yield bucket, "It has no encryption: give it a BucketServerSideEncryptionConfiguration."


def _public(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for bucket in _buckets(resources):
        found = pointing_at(bucket, resources, (f"{_BUCKET}PublicAccessBlock:",), "bucket")
        if not any(all(block.props.get(key) is True for key in _BLOCKS) for block in found):
            yield bucket, f"It could become public: give it a BucketPublicAccessBlock with {', '.join(_BLOCKS)}."


def _owned_by_writers(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for bucket in _buckets(resources):
        found = pointing_at(bucket, resources, (f"{_BUCKET}OwnershipControls:",), "bucket")
        if not any(controls.props["rule"].get("objectOwnership") == "BucketOwnerEnforced" for controls in found):
            yield bucket, "Who puts an object would own it: give it BucketOwnershipControls, BucketOwnerEnforced."


def _without_policy(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for bucket in _buckets(resources):
        if not any(pointing_at(bucket, resources, (_POLICY,), "bucket")):
            yield bucket, "It has no policy, so it takes requests without TLS: give it a BucketPolicy."


def _weak_policy(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _POLICY:
        yield from without_plain_refusal(declared, "s3")
        yield from without_old_tls_refusal(declared)


def _access_list(declared: Declared, _stack: str) -> Iterator[str]:
    listed = declared.type.startswith(f"{_BUCKET}Acl") or declared.props.get("acl")
    if listed and declared.type.startswith("aws:s3/"):
        yield "Access lists can make it public past every policy: use policies."


RULES: Final = (
    StackRule("bucket-is-encrypted", "A bucket encrypts what it holds.", _unencrypted),
    StackRule("bucket-is-never-public", "A bucket cannot be made public.", _public),
    StackRule("bucket-owns-its-objects", "A bucket owns whatever is put into it.", _owned_by_writers),
    StackRule("bucket-has-a-policy", "A bucket has a policy.", _without_policy),
    ResourceRule("bucket-wants-tls", "A bucket refuses requests without TLS 1.2 or newer.", _weak_policy),
    ResourceRule("bucket-has-no-access-list", "Access to a bucket is a matter of policies alone.", _access_list),
)
