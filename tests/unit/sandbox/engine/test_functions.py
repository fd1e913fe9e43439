import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.resources.creation import Created
from sandbox.engine.resources.registry import creation_of

Create = Callable[..., Created]
Record = Callable[[Any, str], list[dict[str, Any]]]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context): return event\n")
    return path


@pytest.fixture
def inputs(create: Create, package: Path) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        },
    }
    role = create("aws:iam/role:Role", {"assumeRolePolicy": json.dumps(trust)})
    return {
        "architectures": ["arm64"],
        "code": pulumi.FileArchive(str(package)),
        "environment": {"variables": {"STACK": "test"}},
        "ephemeralStorage": {"size": 1024.0},
        "handler": "handler.handle",
        "loggingConfig": {"logFormat": "JSON", "logGroup": "/aws/lambda/f"},
        "memorySize": 512.0,
        "name": "f",
        "publish": True,
        "role": role.outputs["arn"],
        "runtime": "python3.13",
        "tags": {"project": "baler"},
        "timeout": 20.0,
        "tracingConfig": {"mode": "Active"},
    }


def test_a_function_has_what_the_program_says(
    aws: Endpoint, create: Create, inputs: dict[str, Any], package: Path
) -> None:
    sha256 = base64.b64encode(hashlib.sha256(package.read_bytes()).digest()).decode()

    created = create("aws:lambda/function:Function", inputs | {"sourceCodeHash": sha256})

    found = aws.functions.get_function(FunctionName="f")
    settings = found.get("Configuration", {})
    assert settings.get("Architectures") == ["arm64"]
    assert settings.get("CodeSha256") == sha256
    assert settings.get("Environment") == {"Variables": {"STACK": "test"}}
    assert settings.get("EphemeralStorage") == {"Size": 1024}
    assert settings.get("Handler") == "handler.handle"
    assert settings.get("MemorySize") == 512
    assert settings.get("Runtime") == "python3.13"
    assert settings.get("Timeout") == 20
    assert settings.get("TracingConfig") == {"Mode": "Active"}
    assert found.get("Tags") == {"project": "baler"}
    assert created.id == "f"
    assert created.outputs["arn"] == settings.get("FunctionArn")
    assert created.outputs["version"] == "1"
    assert created.outputs["qualifiedArn"] == f"{created.outputs['arn']}:1"


def test_a_function_is_in_its_subnets_behind_its_groups(aws: Endpoint, create: Create, inputs: dict[str, Any]) -> None:
    vpc = create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.80.0.0/24"}).id
    subnet = create("aws:ec2/subnet:Subnet", {"vpcId": vpc, "cidrBlock": "10.80.0.0/27"}).id
    group = create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc}).id

    create("aws:lambda/function:Function", inputs | {"vpcConfig": {"subnetIds": [subnet], "securityGroupIds": [group]}})

    found = aws.functions.get_function_configuration(FunctionName="f").get("VpcConfig", {})
    assert (found.get("SubnetIds"), found.get("SecurityGroupIds")) == ([subnet], [group])


def test_a_function_keeps_back_no_concurrency_unless_the_program_says_so(
    aws: Endpoint, create: Create, inputs: dict[str, Any]
) -> None:
    create("aws:lambda/function:Function", inputs | {"reservedConcurrentExecutions": -1.0})
    assert "ReservedConcurrentExecutions" not in aws.functions.get_function_concurrency(FunctionName="f")

    create("aws:lambda/function:Function", inputs | {"name": "g", "reservedConcurrentExecutions": 5.0})
    assert aws.functions.get_function_concurrency(FunctionName="g")["ReservedConcurrentExecutions"] == 5


def test_a_hash_that_is_not_the_packages_is_refused(inputs: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedResourceError, match=r"Function \('thing'\): sourceCodeHash is other"):
        creation_of("aws:lambda/function:Function", "thing", inputs | {"sourceCodeHash": "other"})


def test_code_that_is_no_zip_file_is_refused(inputs: dict[str, Any], tmp_path: Path) -> None:
    for code in (None, pulumi.StringAsset("print()"), pulumi.FileArchive(str(tmp_path))):
        with pytest.raises(UnsupportedResourceError, match=r"FileArchive of a zip file"):
            creation_of("aws:lambda/function:Function", "thing", inputs | {"code": code})


def test_an_event_that_nobody_waits_for_is_tried_again_as_often_as_the_program_says(
    aws: Endpoint, create: Create, inputs: dict[str, Any]
) -> None:
    function = create("aws:lambda/function:Function", inputs)

    create(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        {"functionName": function.id, "maximumRetryAttempts": 0.0, "maximumEventAgeInSeconds": 900.0},
    )

    found = aws.functions.get_function_event_invoke_config(FunctionName="f")
    assert (found.get("MaximumRetryAttempts"), found.get("MaximumEventAgeInSeconds")) == (0, 900)


def test_an_alias_points_at_its_version_and_a_mapping_feeds_it(
    aws: Endpoint, create: Create, inputs: dict[str, Any], record: Record
) -> None:
    requests = record(aws.functions, "CreateEventSourceMapping")
    function = create("aws:lambda/function:Function", inputs)
    queue = create("aws:sqs/queue:Queue", {})

    alias = create(
        "aws:lambda/alias:Alias",
        {"name": "live", "functionName": function.id, "functionVersion": function.outputs["version"]},
    )
    mapping = create(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {
            "batchSize": 100.0,
            "eventSourceArn": queue.outputs["arn"],
            "functionName": alias.outputs["arn"],
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "maximumBatchingWindowInSeconds": 10.0,
            "scalingConfig": {"maximumConcurrency": 10.0},
        },
    )

    assert aws.functions.get_alias(FunctionName="f", Name="live")["FunctionVersion"] == "1"
    assert alias.outputs["arn"] == f"{function.outputs['arn']}:live"
    found = aws.functions.get_event_source_mapping(UUID=mapping.outputs["uuid"])
    assert found["State"] == "Enabled"
    assert found["BatchSize"] == 100
    assert found["EventSourceArn"] == queue.outputs["arn"]
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert requests[0]["FunctionName"] == alias.outputs["arn"]
    assert requests[0]["MaximumBatchingWindowInSeconds"] == 10
    assert requests[0]["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_a_mapping_reads_a_stream_by_the_rules_that_the_program_names(
    aws: Endpoint, create: Create, inputs: dict[str, Any], record: Record
) -> None:
    requests = record(aws.functions, "CreateEventSourceMapping")
    function = create("aws:lambda/function:Function", inputs)
    stream = create("aws:kinesis/stream:Stream", {"shardCount": 1.0})

    create(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {
            "bisectBatchOnFunctionError": True,
            "destinationConfig": {"onFailure": {"destinationArn": "arn:aws:s3:::failures"}},
            "eventSourceArn": stream.outputs["arn"],
            "functionName": function.outputs["arn"],
            "maximumRecordAgeInSeconds": 80000.0,
            "maximumRetryAttempts": -1.0,
            "parallelizationFactor": 1.0,
            "startingPosition": "TRIM_HORIZON",
        },
    )

    assert requests[0] == {
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
        "EventSourceArn": stream.outputs["arn"],
        "FunctionName": function.outputs["arn"],
        "MaximumRecordAgeInSeconds": 80000,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
    }


def test_several_batches_of_a_shard_at_a_time_are_refused(create: Create) -> None:
    with pytest.raises(UnsupportedResourceError, match="parallelizationFactor"):
        create(
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            {
                "eventSourceArn": "arn:aws:kinesis:eu-west-2:1:stream/s",
                "functionName": "f",
                "parallelizationFactor": 2.0,
            },
        )
