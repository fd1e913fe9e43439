"""The stream, its key, and how the processor reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import ACCOUNT, EVENTS_ALONE, REGION

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/baler-prod-events-stream-1a2b3c4"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/baler-prod-events-stream-1a2b3c4"


def role(part: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/baler-prod-events-{part}-1a2b3c4"


@pytest.mark.requirement("EVENT-STREAM-01", "EVENT-SEC-01")
def test_the_stream_is_encrypted_kept_for_a_day_and_measured_by_shard(prod: Deployed) -> None:
    stream = prod.one("kinesis/stream:Stream", "events-stream")
    metrics = stream.inputs["shardLevelMetrics"]
    assert {key: value for key, value in stream.inputs.items() if key != "shardLevelMetrics"} == {
        "shardCount": 2,
        "streamModeDetails": {"streamMode": "PROVISIONED"},
        "retentionPeriod": 24,
        "encryptionType": "KMS",
        "kmsKeyId": KEY,
    }
    assert {"IteratorAgeMilliseconds", "WriteProvisionedThroughputExceeded", "IncomingRecords"} <= set(metrics)
    assert stream.protected


@pytest.mark.requirement("EVENT-SCALE-01")
def test_a_stream_on_demand_names_no_shards(changed: Deployed) -> None:
    inputs = changed.one("kinesis/stream:Stream", "events-stream").inputs
    assert inputs["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert "shardCount" not in inputs


@pytest.mark.requirement("EVENT-SEC-01")
def test_the_key_is_used_by_way_of_this_stream_alone_by_those_who_write_and_read_it(prod: Deployed) -> None:
    key = prod.one("kms/key:Key", "events-stream")
    assert (key.inputs["enableKeyRotation"], "policy" in key.inputs, key.protected) == (True, False, True)
    policy = prod.one("kms/keyPolicy:KeyPolicy", "events-stream")
    assert policy.protected
    statements = policy.statements()
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    uses = {"EncryptRecords": ("kms:GenerateDataKey", ["producer"]), "DecryptRecords": ("kms:Decrypt", _READERS)}
    for sid, (action, parts) in uses.items():
        assert statements.pop(sid) == {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": root,
            "Action": [action],
            "Resource": ["*"],
            "Condition": {
                "ArnEquals": {"aws:PrincipalArn": [role(part) for part in parts]},
                "StringEquals": {
                    "kms:ViaService": f"kinesis.{REGION}.amazonaws.com",
                    "kms:EncryptionContext:aws:kinesis:arn": STREAM,
                },
            },
        }
    (administer,) = statements.values()
    assert (administer["Sid"], administer["Principal"]) == ("AdministerKey", root)
    used = {"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptFrom"}
    assert not used & set(administer["Action"])
    # Without this right nobody could repair the policy, and KMS refuses to take it.
    assert "kms:PutKeyPolicy" in administer["Action"]


_READERS = ["processor", "recovery"]


@pytest.mark.requirement("EVENT-PROCESS-01", "EVENT-PROCESS-05")
def test_the_stream_is_read_whole_in_order_and_what_is_given_up_is_kept(prod: Deployed) -> None:
    mapping = prod.one("lambda/eventSourceMapping:EventSourceMapping", "events-processor")
    assert mapping.inputs == {
        "eventSourceArn": STREAM,
        "functionName": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:baler-prod-events-processor:live",
        "startingPosition": "TRIM_HORIZON",
        "batchSize": 100,
        "maximumBatchingWindowInSeconds": 5,
        "parallelizationFactor": 1,
        "bisectBatchOnFunctionError": True,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "maximumRetryAttempts": -1,
        "maximumRecordAgeInSeconds": 23 * 3600,
        "destinationConfig": {"onFailure": {"destinationArn": "arn:aws:s3:::baler-prod-events-failures-1a2b3c4"}},
        "metricsConfig": {"metrics": ["EventCount"]},
    }
    # Another one would read all that the stream has once more, before anything new.
    assert mapping.protected
    policies = {urn.rpartition("::")[2] for urn in mapping.depends_on if "Policy::" in urn}
    assert {"baler-prod-events-processor", "baler-prod-events-stream", "baler-prod-events-failures"} <= policies


@pytest.mark.requirement("EVENT-SCALE-01")
def test_batches_are_as_the_stack_says_and_records_as_old_as_the_stream_keeps_them(changed: Deployed) -> None:
    mapping = changed.one("lambda/eventSourceMapping:EventSourceMapping", "events-processor").inputs
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (500, 2)
    assert mapping["maximumRecordAgeInSeconds"] == 47 * 3600


@pytest.mark.requirement("EVENT-SEC-02")
def test_a_producer_puts_records_and_does_nothing_else(prod: Deployed) -> None:
    trust = prod.one("iam/role:Role", "events-producer")
    assert trust.protected
    assert trust.statements("assumeRolePolicy")["TrustTheProducer"]["Principal"] == {
        "AWS": EVENTS_ALONE["baler:eventsProducerPrincipalArn"]
    }
    allowed = {
        action: statement["Resource"]
        for statement in prod.one("iam/rolePolicy:RolePolicy", "events-producer").statements().values()
        for action in statement["Action"]
    }
    assert allowed == {
        "kinesis:PutRecord": [STREAM],
        "kinesis:PutRecords": [STREAM],
        "kinesis:DescribeStreamSummary": [STREAM],
        "kinesis:ListShards": [STREAM],
        "kms:GenerateDataKey": [KEY],
    }
