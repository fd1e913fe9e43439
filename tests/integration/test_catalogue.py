"""Glue's catalogue and Athena's workgroups on LocalStack, as the engine makes them."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.registry import creation_of

if TYPE_CHECKING:
    from sandbox.localstack.server import LocalStack


def test_a_table_and_a_workgroup_are_kept_and_answered(localstack: LocalStack) -> None:
    aws, name = Endpoint(localstack.endpoint, "eu-west-2"), f"events-{token_hex(4)}"

    def create(token: str, inputs: dict[str, Any]) -> str:
        return creation_of(token, name, inputs)(aws).outputs["arn"]

    create("aws:glue/catalogDatabase:CatalogDatabase", {"name": name})
    storage = {"columns": [{"name": "record_id", "type": "string"}], "location": "s3://processed/"}
    arn = create(
        "aws:glue/catalogTable:CatalogTable", {"databaseName": name, "name": "metric", "storageDescriptor": storage}
    )
    assert arn == f"arn:aws:glue:eu-west-2:000000000000:table/{name}/metric"
    table = aws.glue.get_table(DatabaseName=name, Name="metric")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "record_id", "Type": "string"}]

    create("aws:athena/workgroup:Workgroup", {"name": name, "configuration": {"bytesScannedCutoffPerQuery": 1e9}})
    workgroup = aws.athena.get_work_group(WorkGroup=name)["WorkGroup"]
    assert workgroup["Configuration"]["BytesScannedCutoffPerQuery"] == 1_000_000_000
