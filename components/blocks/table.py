"""A DynamoDB table of items that expire."""

import pulumi
import pulumi_aws as aws


def expiring_table(name: str, *, deletion_protection: bool, opts: pulumi.ResourceOptions) -> aws.dynamodb.Table:
    """Declare a table with the key `pk`, whose items end at `expires_at`: paid by request, recoverable to any second.

    Args:
        name: logical name.
        deletion_protection: AWS's own, which also stops whoever does not come by way of Pulumi.
        opts: of the table.
    """
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key="pk",
        attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
        ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        deletion_protection_enabled=deletion_protection,
        opts=opts,
    )
