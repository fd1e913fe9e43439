from collections.abc import Callable
from typing import Any

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.creation import Created

Create = Callable[..., Created]
ACCOUNT = "123456789012"


def test_a_table_has_its_columns_its_partitions_and_how_its_files_are_read(aws: Endpoint, create: Create) -> None:
    database = create("aws:glue/catalogDatabase:CatalogDatabase", {"name": "events", "tags": {"project": "baler"}})
    table = create(
        "aws:glue/catalogTable:CatalogTable",
        {
            "databaseName": database.outputs["name"],
            "name": "metric",
            "parameters": {"classification": "json"},
            "partitionKeys": [{"name": "year", "type": "int"}],
            "storageDescriptor": {
                "columns": [{"name": "record_id", "type": "string", "comment": "unique"}],
                "inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "location": "s3://processed/event_type=metric/",
                "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "serDeInfo": {"serializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
            },
            "tableType": "EXTERNAL_TABLE",
        },
    )

    assert database.id == f"{ACCOUNT}:events"
    assert table.outputs["arn"] == f"arn:aws:glue:eu-west-2:{ACCOUNT}:table/events/metric"
    found: dict[str, Any] = aws.glue.get_table(DatabaseName="events", Name="metric")["Table"]
    assert found["PartitionKeys"] == [{"Name": "year", "Type": "int"}]
    assert found["TableType"] == "EXTERNAL_TABLE"
    assert found["Parameters"]["classification"] == "json"
    descriptor = found["StorageDescriptor"]
    assert descriptor["Columns"] == [{"Name": "record_id", "Type": "string", "Comment": "unique"}]
    assert descriptor["Location"] == "s3://processed/event_type=metric/"
    assert descriptor["SerdeInfo"] == {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"}


def test_a_workgroup_limits_what_a_query_reads_and_names_where_results_go(aws: Endpoint, create: Create) -> None:
    workgroup = create(
        "aws:athena/workgroup:Workgroup",
        {
            "configuration": {
                "bytesScannedCutoffPerQuery": 1e10,
                "enforceWorkgroupConfiguration": True,
                "engineVersion": {"selectedEngineVersion": "Athena engine version 3"},
                "publishCloudwatchMetricsEnabled": True,
                "resultConfiguration": {
                    "encryptionConfiguration": {"encryptionOption": "SSE_S3"},
                    "outputLocation": "s3://results/",
                },
            },
            "forceDestroy": True,
            "name": "analysts",
        },
    )

    assert workgroup.outputs["arn"] == f"arn:aws:athena:eu-west-2:{ACCOUNT}:workgroup/analysts"
    found: dict[str, Any] = aws.athena.get_work_group(WorkGroup="analysts")["WorkGroup"]["Configuration"]
    assert found["BytesScannedCutoffPerQuery"] == 10_000_000_000
    assert found["EnforceWorkGroupConfiguration"] is True
    assert found["ResultConfiguration"]["OutputLocation"] == "s3://results/"
    assert found["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
