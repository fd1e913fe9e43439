"""Records that the processor has passed by are brought back by the commands, each once."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.event_pipeline import EventPipeline, events_with
from harness.pipeline import wait_until
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.recovery.fence import fence
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord
from sandbox.deployed import events_of
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.localstack.server import LocalStack

_GAP = 30
_KEY = "one-shard"


@pytest.fixture(scope="module")
def stream(localstack: LocalStack) -> EventPipeline:
    stack = deploy_local_stack(localstack.endpoint, pipelines=("events",), name=f"test-{token_hex(3)}")
    return EventPipeline(events_of(stack))


@pytest.fixture
def run(stream: EventPipeline, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command as an operator does."""
    deployed = stream.deployed
    for name, value in {
        "AWS_ENDPOINT_URL": deployed.endpoint,
        "AWS_REGION": deployed.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "BALER_EVENTS_STREAM": deployed.stream,
        "BALER_EVENTS_FAILURE_BUCKET": deployed.failure_bucket,
        "BALER_EVENTS_RAW_BUCKET": deployed.raw_bucket,
        "BALER_EVENTS_PROCESSED_BUCKET": deployed.processed_bucket,
        "BALER_EVENTS_PROGRESS_TABLE": deployed.progress_table,
        "BALER_EVENTS_TRANSFORM_QUEUE_URL": deployed.transform_queue_url,
        "BALER_EVENTS_RECOVERY_FUNCTION": deployed.outputs["eventsRecoveryFunction"],
    }.items():
        monkeypatch.setenv(name, value)

    def run_command(*words: str) -> list[dict[str, Any]]:
        result = CliRunner().invoke(app, ["events", *words, "--json"])
        assert result.exit_code == ExitCode.OK, result.output
        return [json.loads(line) for line in result.output.splitlines()]

    return run_command


def passed_by(stream: EventPipeline, mark: str) -> tuple[float, list[StreamRecord]]:
    """Send events that the processor passes by, since the frontier is behind them; return since when, and them."""
    deployed, functions = stream.deployed, stream.root.functions
    since = time.time()
    functions.update_event_source_mapping(UUID=deployed.processor_mapping, Enabled=False)
    wait_until(
        "a mapping at rest",
        lambda: functions.get_event_source_mapping(UUID=deployed.processor_mapping)["State"],
        lambda state: state == "Disabled",
    )
    events = events_with(mark, _GAP)
    sent = stream.send(events, _KEY)
    shard_id = sent[0].shard_id
    kinesis: Any = stream.root.kinesis
    summary = kinesis.describe_stream_summary(StreamName=deployed.stream)["StreamDescriptionSummary"]
    shard = ShardKey(deployed.stream_arn, int(summary["StreamCreationTimestamp"].timestamp()), shard_id)
    table = DynamoCoverageTable(stream.root.dynamodb, deployed.progress_table)
    records = [
        StreamRecord(shard_id, each.sequence_number, 0, _KEY, time.time(), event)
        for each, event in zip(sent, events, strict=True)
    ]
    assert table.commit(fence(shard, table.frontier(shard), records))
    functions.update_event_source_mapping(UUID=deployed.processor_mapping, Enabled=True)
    return since, records


@contextmanager
def unprotected(stream: EventPipeline, bucket: str) -> Generator[str]:
    """Lift the policy of a bucket, into which nobody else may write and from which nobody may delete."""
    s3 = stream.root.s3
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    try:
        yield bucket
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def give_up(stream: EventPipeline, records: list[StreamRecord]) -> None:
    """Write what Lambda writes of a batch that it gives up."""
    deployed, shard_id = stream.deployed, records[0].shard_id
    entries = [
        {
            "kinesis": {
                "partitionKey": each.partition_key,
                "sequenceNumber": each.sequence_number,
                "data": b64encode(each.data).decode(),
                "approximateArrivalTimestamp": each.arrived_at,
            },
            "eventID": f"{shard_id}:{each.sequence_number}",
            "eventSourceARN": deployed.stream_arn,
        }
        for each in records
    ]
    batch = {
        "shardId": shard_id,
        "startSequenceNumber": records[0].sequence_number,
        "endSequenceNumber": records[-1].sequence_number,
        "batchSize": len(records),
        "streamArn": deployed.stream_arn,
    }
    document = {
        "requestContext": {"condition": "RecordAgeExceeded"},
        "KinesisBatchInfo": batch,
        "payload": json.dumps({"Records": entries}),
    }
    key = f"aws/lambda/{deployed.processor_mapping}/{shard_id}/2026/11/26/2026-11-26T14.00.00-{token_hex(4)}"
    with unprotected(stream, deployed.failure_bucket) as bucket:
        stream.root.s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())


def numbers(stream: EventPipeline, mark: str) -> list[int]:
    return sorted(line.document["original_data"]["number"] for line in stream.processed(mark))


@pytest.mark.requirement("EVENT-RECOVER-01")
def test_what_was_given_up_and_what_the_stream_still_has_come_back_once(stream: EventPipeline, run: Any) -> None:
    mark = token_hex(4)
    since, records = passed_by(stream, mark)
    give_up(stream, records[:20])
    start = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since - 1))

    assert run("redrive", "--dry-run")[-1]["recovered"] == 20
    assert run("redrive")[-1]["recovered"] == 20
    assert run("redrive")[-1]["recovered"] == 0
    assert run("replay", "--from", start)[-1]["recovered"] == 10
    assert run("replay", "--from", start)[-1]["recovered"] == 0

    stream.wait_until_processed(mark, _GAP)
    stream.wait_until_idle()
    assert numbers(stream, mark) == list(range(_GAP))
    assert run("verify")[-1]["events"] == _GAP
    # Of those that were made from the stream: what `give_up` wrote has other times of arrival.
    gone = next(key for key in stream.raw_keys(mark) if ".replay-" in key)
    with unprotected(stream, stream.deployed.raw_bucket) as bucket:
        stream.root.s3.delete_object(Bucket=bucket, Key=gone)
    run("replay", "--from", start, "--put-back")
    assert gone in stream.objects(stream.deployed.raw_bucket)
    announced = run("reprocess", "--from", "2026-11-20", "--to", "2026-11-20")[-1]["sent"]
    assert announced == len(stream.objects(stream.deployed.processed_bucket))
    stream.wait_until_idle()
    assert numbers(stream, mark) == list(range(_GAP))
    # Objects of failures stay until they expire.
    assert stream.left() == {"records that the mapping gave up": 1}
