"""Tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list
from sandbox.engine.waiting import wait_for_state

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def table(name: str, inputs: Inputs) -> Creation:
    """Create a table with its global indexes, its TTL and its point-in-time recovery."""
    table_name = physical_name(name, inputs, longest=255)
    definition = inputs.renamed(
        billingMode="BillingMode", deletionProtectionEnabled="DeletionProtectionEnabled", tableClass="TableClass"
    )
    definition["KeySchema"] = _key_schema(inputs.take("hashKey"), inputs.take("rangeKey"))
    definition["AttributeDefinitions"] = [
        attribute.renamed(name="AttributeName", type="AttributeType") for attribute in inputs.sections("attributes")
    ]
    indexes = [_index(index) for index in inputs.sections("globalSecondaryIndexes")]
    if indexes:
        definition["GlobalSecondaryIndexes"] = indexes
    encryption = inputs.section("serverSideEncryption").renamed(enabled="Enabled", kmsKeyArn="KMSMasterKeyId")
    if encryption:
        definition["SSESpecification"] = encryption
    warm = inputs.section("warmThroughput").renamed(
        readUnitsPerSecond="ReadUnitsPerSecond", writeUnitsPerSecond="WriteUnitsPerSecond"
    )
    if warm:
        definition["WarmThroughput"] = warm
    time_to_live = inputs.section("ttl").renamed(attributeName="AttributeName", enabled="Enabled")
    recovery = inputs.section("pointInTimeRecovery").renamed(
        enabled="PointInTimeRecoveryEnabled", recoveryPeriodInDays="RecoveryPeriodInDays"
    )
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        db = aws.dynamodb
        db.create_table(TableName=table_name, Tags=tag_list(tags), **definition)
        wait_for_state(f"Table {table_name}", "ACTIVE", lambda: _described(aws, table_name).get("TableStatus", ""))
        if time_to_live.get("Enabled"):
            db.update_time_to_live(TableName=table_name, TimeToLiveSpecification=time_to_live)
        if recovery:
            db.update_continuous_backups(TableName=table_name, PointInTimeRecoverySpecification=recovery)
        arn = _described(aws, table_name).get("TableArn")
        return Created(table_name, {"name": table_name, "arn": arn, "tagsAll": tags})

    return create


def _described(aws: Endpoint, table_name: str) -> TableDescriptionTypeDef:
    return aws.dynamodb.describe_table(TableName=table_name)["Table"]


def _index(inputs: Inputs) -> dict[str, Any]:
    """Return an index of a table that is paid for by request: one has no throughput of its own."""
    projection = inputs.renamed(projectionType="ProjectionType", nonKeyAttributes="NonKeyAttributes")
    schema = [key.renamed(attributeName="AttributeName", keyType="KeyType") for key in inputs.sections("keySchemas")]
    return {
        "IndexName": inputs.take("name"),
        # An index may be written either way; the provider calls the older one deprecated.
        "KeySchema": schema or _key_schema(inputs.take("hashKey"), inputs.take("rangeKey")),
        "Projection": projection,
    }


def _key_schema(partition: str, sort: str | None) -> list[dict[str, Any]]:
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    return schema if sort is None else [*schema, {"AttributeName": sort, "KeyType": "RANGE"}]
