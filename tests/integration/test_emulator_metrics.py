"""CloudWatch as the sandbox repairs it: metrics come by themselves, and alarms of every kind are evaluated."""

from __future__ import annotations

import io
import json
import time
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from harness.measured import measured
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint
from sandbox.time_lapse import SANDBOX_FACTOR, set_time_lapse

if TYPE_CHECKING:
    from sandbox.localstack.server import LocalStack

REGION = "eu-west-2"
FUNCTION = """
def handle(event, context):
    if event.get("fails"):
        raise ValueError("no good")
"""
JUDGED = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, REGION)


@pytest.fixture
def stack() -> str:
    return f"test-{token_hex(4)}"


def log(aws: Endpoint, stack: str, values: list[int]) -> None:
    """Write a log line that has a metric of some values, by stack and by stack and reason."""
    group, now = f"/test/{stack}", int(time.time() * 1000)
    directive = {
        "Namespace": "Test",
        "Dimensions": [["stack"], ["stack", "reason"]],
        "Metrics": [{"Name": "Latency", "Unit": "Seconds"}],
    }
    metadata = {"Timestamp": now, "CloudWatchMetrics": [directive]}
    line = json.dumps({"_aws": metadata, "stack": stack, "reason": "late", "Latency": values})
    with suppress(ClientError):  # it is there from the last time
        aws.logs.create_log_group(logGroupName=group)
        aws.logs.create_log_stream(logGroupName=group, logStreamName="s")
    events: Any = [{"timestamp": now, "message": text} for text in ("START", line)]
    aws.logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_a_log_line_is_a_metric_with_every_statistic_for_each_set_of_its_dimensions(aws: Endpoint, stack: str) -> None:
    log(aws, stack, list(range(1, 101)))
    found = {name: measured(aws, "Test", "Latency", name, stack=stack) for name in ("Sum", "p50", "p95", "p99.9")}
    assert found == {"Sum": 5050, "p50": 50, "p95": 95, "p99.9": 100}
    assert measured(aws, "Test", "Latency", "SampleCount", stack=stack, reason="late") == 100
    assert measured(aws, "Test", "Latency", reason="late") is None
    now = datetime.now(UTC)
    statistics = aws.cloudwatch.get_metric_statistics(
        Namespace="Test",
        MetricName="Latency",
        Dimensions=[{"Name": "stack", "Value": stack}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["Maximum"],
        ExtendedStatistics=["p50"],
    )
    (point,) = statistics["Datapoints"]
    assert (point["Maximum"], point["ExtendedStatistics"], point["Unit"]) == (100, {"p50": 50}, "Seconds")


def test_alarms_on_a_percentile_a_formula_and_other_alarms_go_on_in_time_lapse(aws: Endpoint, stack: str) -> None:
    set_time_lapse(aws.url, stack, SANDBOX_FACTOR)
    dimensions = [{"Name": "stack", "Value": stack}]
    metric = {"Namespace": "Test", "MetricName": "Latency", "Dimensions": dimensions}
    late, share, either = (f"baler-{stack}-{name}" for name in ("late", "share", "either"))
    aws.cloudwatch.put_metric_alarm(
        AlarmName=late, **metric, **JUDGED, ExtendedStatistic="p95", Period=60, Threshold=90
    )
    parts = [
        {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}, "ReturnData": False}
        for name, statistic in (("runs", "SampleCount"), ("longest", "Maximum"))
    ]
    formula = {"Id": "share", "Expression": "IF(runs > 10, longest / 100, 0)"}
    aws.cloudwatch.put_metric_alarm(AlarmName=share, **JUDGED, Metrics=[formula, *parts], Threshold=0.5)
    arns = [f"arn:aws:cloudwatch:{REGION}:000000000000:alarm:{name}" for name in (late, share)]
    aws.cloudwatch.put_composite_alarm(AlarmName=either, AlarmRule=" OR ".join(f'ALARM("{arn}")' for arn in arns))

    def states() -> set[str]:
        found = aws.cloudwatch.describe_alarms(
            AlarmNames=[late, share, either], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return {alarm["StateValue"] for alarm in (*found["MetricAlarms"], *found["CompositeAlarms"])}

    def on_while_it_is_late(*kinds: Any) -> set[str]:
        # A period lasts 10 s: all of them have samples, however long an evaluation takes. One that ends without puts
        # an alarm off again.
        log(aws, stack, list(range(1, 101)))
        asked: Any = {"AlarmTypes": kinds} if kinds else {}
        on = aws.cloudwatch.describe_alarms(AlarmNamePrefix=f"baler-{stack}-", StateValue="ALARM", **asked)
        return {alarm["AlarmName"] for alarm in (*on["MetricAlarms"], *on["CompositeAlarms"])}

    wait_until("all decided", states, lambda found: found == {"OK"})
    wait_until("all on", lambda: on_while_it_is_late("MetricAlarm", "CompositeAlarm"), {late, share, either}.__eq__)
    # Composite ones only where they are asked for.
    wait_until("those on metrics", on_while_it_is_late, {late, share}.__eq__)
    aws.cloudwatch.delete_alarms(AlarmNames=[either, late, share])


def test_an_alarm_that_nobody_can_evaluate_is_refused(aws: Endpoint, stack: str) -> None:
    query = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}}
    for expression, statistic in (("RATE(m)", "Sum"), ("m > 0", "tm90")):
        formula = {"Id": "judged", "Expression": expression}
        asked: Any = {**query, "ReturnData": False, "MetricStat": {**query["MetricStat"], "Stat": statistic}}  # type: ignore[dict-item]
        with pytest.raises(ClientError, match="the sandbox"):
            aws.cloudwatch.put_metric_alarm(AlarmName=stack, **JUDGED, Metrics=[formula, asked], Threshold=0)


def test_a_queue_leaves_what_was_received_three_times_out_of_its_age(aws: Endpoint, stack: str) -> None:
    url = aws.sqs.create_queue(QueueName=stack, Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    aws.sqs.send_message(QueueUrl=url, MessageBody="poison")

    def samples(name: str, statistic: str) -> float | None:
        return measured(aws, "AWS/SQS", name, statistic, QueueName=stack)

    age = "ApproximateAgeOfOldestMessage"
    wait_until("an age", lambda: samples(age, "Maximum"), lambda found: found is not None and found > 1)
    for _ in range(3):
        assert aws.sqs.receive_message(QueueUrl=url).get("Messages")

    def waits_unseen() -> bool:
        before = [samples(name, "SampleCount") for name in (age, "ApproximateNumberOfMessagesVisible")]
        wait_until(
            "two more samples",
            lambda: samples("ApproximateNumberOfMessagesVisible", "SampleCount"),
            lambda found: found is not None and before[1] is not None and found >= before[1] + 2,
        )
        return samples(age, "SampleCount") == before[0]

    wait_until("no more of its age, though it waits", waits_unseen, bool)
    assert (samples("NumberOfMessagesSent", "Sum"), samples("NumberOfMessagesReceived", "Sum")) == (1, 3)
    aws.sqs.delete_queue(QueueUrl=url)


def test_a_function_is_measured_whether_it_succeeds_fails_or_is_throttled(aws: Endpoint, stack: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.iam.create_role(RoleName=stack, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    allowed = json.dumps({"Version": "2012-10-17", "Statement": [logs]})
    aws.iam.put_role_policy(RoleName=stack, PolicyName=stack, PolicyDocument=allowed)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("measured.py", FUNCTION)
    aws.functions.create_function(
        FunctionName=stack,
        Runtime="python3.11",
        Role=role,
        Handler="measured.handle",
        Code={"ZipFile": package.getvalue()},
    )
    for event in ("{}", "{}", '{"fails": true}'):
        aws.functions.invoke(FunctionName=stack, Payload=event)
    aws.functions.put_function_concurrency(FunctionName=stack, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        aws.functions.invoke(FunctionName=stack)
    found = {name: measured(aws, "AWS/Lambda", name, FunctionName=stack) for name in ("Invocations", "Errors")}
    assert found == {"Invocations": 3, "Errors": 1}
    # The client tried again.
    assert measured(aws, "AWS/Lambda", "Throttles", FunctionName=stack)
    assert measured(aws, "AWS/Lambda", "Errors", "SampleCount", FunctionName=stack) == 3
    assert measured(aws, "AWS/Lambda", "Duration", "Minimum", FunctionName=stack)
    aws.functions.delete_function(FunctionName=stack)


def test_a_stream_counts_what_it_takes_and_what_it_refuses_in_all_and_by_shard(aws: Endpoint, stack: str) -> None:
    kinesis = aws.kinesis
    kinesis.create_stream(StreamName=stack, ShardCount=1)
    kinesis.enable_enhanced_monitoring(StreamName=stack, ShardLevelMetrics=["IncomingBytes"])
    size = 200_000
    records: Any = [{"Data": bytes(size - 1), "PartitionKey": "k"} for _ in range(8)]
    refused = kinesis.put_records(StreamName=stack, Records=records).get("FailedRecordCount", 0)
    assert 0 < refused < 8
    found = {
        name: measured(aws, "AWS/Kinesis", name, StreamName=stack)
        for name in ("IncomingRecords", "IncomingBytes", "WriteProvisionedThroughputExceeded")
    }
    taken = 8 - refused
    assert found == {
        "IncomingRecords": taken,
        "IncomingBytes": taken * size,
        "WriteProvisionedThroughputExceeded": refused,
    }
    by_shard = {"StreamName": stack, "ShardId": "shardId-000000000000"}
    assert measured(aws, "AWS/Kinesis", "IncomingBytes", **by_shard) == taken * size
    assert measured(aws, "AWS/Kinesis", "IncomingRecords", **by_shard) is None
    kinesis.delete_stream(StreamName=stack)
