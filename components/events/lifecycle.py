"""When objects of this pipeline's buckets end, or become cheaper to keep and slow to read."""

import pulumi_aws as aws

from components.blocks.secure_bucket import LifecycleRule

# What was overwritten or deleted by mistake can be had back for so long.
_NONCURRENT_DAYS = 30


def expire_after(name: str, prefix: str, *, days: int, glacier_days: int = 0) -> list[LifecycleRule]:
    """Return the rule for a prefix: what becomes of its objects, and that their earlier versions end.

    Args:
        name: of the rule.
        prefix: what the keys begin with.
        days: until an object is deleted; 0 keeps it.
        glacier_days: until it moves to Glacier; 0 leaves it.
    """
    return [
        LifecycleRule(
            id=name,
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
            transitions=(
                [aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=glacier_days, storage_class="GLACIER")]
                if glacier_days
                else None
            ),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days) if days else None,
            noncurrent_version_expiration=(
                aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=_NONCURRENT_DAYS)
            ),
        )
    ]
