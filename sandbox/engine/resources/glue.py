"""Databases and tables of Glue's catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def database(name: str, inputs: Inputs) -> Creation:
    """Create a database."""
    database_name = physical_name(name, inputs, longest=255)
    definition = inputs.renamed(description="Description", locationUri="LocationUri", parameters="Parameters")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        aws.glue.create_database(DatabaseInput={"Name": database_name, **definition}, Tags=tags)
        account = aws.sts.get_caller_identity()["Account"]
        arn = f"arn:aws:glue:{aws.region}:{account}:database/{database_name}"
        outputs = {"arn": arn, "catalogId": account, "name": database_name, "tagsAll": tags}
        return Created(f"{account}:{database_name}", outputs)

    return create


def table(name: str, inputs: Inputs) -> Creation:
    """Create a table: where its files are, how they are read, and what its columns and partitions are."""
    table_name = physical_name(name, inputs, longest=255)
    database_name = inputs.take("databaseName")
    definition = inputs.renamed(description="Description", parameters="Parameters", tableType="TableType")
    storage = inputs.section("storageDescriptor")
    descriptor: dict[str, Any] = storage.renamed(
        compressed="Compressed",
        inputFormat="InputFormat",
        location="Location",
        outputFormat="OutputFormat",
        parameters="Parameters",
    )
    serde = storage.section("serDeInfo").renamed(
        name="Name", parameters="Parameters", serializationLibrary="SerializationLibrary"
    )
    if serde:
        descriptor["SerdeInfo"] = serde
    descriptor["Columns"] = [_column(column) for column in storage.sections("columns")]
    definition["StorageDescriptor"] = descriptor
    definition["PartitionKeys"] = [_column(key) for key in inputs.sections("partitionKeys")]
    iceberg = (
        inputs.section("openTableFormatInput")
        .section("icebergInput")
        .renamed(metadataOperation="MetadataOperation", version="Version")
    )
    opened = {"OpenTableFormatInput": {"IcebergInput": iceberg}} if iceberg else {}

    def create(aws: Endpoint) -> Created:
        aws.glue.create_table(DatabaseName=database_name, TableInput={"Name": table_name, **definition}, **opened)
        account = aws.sts.get_caller_identity()["Account"]
        arn = f"arn:aws:glue:{aws.region}:{account}:table/{database_name}/{table_name}"
        return Created(
            f"{account}:{database_name}:{table_name}", {"arn": arn, "catalogId": account, "name": table_name}
        )

    return create


def _column(inputs: Inputs) -> dict[str, str]:
    return inputs.renamed(comment="Comment", name="Name", parameters="Parameters", type="Type")
