"""When objects of a bucket end, or become cheaper to keep and slow to read."""

from typing import Final

import pulumi_aws as aws

from components.blocks.secure_bucket import LifecycleRule

# What was overwritten or deleted by mistake can be had back for so long.
_NONCURRENT_DAYS: Final = 30

WORTH_MOVING_BYTES: Final = 128 * 1024
"""Size from which an object is moved to Glacier.

There it takes 40 KB more than it has, 8 of them at the price of S3 Standard, and its move costs as much as keeping
128 KB where they are for a year. So what one batch makes stays, however much of it there is.
"""


def expire_after(name: str, prefix: str, *, days: int) -> LifecycleRule:
    """Return the rule for what becomes of a prefix, whose earlier versions always end.

    Args:
        name: of the rule.
        prefix: what the keys begin with.
        days: until an object is deleted; 0 keeps it.
    """
    return LifecycleRule(
        id=name,
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days) if days else None,
        noncurrent_version_expiration=(
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=_NONCURRENT_DAYS)
        ),
    )


def archive_after(name: str, prefix: str, *, days: int) -> LifecycleRule:
    """Return the rule that moves what is large enough of a prefix to Glacier after so many days."""
    return LifecycleRule(
        id=name,
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(
            and_=aws.s3.BucketLifecycleConfigurationRuleFilterAndArgs(
                prefix=prefix, object_size_greater_than=WORTH_MOVING_BYTES - 1
            )
        ),
        transitions=[aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=days, storage_class="GLACIER")],
    )
