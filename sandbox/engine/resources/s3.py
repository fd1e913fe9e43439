"""Buckets, and the settings of a bucket that Pulumi has as resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from mypy_boto3_s3.literals import BucketLocationConstraintType

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def bucket(name: str, inputs: Inputs) -> Creation:
    """Create a bucket."""
    bucket_name = physical_name(name, inputs, longest=63, named_by="bucket").lower()
    tags = inputs.take("tags", {})
    # Only whether the bucket may be destroyed with what is in it.
    inputs.ignore("forceDestroy")
    locked = inputs.take("objectLockEnabled", default=False) is True

    def create(aws: Endpoint) -> Created:
        if aws.region == "us-east-1":
            # S3 refuses the name of this one region where it takes that of any other.
            aws.s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=locked)
        else:
            region = cast("BucketLocationConstraintType", aws.region)
            aws.s3.create_bucket(
                Bucket=bucket_name,
                CreateBucketConfiguration={"LocationConstraint": region},
                ObjectLockEnabledForBucket=locked,
            )
        if tags:
            aws.s3.put_bucket_tagging(Bucket=bucket_name, Tagging={"TagSet": tag_list(tags)})
        outputs = {
            "arn": f"arn:aws:s3:::{bucket_name}",
            "bucket": bucket_name,
            "bucketDomainName": f"{bucket_name}.s3.amazonaws.com",
            "bucketRegion": aws.region,
            "bucketRegionalDomainName": f"{bucket_name}.s3.{aws.region}.amazonaws.com",
            "region": aws.region,
            "tagsAll": tags,
        }
        return Created(bucket_name, outputs)

    return create


def object_lock(_name: str, inputs: Inputs) -> Creation:
    """Set how long versions of a bucket are kept from deletion."""
    bucket_name = inputs.take("bucket")
    retention = inputs.section("rule").section("defaultRetention")
    mode, days = retention.take("mode"), retention.take("days")

    def create(aws: Endpoint) -> Created:
        rule: Any = {"DefaultRetention": {"Mode": mode, "Days": int(days)}}
        aws.s3.put_object_lock_configuration(
            Bucket=bucket_name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )
        return Created(bucket_name, {})

    return create


def encryption(_name: str, inputs: Inputs) -> Creation:
    """Set how a bucket encrypts at rest."""
    bucket_name = inputs.take("bucket")
    rules = [_encryption_rule(rule) for rule in inputs.sections("rules")]

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_encryption(Bucket=bucket_name, ServerSideEncryptionConfiguration={"Rules": rules})
        return Created(bucket_name, {})

    return create


def _encryption_rule(rule: Inputs) -> Any:
    default = rule.section("applyServerSideEncryptionByDefault")
    return rule.renamed(bucketKeyEnabled="BucketKeyEnabled") | {
        "ApplyServerSideEncryptionByDefault": default.renamed(
            kmsMasterKeyId="KMSMasterKeyID", sseAlgorithm="SSEAlgorithm"
        )
    }


def ownership_controls(_name: str, inputs: Inputs) -> Creation:
    """Set who owns what others put into a bucket."""
    bucket_name = inputs.take("bucket")
    rule = inputs.section("rule").renamed(objectOwnership="ObjectOwnership")

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_ownership_controls(Bucket=bucket_name, OwnershipControls={"Rules": [rule]})
        return Created(bucket_name, {})

    return create


def policy(_name: str, inputs: Inputs) -> Creation:
    """Put a bucket's policy."""
    bucket_name = inputs.take("bucket")
    document = inputs.take("policy")

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_policy(Bucket=bucket_name, Policy=document)
        return Created(bucket_name, {})

    return create


def public_access_block(_name: str, inputs: Inputs) -> Creation:
    """Block public access to a bucket."""
    bucket_name = inputs.take("bucket")
    block = inputs.renamed(
        blockPublicAcls="BlockPublicAcls",
        blockPublicPolicy="BlockPublicPolicy",
        ignorePublicAcls="IgnorePublicAcls",
        restrictPublicBuckets="RestrictPublicBuckets",
    )
    # Only whether the block stays when the stack is destroyed.
    inputs.ignore("skipDestroy")

    def create(aws: Endpoint) -> Created:
        aws.s3.put_public_access_block(Bucket=bucket_name, PublicAccessBlockConfiguration=block)
        return Created(bucket_name, {})

    return create


def versioning(_name: str, inputs: Inputs) -> Creation:
    """Set whether a bucket keeps what is overwritten."""
    bucket_name = inputs.take("bucket")
    configuration = inputs.section("versioningConfiguration").renamed(mfaDelete="MFADelete", status="Status")

    def create(aws: Endpoint) -> Created:
        aws.s3.put_bucket_versioning(Bucket=bucket_name, VersioningConfiguration=configuration)
        return Created(bucket_name, {})

    return create
