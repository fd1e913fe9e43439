"""A DynamoDB table, of items that may expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import pulumi
import pulumi_aws as aws

TableKey = Literal["aws-owned", "aws-managed"]
"""Whose key encrypts a table: DynamoDB's own, or the account's `aws/dynamodb`, which AWS manages."""

# What a new table paid by request reads in a second (DynamoDB developer guide, "DynamoDB warm throughput").
_NEW_TABLE_READ_UNITS: Final = 12_000

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


class ExpiringTable(pulumi.ComponentResource):
    """A component that is a table whose items end; what is granted on it is its subclass's to say.

    It is paid by request, and recoverable to any second.

    Args:
        name: logical name.
        deletion_protection: AWS's own, which also stops whoever does not come by way of Pulumi.
        key: what encrypts it. Neither needs a right of ours: DynamoDB uses the account's key on the caller's behalf
            (DynamoDB developer guide, "DynamoDB encryption at rest", using the AWS managed key).
        warm_write_units: writes a second that it takes from the first moment on; None is DynamoDB's own start, 4,000.
            They can be raised and never lowered, and a raise is paid once (DynamoDB developer guide, "Understanding
            DynamoDB warm throughput").
        opts: of the component.
    """

    TYPE: ClassVar[str]
    """Pulumi's token of the component."""

    LAYOUT: ClassVar[TableLayout] = TableLayout()
    """Of its items: unless a subclass says otherwise one key, `pk`, and an end at `expires_at`."""

    def __init__(
        self,
        name: str,
        *,
        deletion_protection: bool,
        key: TableKey,
        warm_write_units: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(self.TYPE, name, None, opts)
        layout = self.LAYOUT
        # "Enabled" means another key than DynamoDB's own: a table is always encrypted (API, SSESpecification).
        encryption = aws.dynamodb.TableServerSideEncryptionArgs(enabled=True) if key == "aws-managed" else None
        table = aws.dynamodb.Table(
            name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=layout.partition_key,
            range_key=layout.sort_key,
            attributes=[aws.dynamodb.TableAttributeArgs(name=each, type="S") for each in layout.attributes()],
            global_secondary_indexes=[_index(index) for index in layout.indexes] or None,
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=layout.expires_by, enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=encryption,
            warm_throughput=_warm(warm_write_units) if warm_write_units else None,
            deletion_protection_enabled=deletion_protection,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table: pulumi.Output[str] = table.name
        self.arn: pulumi.Output[str] = table.arn
        self.register_outputs({"table": self.table, "arn": self.arn})


def _warm(write_units: int) -> aws.dynamodb.TableWarmThroughputArgs:
    # Both are asked for together, and reads can stay as they begin.
    return aws.dynamodb.TableWarmThroughputArgs(
        read_units_per_second=_NEW_TABLE_READ_UNITS, write_units_per_second=write_units
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
