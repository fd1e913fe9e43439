"""A DynamoDB table of items that expire."""

from typing import Literal

import pulumi
import pulumi_aws as aws

TableKey = Literal["aws-owned", "aws-managed"]
"""Whose key encrypts a table: DynamoDB's own, or the account's `aws/dynamodb`, which AWS manages."""


def expiring_table(
    name: str, *, deletion_protection: bool, key: TableKey, opts: pulumi.ResourceOptions
) -> aws.dynamodb.Table:
    """Declare a table with the key `pk`, whose items end at `expires_at`: paid by request, recoverable to any second.

    Args:
        name: logical name.
        deletion_protection: AWS's own, which also stops whoever does not come by way of Pulumi.
        key: what encrypts it. Neither needs a right of ours: DynamoDB uses the account's key on the caller's behalf
            (DynamoDB developer guide, "DynamoDB encryption at rest", using the AWS managed key).
        opts: of the table.
    """
    # "Enabled" means another key than DynamoDB's own: a table is always encrypted (API reference, SSESpecification).
    encryption = aws.dynamodb.TableServerSideEncryptionArgs(enabled=True) if key == "aws-managed" else None
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key="pk",
        attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
        ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        server_side_encryption=encryption,
        deletion_protection_enabled=deletion_protection,
        opts=opts,
    )
