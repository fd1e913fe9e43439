from collections.abc import Callable
from typing import Any

import pytest

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.resources.creation import Created

Create = Callable[..., Created]
STREAM = "aws:kinesis/stream:Stream"


def test_a_stream_has_its_shards_its_key_its_retention_its_metrics_and_its_tags(aws: Endpoint, create: Create) -> None:
    stream = create(
        STREAM,
        {
            "encryptionType": "KMS",
            "enforceConsumerDeletion": True,
            "kmsKeyId": "alias/aws/kinesis",
            "maxRecordSizeInKib": 1024.0,
            "retentionPeriod": 48.0,
            "shardCount": 2.0,
            "shardLevelMetrics": ["IncomingBytes", "IteratorAgeMilliseconds"],
            "streamModeDetails": {"streamMode": "PROVISIONED"},
            "tags": {"project": "baler"},
        },
    )

    name = stream.outputs["name"]
    found: dict[str, Any] = aws.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert stream.id == stream.outputs["arn"] == found["StreamARN"]
    assert found["OpenShardCount"] == 2
    assert (found["EncryptionType"], found["KeyId"]) == ("KMS", "alias/aws/kinesis")
    assert found["RetentionPeriodHours"] == 48
    assert set(found["EnhancedMonitoring"][0]["ShardLevelMetrics"]) == {"IncomingBytes", "IteratorAgeMilliseconds"}
    tags = aws.kinesis.list_tags_for_stream(StreamName=name)["Tags"]
    assert tags == [{"Key": "project", "Value": "baler"}]


def test_a_stream_on_demand_has_no_number_of_shards_and_keeps_its_records_for_a_day(
    aws: Endpoint, create: Create
) -> None:
    stream = create(STREAM, {"streamModeDetails": {"streamMode": "ON_DEMAND"}, "retentionPeriod": 24.0})

    name = stream.outputs["name"]
    found: dict[str, Any] = aws.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert found["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert found["RetentionPeriodHours"] == 24


def test_records_larger_than_a_mebibyte_are_refused(create: Create) -> None:
    with pytest.raises(UnsupportedResourceError, match="maxRecordSizeInKib"):
        create(STREAM, {"shardCount": 1.0, "maxRecordSizeInKib": 10240.0})
