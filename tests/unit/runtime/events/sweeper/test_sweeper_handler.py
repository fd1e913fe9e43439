"""The sweeper as Lambda runs it, over stores of moto: from what a processor left to what is still there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.event_functions import PROGRESS, RAW, EventStores, context, event_of, started

from baler.events.aws.progress_table import DynamoProgressTable
from baler.events.parsing.parse import parse
from baler.events.raw_object import raw_objects
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.frontier import BEGINNING
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOUR = "2026-11-20T09"  # of harness.event_functions.event_of


@pytest.fixture(scope="module")
def handler(stores: EventStores) -> Iterator[Any]:
    yield from started("sweeper", {**stores.variables, "PATIENCE_SECONDS": "1"})


@pytest.fixture(autouse=True)
def _everything_is_old(handler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = handler.time.time()
    monkeypatch.setattr(handler.time, "time", lambda: now + 10)


def put(stream: str, shard: str, numbers: Sequence[int]) -> str:
    """Put the object of a batch; return its key."""
    label = ShardKey(stream, 17, shard).label
    records = [StreamRecord(shard, f"{each:056}", 0, "key", 0.0, event_of()) for each in numbers]
    (made,) = raw_objects(label, f"{numbers[0]:056}", f"{numbers[-1]:056}", parse(records).events)
    boto3.client("s3").put_object(Bucket=RAW, Key=made.key, Body=made.content)
    return made.key


def commit(stream: str, shard: str, numbers: Sequence[int], after: str, key: str) -> None:
    first, last = f"{numbers[0]:056}", f"{numbers[-1]:056}"
    batch = CommittedBatch(ShardKey(stream, 17, shard), after, first, last, (key,), None, len(numbers), 0, 0.0)
    assert DynamoProgressTable(boto3.client("dynamodb"), PROGRESS).commit(batch)


def sweep(handler: Any, **request: Any) -> dict[str, Any]:
    return handler.handle({"hour": HOUR, **request}, context(600))


def test_an_orphan_goes_and_what_was_committed_stays(handler: Any, stores: EventStores, shard: str) -> None:
    first, second = put(stores.stream, shard, [1, 2]), put(stores.stream, shard, [3, 4])
    put(stores.stream, shard, [1, 2, 3, 4])
    commit(stores.stream, shard, [1, 2], BEGINNING, first)
    commit(stores.stream, shard, [3, 4], f"{2:056}", second)
    assert sweep(handler, dry_run=True)["removed"] == 1
    assert stores.versions(RAW, shard) == 3
    assert sweep(handler) == {"objects": 3, "removed": 1, "finished": True, "failure": ""}
    assert stores.keys(RAW, shard) == [first, second]
    assert stores.versions(RAW, shard) == 2


def test_a_run_that_finds_what_no_batch_covers_ends_in_an_error_and_removes_it_not(
    handler: Any, stores: EventStores, shard: str
) -> None:
    key = put(stores.stream, shard, [1, 2])
    with pytest.raises(handler.SweepFoundError, match="1 objects are in no batch"):
        sweep(handler)
    assert stores.keys(RAW, shard) == [key]
    boto3.client("s3").delete_object(Bucket=RAW, Key=key)


def test_the_clock_brings_other_hours_and_a_request_that_is_none_is_refused(handler: Any) -> None:
    assert handler.handle({"time": datetime.now(UTC).isoformat()}, context(600))["objects"] == 0
    assert "refused" in sweep(handler, hour="yesterday")


def test_a_run_without_time_begins_nothing(handler: Any) -> None:
    assert handler.handle({"hour": HOUR}, context(1.0))["removed"] == 0
