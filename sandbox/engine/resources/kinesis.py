"""Streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.waiting import wait_for_state

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs

_DEFAULT_RETENTION_HOURS: Final = 24
_LARGEST_RECORD_KIB: Final = 1024


def stream(name: str, inputs: Inputs) -> Creation:
    """Create a stream with its retention period, its key, its metrics by shard and its tags.

    Raises:
        UnsupportedResourceError: records larger than 1 MiB, which the sandbox's streams do not take.
    """
    stream_name = physical_name(name, inputs, longest=128)
    definition = inputs.renamed(shardCount="ShardCount")
    mode = inputs.section("streamModeDetails").renamed(streamMode="StreamMode")
    if mode:
        definition["StreamModeDetails"] = mode
    retention_hours = inputs.take("retentionPeriod", _DEFAULT_RETENTION_HOURS)
    encryption = inputs.renamed(encryptionType="EncryptionType", kmsKeyId="KeyId")
    metrics = inputs.take("shardLevelMetrics", [])
    if inputs.take("maxRecordSizeInKib", _LARGEST_RECORD_KIB) != _LARGEST_RECORD_KIB:
        raise UnsupportedResourceError("maxRecordSizeInKib is 1024 in the sandbox: a record has at most 1 MiB.")
    tags = inputs.take("tags", {})
    # Only whether readers with a throughput of their own keep the stream from being destroyed.
    inputs.ignore("enforceConsumerDeletion")

    def create(aws: Endpoint) -> Created:
        kinesis = aws.kinesis
        kinesis.create_stream(StreamName=stream_name, **definition)
        wait_for_state(f"Stream {stream_name}", "ACTIVE", lambda: _summary(aws, stream_name)["StreamStatus"])
        if retention_hours > _DEFAULT_RETENTION_HOURS:
            kinesis.increase_stream_retention_period(StreamName=stream_name, RetentionPeriodHours=retention_hours)
        if encryption.get("EncryptionType", "NONE") != "NONE":
            kinesis.start_stream_encryption(StreamName=stream_name, **encryption)
        if metrics:
            kinesis.enable_enhanced_monitoring(StreamName=stream_name, ShardLevelMetrics=metrics)
        if tags:
            kinesis.add_tags_to_stream(StreamName=stream_name, Tags=tags)
        arn = _summary(aws, stream_name)["StreamARN"]
        return Created(arn, {"arn": arn, "name": stream_name, "tagsAll": tags})

    return create


def _summary(aws: Endpoint, stream_name: str) -> dict[str, Any]:
    return aws.kinesis.describe_stream_summary(StreamName=stream_name)["StreamDescriptionSummary"]
