"""A DynamoDB table, of items that may expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

TableKey = Literal["aws-owned", "aws-managed"]
"""Whose key encrypts a table: DynamoDB's own, or the account's `aws/dynamodb`, which AWS manages."""

Projection = Literal["ALL", "KEYS_ONLY"]
"""What an index holds of an item: all of it, or its own keys and those of the table."""


@dataclass(frozen=True, kw_only=True)
class TableIndex:
    """A second way to find the items."""

    name: str
    partition_key: str
    sort_key: str
    projection: Projection = "ALL"


@dataclass(frozen=True, kw_only=True)
class TableLayout:
    """How items are found, and what ends them. All keys are strings."""

    partition_key: str = "pk"
    sort_key: str | None = None
    expires_by: str = "expires_at"
    """The attribute with the end of an item, seconds since the epoch."""

    indexes: Sequence[TableIndex] = ()

    def attributes(self) -> list[str]:
        """Return the attributes that are keys, each once."""
        of_indexes = (key for index in self.indexes for key in (index.partition_key, index.sort_key))
        return list(dict.fromkeys(filter(None, (self.partition_key, self.sort_key, *of_indexes))))


def expiring_table(
    name: str,
    *,
    layout: TableLayout | None = None,
    deletion_protection: bool,
    key: TableKey,
    opts: pulumi.ResourceOptions,
) -> aws.dynamodb.Table:
    """Declare a table whose items end: paid by request, recoverable to any second.

    Args:
        name: logical name.
        layout: of its items; None is one key, `pk`, and an end at `expires_at`.
        deletion_protection: AWS's own, which also stops whoever does not come by way of Pulumi.
        key: what encrypts it. Neither needs a right of ours: DynamoDB uses the account's key on the caller's behalf
            (DynamoDB developer guide, "DynamoDB encryption at rest", using the AWS managed key).
        opts: of the table.
    """
    layout = layout or TableLayout()
    # "Enabled" means another key than DynamoDB's own: a table is always encrypted (API reference, SSESpecification).
    encryption = aws.dynamodb.TableServerSideEncryptionArgs(enabled=True) if key == "aws-managed" else None
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key=layout.partition_key,
        range_key=layout.sort_key,
        attributes=[aws.dynamodb.TableAttributeArgs(name=each, type="S") for each in layout.attributes()],
        global_secondary_indexes=[_index(index) for index in layout.indexes] or None,
        ttl=aws.dynamodb.TableTtlArgs(attribute_name=layout.expires_by, enabled=True),
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        server_side_encryption=encryption,
        deletion_protection_enabled=deletion_protection,
        opts=opts,
    )


def _index(index: TableIndex) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    key = aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=index.name,
        key_schemas=[
            key(attribute_name=index.partition_key, key_type="HASH"),
            key(attribute_name=index.sort_key, key_type="RANGE"),
        ],
        projection_type=index.projection,
    )
