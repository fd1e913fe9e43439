from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.commands.events import rebuild as rebuild_module
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.recovery.span import Span
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

STREAM = "arn:aws:kinesis:eu-west-2:123456789012:stream/events"
SHARD = ShardKey(STREAM, 1_700_000_000, "shardId-000000000000")
PSEUDO = ShardKey(STREAM, SHARD.created_at, "redrive-20261126T134500Z-0a1b2c-shardId-000000000000-00000001")
HOUR = "event_type=metric/year=2026/month=11/day=26/hour=09"
BODY = b'{"value":1,"kinesis":{"arrived_at":1700000003.5}}\n' * 2


def key(prefix: str, first: int, last: int, shard: ShardKey = SHARD) -> str:
    return f"{prefix}/{HOUR}/data_{shard.label}_{first:03}_{last:03}_{'a' * 64}.json"


def _is_disabled(_functions: object, mapping: str) -> bool:
    return mapping == "disabled"


@pytest.fixture
def table(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoCoverageTable]:  # noqa: ARG001
    """A restored table that knows of the first batch, and stores that prove two more and one that was recovered."""
    with mock_aws():
        s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
        for bucket in ("raw", "processed"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        for name, keys in {"progress": ("pk", "sk"), "batches": ("batch_id", "processed_at")}.items():
            dynamodb.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": keys[0], "KeyType": "HASH"},
                    {"AttributeName": keys[1], "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        for first, last, shard in ((1, 4, SHARD), (5, 7, PSEUDO), (8, 9, SHARD), (10, 12, SHARD)):
            s3.put_object(Bucket="raw", Key=key("raw", first, last, shard), Body=BODY)
        for first, last, shard in ((1, 4, SHARD), (5, 7, PSEUDO), (8, 9, SHARD)):
            s3.put_object(Bucket="processed", Key=key("processed", first, last, shard), Body=b"")
        numbers = {"success_records": {"N": "3"}, "failed_records": {"N": "0"}}
        text = {"batch_id": {"S": f"{SHARD.label}_010_012"}, "processed_at": {"S": "2026-11-26T09:00:00.500Z"}}
        dynamodb.put_item(TableName="batches", Item={**text, **numbers})
        made = DynamoCoverageTable(dynamodb, "progress")
        made.commit(CommittedBatch(SHARD, "", "001", "004", (key("raw", 1, 4),), None, 2, 0, 1_700_000_003.5))
        boto3.client("kinesis").create_stream(StreamName="events", ShardCount=1)  # type: ignore[call-overload]
        monkeypatch.setattr(rebuild_module, "_is_disabled", _is_disabled)
        yield made


def run(*words: str, mapping: str = "disabled") -> tuple[Result, list[dict[str, Any]]]:
    options = {
        "--stream": "events",
        "--raw-bucket": "raw",
        "--processed-bucket": "processed",
        "--progress-table": "progress",
        "--batch-table": "batches",
        "--processor-mapping": mapping,
    }
    flat = [part for option in options.items() for part in option]
    result = CliRunner().invoke(app, ["events", "rebuild", *flat, "--json", *words])
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_restored_table_gets_back_what_the_stores_prove(table: DynamoCoverageTable) -> None:
    result, told = run()

    assert result.exit_code == ExitCode.OK
    assert (told[-1]["batches"], told[-1]["frontiers"]) == (3, 2)
    assert table.frontier(SHARD) == "012"
    assert table.frontier(PSEUDO) == "007"
    assert sorted(table.covered(SHARD, Span("000", "999"))) == [
        Span("001", "004"),
        Span("005", "007"),
        Span("008", "009"),
        Span("010", "012"),
    ]
    processed = table.batch(SHARD, "009")
    assert processed is not None
    assert (processed.after, processed.objects, processed.events) == ("004", (key("raw", 8, 9),), 2)
    assert processed.arrived_at == 1_700_000_003.5
    reported = table.batch(SHARD, "012")
    assert reported is not None
    assert (reported.after, reported.events) == ("009", 3)


def test_a_second_rebuild_changes_nothing(table: DynamoCoverageTable) -> None:
    run()
    recoveries = table.recoveries(SHARD)

    _, told = run()

    assert (told[-1]["batches"], told[-1]["frontiers"]) == (0, 0)
    assert table.recoveries(SHARD) == recoveries == 1


def test_a_dry_run_writes_nothing(table: DynamoCoverageTable) -> None:
    _, told = run("--dry-run", mapping="enabled")

    assert (told[-1]["batches"], told[-1]["frontiers"]) == (3, 2)
    assert table.frontier(SHARD) == "004"


def test_nothing_is_written_while_the_processor_may_run(table: DynamoCoverageTable) -> None:
    result, _ = run(mapping="enabled")

    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "not disabled" in result.output
    assert table.frontier(SHARD) == "004"


def test_what_nothing_proves_is_named(table: DynamoCoverageTable) -> None:
    boto3.client("s3").put_object(Bucket="raw", Key=key("raw", 13, 15), Body=BODY)

    result, told = run()

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert [(each["first"], each["last"]) for each in told if each["event"] == "unproven"] == [("013", "015")]
    assert table.frontier(SHARD) == "012"
