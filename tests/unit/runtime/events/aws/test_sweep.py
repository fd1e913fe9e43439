"""The table and the buckets as the sweeper sees them, on moto."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from unittest import mock

import boto3
import pytest
from harness.event_functions import PROCESSED, PROGRESS, RAW, EventStores

from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.frontier import BEGINNING
from baler.events.stream.shard_key import ShardKey
from runtime.events.aws.raw_versions import S3ProcessedNames, S3RawVersions
from runtime.events.aws.sweep_table import DynamoSweepTable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from runtime.events.sweeper.ports import VersionedObject


def number(value: int) -> str:
    return f"{value:056}"


@pytest.fixture
def s3(stores: EventStores) -> S3Client:  # noqa: ARG001 - what it talks with
    return boto3.client("s3")


def below(s3: S3Client, prefix: str) -> list[VersionedObject]:
    return list(S3RawVersions(s3, RAW, math.inf).below(prefix))


def test_batches_are_read_by_the_hundred_and_those_that_are_not_there_are_none(stores: EventStores, shard: str) -> None:
    client, key = boto3.client("dynamodb"), ShardKey(stores.stream, 17, shard)
    committed = DynamoCoverageTable(client, PROGRESS)
    after = BEGINNING
    for last in range(2, 242, 2):
        committed.commit(CommittedBatch(key, after, number(last), number(last), (f"raw/{last}",), None, 1, 0, 0.0))
        after = number(last)
    table = DynamoSweepTable(client, PROGRESS)
    with mock.patch.object(client, "query", wraps=client.query) as query:
        found = {last: table.batch(key, number(last)) for last in range(1, 250)}
        assert query.call_count <= 12
    assert [last for last, batch in found.items() if batch is not None] == list(range(2, 242, 2))
    assert all(batch is None or batch.objects == (f"raw/{last}",) for last, batch in found.items())
    assert table.batch(ShardKey(stores.stream, 18, shard), number(2)) is None


def test_versions_of_a_key_come_together_the_newest_first_also_across_pages(s3: S3Client, shard: str) -> None:
    prefix = f"raw/{shard}/"
    ids: dict[str, list[str]] = {
        key: [s3.put_object(Bucket=RAW, Key=key, Body=b"x")["VersionId"] for _ in range(3)]
        for key in (f"{prefix}a", f"{prefix}b")
    }
    real = s3.list_object_versions

    def two_at_a_time(**request: object) -> object:
        return real(**request, MaxKeys=2)  # type: ignore[arg-type]

    with mock.patch.object(s3, "list_object_versions", two_at_a_time):
        listed = below(s3, prefix)
    assert {each.key: [version.version_id for version in each.versions] for each in listed} == {
        key: versions[::-1] for key, versions in ids.items()
    }


def test_what_was_deleted_is_not_listed_and_a_removed_version_is_gone(s3: S3Client, shard: str) -> None:
    prefix = f"raw/{shard}/"
    raw = S3RawVersions(s3, RAW, math.inf)
    for name in ("deleted", "removed"):
        s3.put_object(Bucket=RAW, Key=f"{prefix}{name}", Body=b"x")
    s3.delete_object(Bucket=RAW, Key=f"{prefix}deleted")
    (left,) = below(s3, prefix)
    assert (left.key, raw.read(left.key)) == (f"{prefix}removed", b"x")
    for _ in range(2):
        raw.remove(left.key, left.versions[0].version_id)
    assert below(s3, prefix) == []
    assert raw.read(left.key) is None


def test_a_processed_object_is_found_by_its_whole_name(s3: S3Client, shard: str) -> None:
    s3.put_object(Bucket=PROCESSED, Key=f"processed/{shard}/a.json", Body=b"")
    names = S3ProcessedNames(s3, PROCESSED, math.inf)
    assert names.has(f"processed/{shard}/a.json")
    assert not names.has(f"processed/{shard}/a")
