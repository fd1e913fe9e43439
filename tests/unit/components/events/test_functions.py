"""The five functions: what invokes them, what they are told, and what their roles may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import ACCOUNT, REGION

from baler.events.transformation import Thresholds
from components.events.retention_settings import RetentionSettings

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

FUNCTIONS = ["processor", "transformer", "compactor", "recovery", "sweeper"]
every_function = pytest.mark.parametrize("part", FUNCTIONS)


def environment(deployed: Deployed, part: str) -> dict[str, str]:
    return deployed.one("lambda/function:Function", f"events-{part}").inputs["environment"]["variables"]


@pytest.mark.requirement("EVENT-SEC-02", "EVENT-SEC-04", "EVENT-OBS-03")
@every_function
def test_a_function_runs_privately_and_traced_once_the_stores_let_it_in(prod: Deployed, part: str) -> None:
    function = prod.one("lambda/function:Function", f"events-{part}")
    assert function.inputs["role"] == f"arn:aws:iam::{ACCOUNT}:role/baler-prod-events-{part}-1a2b3c4"
    assert function.inputs["handler"] == f"runtime.events.{part}.handler.handle"
    assert function.inputs["vpcConfig"]["subnetIds"]
    assert function.inputs["tracingConfig"] == {"mode": "Active"}
    needs = {urn.rpartition("::")[2] for urn in function.depends_on if "Policy::" in urn}
    stores = {f"baler-prod-events-{store}" for store in ("raw", "processed", "compacted", "failures", "stream")}
    assert stores | {f"baler-prod-events-{part}"} <= needs


@pytest.mark.requirement("EVENT-SEC-05", "EVENT-COST-02", "EVENT-OBS-01")
@every_function
def test_a_functions_log_ends_as_this_pipeline_says(prod: Deployed, part: str) -> None:
    group = prod.one("cloudwatch/logGroup:LogGroup", f"events-{part}").inputs
    assert group["retentionInDays"] == RetentionSettings.model_fields["log_retention_days"].default == 7


@pytest.mark.requirement("EVENT-SCALE-01")
@pytest.mark.parametrize(
    ("part", "memory", "timeout"), [("processor", 1111, 71), ("transformer", 2222, 72), ("compactor", 3333, 73)]
)
def test_memory_and_time_are_what_the_stack_says(changed: Deployed, part: str, memory: int, timeout: int) -> None:
    function = changed.one("lambda/function:Function", f"events-{part}").inputs
    assert (function["memorySize"], function["timeout"]) == (memory, timeout)


def test_what_takes_records_is_told_where_they_go_and_for_how_long(prod: Deployed) -> None:
    told = {
        "STREAM_ARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/baler-prod-events-stream-1a2b3c4",
        "RAW_BUCKET": "baler-prod-events-raw-1a2b3c4",
        "PROGRESS_TABLE": "baler-prod-events-progress-1a2b3c4",
        "BATCH_TABLE": "baler-prod-events-batches-1a2b3c4",
        "BATCH_DAYS": "30",
        "RAW_DAYS": "0",
        "STACK": "prod",
    }
    assert told.items() <= environment(prod, "processor").items()
    failures = {"FAILURE_BUCKET": "baler-prod-events-failures-1a2b3c4"}
    assert (told | failures).items() <= environment(prod, "recovery").items()


@pytest.mark.requirement("EVENT-TRANSFORM-01", "EVENT-TRANSFORM-02", "EVENT-TRANSFORM-03")
def test_the_transformer_is_told_the_limits_and_how_long_a_batch_may_take(changed: Deployed) -> None:
    told = environment(changed, "transformer")
    assert Thresholds(**json.loads(told["THRESHOLDS"])) == Thresholds(high_value_above=2500)
    assert told["PATIENCE_SECONDS"] == str(49 * 3600)
    assert told["TRANSFORM_QUEUE_URL"].endswith("/baler-prod-events-transform-1a2b3c4")
    assert told["DEAD_LETTER_QUEUE_URL"].endswith("/baler-prod-events-transform-dead-letters-1a2b3c4")


def test_the_compactor_is_told_which_table_it_keeps(prod: Deployed) -> None:
    assert {
        "PROCESSED_BUCKET": "baler-prod-events-processed-1a2b3c4",
        "COMPACTED_BUCKET": "baler-prod-events-compacted-1a2b3c4",
        "DATABASE": "baler_prod_events",
        "TABLE": "events",
        "COMPACTED_DAYS": "0",
    }.items() <= environment(prod, "compactor").items()


def test_what_is_noted_ends_with_the_objects(changed: Deployed) -> None:
    assert environment(changed, "processor")["RAW_DAYS"] == "201"
    assert environment(changed, "compactor")["COMPACTED_DAYS"] == "205"


@pytest.mark.requirement("EVENT-TRANSFORM-05", "EVENT-FLOW-01")
def test_the_transformer_takes_objects_at_once_and_gives_back_what_failed(prod: Deployed) -> None:
    mapping = prod.one("lambda/eventSourceMapping:EventSourceMapping", "events-transformer").inputs
    assert mapping == {
        "eventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:baler-prod-events-transform-1a2b3c4",
        "functionName": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:baler-prod-events-transformer:live",
        # More would have to wait for a batch to fill, up to 20 seconds of the 30 at a low rate.
        "batchSize": 10,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "scalingConfig": {"maximumConcurrency": 20},
    }


@pytest.mark.requirement("EVENT-PROCESSED-02")
def test_objects_are_committed_together_after_the_stated_delay(prod: Deployed, changed: Deployed) -> None:
    # Lambda takes more than ten only where it may wait for them.
    for deployed, delay, objects in ((prod, 300, 2000), (changed, 0, 10)):
        mapping = deployed.one("lambda/eventSourceMapping:EventSourceMapping", "events-compactor").inputs
        assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (objects, delay)


@pytest.mark.requirement("EVENT-PROCESSED-02")
def test_hours_that_have_ended_are_rewritten_each_hour_and_a_late_run_is_dropped(prod: Deployed) -> None:
    rule = prod.one("cloudwatch/eventRule:EventRule", "events-compactor").inputs
    assert rule["scheduleExpression"] == "rate(1 hour)"
    target = prod.one("cloudwatch/eventTarget:EventTarget", "events-compactor").inputs
    assert target["arn"].endswith(":function:baler-prod-events-compactor:live")
    tries = prod.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "events-compactor").inputs
    assert (tries["maximumRetryAttempts"], tries["maximumEventAgeInSeconds"], tries["qualifier"]) == (0, 1800, "live")


@pytest.mark.requirement("EVENT-DEAD-01", "EVENT-FLOW-03")
@pytest.mark.parametrize(
    ("queue", "bucket", "visibility"), [("transform", "raw", 6 * 60), ("compaction", "processed", 6 * 300 + 300)]
)
def test_a_message_outlasts_a_day_of_failures_and_its_dead_letter_two_weeks(
    prod: Deployed, queue: str, bucket: str, visibility: int
) -> None:
    inputs = prod.one("sqs/queue:Queue", f"events-{queue}").inputs
    assert inputs["visibilityTimeoutSeconds"] == visibility
    receives = json.loads(inputs["redrivePolicy"])["maxReceiveCount"]
    assert receives * visibility >= 24 * 3600
    assert receives <= 1000
    letters = prod.one("sqs/queue:Queue", f"events-{queue}-dead-letters").inputs
    assert letters["messageRetentionSeconds"] == 14 * 86_400
    assert letters["visibilityTimeoutSeconds"] == 30
    (accepts,) = (
        statement
        for statement in prod.one("sqs/queuePolicy:QueuePolicy", f"events-{queue}").statements().values()
        if statement["Effect"] == "Allow"
    )
    assert accepts["Principal"] == {"Service": "s3.amazonaws.com"}
    assert accepts["Condition"] == {
        "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::baler-prod-events-{bucket}-1a2b3c4"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_the_sweeper_is_told_how_long_a_batch_may_take_and_runs_each_hour(changed: Deployed) -> None:
    told = environment(changed, "sweeper")
    assert told["PATIENCE_SECONDS"] == environment(changed, "transformer")["PATIENCE_SECONDS"]
    assert told["RAW_DAYS"] == "201"
    rule = changed.one("cloudwatch/eventRule:EventRule", "events-sweeper").inputs
    assert rule["scheduleExpression"] == "rate(1 hour)"


def test_nothing_but_people_invokes_recovery(prod: Deployed) -> None:
    name = "baler-prod-events-recovery"
    invokers = ("lambda/permission:Permission", "lambda/eventSourceMapping:EventSourceMapping")
    assert not [each for token in invokers for each in prod.all(token) if name in json.dumps(dict(each.inputs))]


@pytest.mark.requirement("EVENT-SEC-02")
@every_function
def test_no_role_may_do_more_than_its_function_does(prod: Deployed, part: str) -> None:
    policy = prod.one("iam/rolePolicy:RolePolicy", f"events-{part}").statements()
    allowed = {
        action
        for statement in policy.values()
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        if not action.startswith(("ec2:", "logs:", "xray:"))
    }
    assert allowed == ALLOWED[part]


_READ_STREAM = {
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kms:Decrypt",
}
_COMMIT = {
    "s3:PutObject",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
}
_CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
ALLOWED: dict[str, Any] = {
    # The destination on failure: Lambda puts in the function's name, and asks first whether the bucket is there.
    "processor": _READ_STREAM | _COMMIT | {"kinesis:DescribeStream", "s3:ListBucket"},
    "transformer": _CONSUME
    | {"kinesis:DescribeStreamSummary", "s3:GetObject", "s3:PutObject", "dynamodb:GetItem", "dynamodb:UpdateItem"}
    | {"sqs:SendMessage"},
    "compactor": _CONSUME
    | {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket"}
    | {"glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable", "sqs:SendMessage"},
    "recovery": _READ_STREAM | _COMMIT | {"dynamodb:Query", "s3:GetObject"},
    "sweeper": {"s3:ListBucketVersions", "s3:GetObject", "s3:DeleteObjectVersion", "s3:ListBucket"}
    | {"dynamodb:GetItem", "dynamodb:Query"},
}


@pytest.mark.requirement("EVENT-SEC-04")
def test_the_network_leads_to_what_the_functions_call_and_nowhere_else(prod: Deployed) -> None:
    services = {each.inputs["serviceName"].rpartition(".")[2] for each in prod.all("ec2/vpcEndpoint:VpcEndpoint")}
    assert services == {"s3", "dynamodb", "sqs", "kinesis-streams", "glue", "xray"}
    kinesis = prod.one("ec2/vpcEndpoint:VpcEndpoint", "function-access-kinesis-streams").statements()
    through = {action for statement in kinesis.values() for action in statement["Action"]}
    # Lambda reads the stream for the processor from outside the network.
    assert through == _READ_STREAM - {"kms:Decrypt"}
