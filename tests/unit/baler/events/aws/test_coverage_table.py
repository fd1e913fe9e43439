from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from harness.coverage_in_memory import CoverageInMemory
from moto import mock_aws

from baler.events.aws import coverage_table
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.recovery.span import Span
from baler.events.stream.commit import commit
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey
from runtime.events.recovery.pseudo_table import PseudoTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.events.recovery.ports import CoverageTable

SHARD = ShardKey("arn:aws:kinesis:eu-central-1:123456789012:stream/events", 1_700_000_000, "shardId-000000000000")
PSEUDO = ShardKey(SHARD.stream, SHARD.created_at, "redrive-20261126T134500Z-0a1b2c-shardId-000000000000-00000001")
OTHER = ShardKey(SHARD.stream, SHARD.created_at, "redrive-20261126T134500Z-0a1b2c-shardId-000000000000-00000002")


def batch(shard: ShardKey, after: int | None, first: int, last: int) -> CommittedBatch:
    number = "" if after is None else f"{after:03}"
    return CommittedBatch(shard, number, f"{first:03}", f"{last:03}", (f"raw/{first}",), None, last - first + 1, 0, 0.0)


@pytest.fixture(scope="module")
def client() -> Iterator[object]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="eu-west-2")


@pytest.fixture(params=["DynamoDB", "memory"])
def table(request: pytest.FixtureRequest) -> Iterator[CoverageInMemory | DynamoCoverageTable]:
    """The table, and the one that stands for it in other tests: they keep the same promises."""
    if request.param == "memory":
        yield CoverageInMemory()
        return
    dynamodb = request.getfixturevalue("client")
    dynamodb.create_table(
        TableName="progress",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    yield DynamoCoverageTable(dynamodb, "progress")
    dynamodb.delete_table(TableName="progress")


def test_a_recovery_moves_its_own_frontier_and_counts_on_the_shard(table: CoverageTable) -> None:
    recovered = batch(PSEUDO, None, 5, 7)

    assert table.recoveries(SHARD) == 0
    assert table.commit_recovery(recovered, SHARD, 0)

    assert (table.recoveries(SHARD), table.frontier(PSEUDO), table.frontier(SHARD)) == (1, "007", "")
    assert table.batch(PSEUDO, "007") == recovered
    assert table.batch(SHARD, "007") is None


def test_a_recovery_that_read_before_another_was_committed_is_refused_and_writes_nothing(table: CoverageTable) -> None:
    table.commit_recovery(batch(PSEUDO, None, 5, 6), SHARD, 0)

    assert not table.commit_recovery(batch(OTHER, None, 6, 7), SHARD, 0)

    assert (table.recoveries(SHARD), table.frontier(OTHER)) == (1, "")
    assert list(table.covered(SHARD, Span("000", "999"))) == [Span("005", "006")]
    assert table.commit_recovery(batch(OTHER, None, 7, 7), SHARD, 1)


def test_a_commit_whose_answer_was_lost_is_found_to_be_ones_own(table: CoverageTable) -> None:
    recovered = batch(PSEUDO, None, 5, 7)
    table.commit_recovery(recovered, SHARD, 0)

    assert commit(PseudoTable(table, SHARD, 0), recovered)
    assert table.recoveries(SHARD) == 1


@pytest.mark.parametrize(
    ("span", "covered"),
    [
        (Span("000", "999"), [(1, 4), (5, 5), (6, 6), (8, 9), (10, 12)]),
        (Span("003", "003"), [(1, 4)]),
        (Span("004", "006"), [(1, 4), (5, 5), (6, 6)]),
        (Span("007", "007"), []),
        (Span("009", "011"), [(8, 9), (10, 12)]),
        (Span("013", "999"), []),
    ],
)
def test_what_covers_a_span_are_all_that_overlap_it(
    table: CoverageTable, span: Span, covered: list[tuple[int, int]]
) -> None:
    for committed in (batch(SHARD, None, 1, 4), batch(SHARD, 4, 8, 9), batch(SHARD, 9, 10, 12)):
        table.commit(committed)
    table.commit_recovery(batch(PSEUDO, None, 5, 5), SHARD, 0)
    table.commit_recovery(batch(OTHER, None, 6, 6), SHARD, 1)

    assert sorted(table.covered(SHARD, span)) == [Span(f"{first:03}", f"{last:03}") for first, last in covered]


def test_batches_over_a_span_are_found_with_those_that_were_recovered(
    table: CoverageInMemory | DynamoCoverageTable,
) -> None:
    for committed in (batch(SHARD, None, 1, 4), batch(SHARD, 4, 8, 9), batch(SHARD, 9, 10, 12)):
        table.commit(committed)
    table.commit_recovery(batch(PSEUDO, None, 5, 5), SHARD, 0)

    found = table.batches_over(SHARD, Span("004", "009"))

    assert list(found) == [batch(SHARD, None, 1, 4), batch(PSEUDO, None, 5, 5), batch(SHARD, 4, 8, 9)]


def test_a_fence_covers_nothing(table: CoverageTable) -> None:
    moved = replace(batch(SHARD, None, 5, 7), objects=(), events=0)

    assert table.commit(moved)
    assert table.frontier(SHARD) == "007"
    assert list(table.covered(SHARD, Span("000", "999"))) == []


def test_what_covers_a_span_is_read_over_pages(table: CoverageTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage_table, "PAGE_ITEMS", 2)
    for number in range(1, 9):
        table.commit(batch(SHARD, number - 1 or None, number, number))

    assert len(table.covered(SHARD, Span("002", "006"))) == 5
