"""What `baler status` says of an event stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import BaseClient

from baler.cli.exit_codes import ExitCode
from baler.events import metric_names

if TYPE_CHECKING:
    from conftest import Stack
    from typer.testing import Result


class Events:
    """The event stream of a stack `prod` as far as its status goes."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.mappings: list[dict[str, str]] = [{"State": "Enabled"}]
        kinesis: Any = cast("Any", boto3).client("kinesis")
        kinesis.create_stream(StreamName="stream", ShardCount=2)
        self.queues = {name: self._queue(name) for name in ("transform", "compaction")}
        self._answer_mappings(stack.monkeypatch)

    def _queue(self, name: str) -> str:
        self.stack.sqs.create_queue(QueueName=f"{name}-dead-letters")
        arn = f"arn:aws:sqs:eu-west-2:123456789012:{name}-dead-letters"
        policy = {"deadLetterTargetArn": arn, "maxReceiveCount": 5}
        created = self.stack.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(policy)})
        return created["QueueUrl"]

    def _answer_mappings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """moto wants a function before a mapping."""
        call = cast("Any", BaseClient)._make_api_call

        def answering(client: BaseClient, name: str, parameters: dict[str, Any]) -> Any:
            if name == "ListEventSourceMappings":
                assert parameters["EventSourceArn"].endswith(":stream/stream")
                return {"EventSourceMappings": self.mappings}
            return call(client, name, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", answering)

    def measure(self, name: str, value: float, namespace: str = metric_names.NAMESPACE, **dimensions: str) -> None:
        of = dimensions or {metric_names.STACK: "prod"}
        listed = [{"Name": dimension, "Value": value} for dimension, value in of.items()]
        data = {"MetricName": name, "Dimensions": listed, "Value": value, "Timestamp": datetime.now(UTC)}
        self.stack.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])

    def run(self, *arguments: str, **environment: str) -> Result:
        variables = {
            "BALER_EVENTS_STREAM": "stream",
            "BALER_EVENTS_TRANSFORM_QUEUE_URL": self.queues["transform"],
            "BALER_EVENTS_COMPACTION_QUEUE_URL": self.queues["compaction"],
            **environment,
        }
        return self.stack.run(*arguments, **variables)

    def alone(self, *arguments: str, **environment: str) -> Result:
        nothing = dict.fromkeys(("BALER_INGEST_QUEUE_URL", "BALER_DEAD_LETTER_QUEUE_URL", "BALER_ARCHIVE"), "")
        return self.run(*arguments, **nothing, **environment)

    def document(self) -> dict[str, Any]:
        return json.loads(self.alone("--json").stdout)


@pytest.fixture
def events(stack: Stack) -> Events:
    return Events(stack)


def test_an_event_stream_that_is_well_is_healthy(events: Events) -> None:
    events.measure(metric_names.BATCH_AGE, 4)
    events.measure(metric_names.EVENTS, 1200)
    events.measure(metric_names.REJECTED, 3)
    events.measure(metric_names.COMPACTION_DELAY, 250)
    result = events.alone()

    assert result.exit_code == ExitCode.OK
    shown = [line.strip() for line in result.stdout.splitlines()]
    assert shown[0].startswith("prod: healthy")
    assert "Stream        ACTIVE, 2 open shards, 24 h kept, read" in shown
    assert any(line.startswith("Waiting       oldest event 4 s of 60 s") for line in shown)
    assert "Dead letters  transformer 0, compactor 0" in shown
    assert "Last hour     1,200 events, 3 rejected, latency: no data" in shown
    assert any("last commit 250 s after arrival" in line for line in shown)


def test_a_stream_that_nobody_reads_is_not_healthy(events: Events) -> None:
    events.mappings = []
    assert events.document()["reasons"] == ["nobody reads the stream: it has no event source mapping"]
    events.mappings = [{"State": "Disabled"}]
    assert events.document()["reasons"] == ["nobody reads the stream: its event source mapping is Disabled"]


def test_dead_letters_of_either_function_are_told(events: Events) -> None:
    url = events.queues["transform"]
    events.stack.sqs.send_message(QueueUrl=f"{url}-dead-letters", MessageBody="dead")
    events.stack.sqs.send_message(QueueUrl=url, MessageBody="waits")
    result = events.alone("--json")

    found = json.loads(result.stdout)
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert found["reasons"] == ["1 dead letter of the transformer: see `baler dead-letters list`"]
    assert found["events"]["transform"]["waiting"] == 1
    assert (found["events"]["transform_dead_letters"], found["events"]["compaction_dead_letters"]) == (1, 0)


def test_an_event_that_waits_for_more_than_a_minute_is_told_whoever_says_so(events: Events) -> None:
    events.measure("GetRecords.IteratorAgeMilliseconds", 75_000, "AWS/Kinesis", StreamName="stream")
    assert events.document()["reasons"] == ["an event waits in the stream for 75 s, more than 60 s"]
    events.measure(metric_names.BATCH_AGE, 90)
    assert events.document()["reasons"] == ["an event waits in the stream for 90 s, more than 60 s"]


def test_records_that_were_set_aside_are_told(events: Events) -> None:
    events.measure(metric_names.SET_ASIDE, 2)
    (reason,) = events.document()["reasons"]
    assert reason.startswith("2 records of the last hour killed the processor")


def test_what_may_not_be_asked_hides_nothing_else(events: Events) -> None:
    events.stack.refuse("DescribeStreamSummary")
    result = events.alone()

    assert result.exit_code == ExitCode.UNKNOWN
    assert "not allowed: your role may not DescribeStreamSummary" in result.stdout
    assert "transformer 0, compactor 0" in result.stdout


def test_both_pipelines_are_shown_each_with_its_own_alarms(events: Events) -> None:
    events.stack.archive(10)
    events.stack.alarm("events-throttled", "ALARM")
    result = events.run()
    found = json.loads(events.run("--json").stdout)

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert result.stdout.count("prod: ") == 2
    assert found["health"] == found["events"]["health"] == "unhealthy"
    assert found["reasons"] == ["the alarm events-throttled is on"]
    assert [alarm["name"] for alarm in found["alarms"]] == ["files-queue-age"]
    assert [alarm["name"] for alarm in found["events"]["alarms"]] == ["events-throttled"]


def test_a_pipeline_of_which_a_part_is_nowhere_is_a_wrong_command_line(events: Events) -> None:
    events.stack.say(region="eu-west-2")
    result = events.alone(BALER_EVENTS_STREAM="")
    assert result.exit_code == ExitCode.USAGE
    assert "--stream" in result.stderr


def test_a_stack_without_a_pipeline_has_nothing_to_show(stack: Stack) -> None:
    stack.say(region="eu-west-2")
    nothing = dict.fromkeys(("BALER_INGEST_QUEUE_URL", "BALER_DEAD_LETTER_QUEUE_URL", "BALER_ARCHIVE"), "")
    result = stack.run(**nothing)
    assert result.exit_code == ExitCode.USAGE
    assert "Stack 'prod' has no pipeline" in result.stderr
