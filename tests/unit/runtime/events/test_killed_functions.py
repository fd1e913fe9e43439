"""What is left of a function that died at any point is put right by those that run after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness.event_functions import (
    PROCESSED,
    RAW,
    EventStores,
    announced,
    event_of,
    invoke,
    kinesis_event,
    sqs_event,
    started,
)

from runtime.events.processor.crash_counter import KILLS

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLED_FUNCTION = Path(__file__).parents[3] / "harness" / "killed_event_function.py"
PROJECT = Path(__file__).parents[4]
TABLES = "baler.aws.http.dynamodb.HttpDynamoDb"
BUCKETS = "baler.aws.http.s3.HttpS3"
# Two partitions, so that a batch has two objects, and one rejected line.
CONTENTS = [event_of(1), event_of(2, timestamp="2026-11-20T11:00:00Z"), b"no event", event_of(4)]


@pytest.fixture(scope="module")
def processor(stores: EventStores) -> Iterator[Any]:
    yield from started("processor", stores.variables)


@pytest.fixture(scope="module")
def transformer(stores: EventStores) -> Iterator[Any]:
    yield from started("transformer", stores.variables)


def run(stores: EventStores, function: str, event: dict[str, Any], point: str) -> tuple[int, list[str]]:
    """Run a function in a process of its own; return how that ended and what its answer names."""
    path = os.pathsep.join((str(PROJECT), str(PROJECT / "tests")))
    environment = {"POWERTOOLS_TRACE_DISABLED": "true", "POWERTOOLS_SERVICE_NAME": function, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, str(KILLED_FUNCTION), function, json.dumps(event), point],
        env={**os.environ, **stores.variables, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    if done.returncode:
        return done.returncode, []
    answer = json.loads(done.stdout.rpartition("\n")[2])
    return 0, [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def amounts(stores: EventStores, shard: str) -> list[int]:
    return sorted(line["original_data"]["amount"] for line in stores.lines(PROCESSED, shard))


@pytest.mark.parametrize(
    "point",
    [
        f"before {BUCKETS}.put_object",
        f"after {BUCKETS}.put_object",
        f"before {TABLES}.transact_write_items",
        f"after {TABLES}.transact_write_items",
        f"before {TABLES}.put_item",
        "at the answer",
    ],
)
@pytest.mark.requirement("EVENT-FLOW-03", "EVENT-PROCESS-06")
def test_each_event_is_processed_once_whatever_point_the_processor_dies_at(
    stores: EventStores, processor: Any, transformer: Any, shard: str, point: str
) -> None:
    whole = kinesis_event(stores.stream, shard, CONTENTS)
    assert run(stores, "processor", whole, point) == (-signal.SIGKILL, [])
    # Lambda halves a batch whose run died; and a checkpoint may be lost besides.
    for first, contents in ((1, CONTENTS[:2]), (3, CONTENTS[2:]), (1, CONTENTS)):
        assert invoke(processor, kinesis_event(stores.stream, shard, contents, first)) == []
    # S3 announces all that was put, what the dead run left included, and some of it twice.
    keys = stores.keys(RAW, shard, "raw/")
    assert invoke(transformer, sqs_event(announced(*keys, *keys))) == []
    assert amounts(stores, shard) == [1, 2, 4]
    committed = [batch for key, batch in stores.progress(shard).items() if key.startswith("batch#")]
    rejected = {batch["rejected"].get("S") for batch in committed if "rejected" in batch}
    assert len(rejected) == 1
    assert rejected <= set(stores.keys(RAW, shard, "rejected/"))
    totals = [int(item["total_records"].get("N", "0")) for item in stores.batches(shard)]
    assert sum(totals) == len(CONTENTS)


@pytest.mark.parametrize(
    "point",
    [
        f"before {BUCKETS}.put_object",
        f"after {BUCKETS}.put_object",
        f"after {TABLES}.update_item",
        "at the answer",
    ],
)
def test_each_event_is_processed_once_whatever_point_the_transformer_dies_at(
    stores: EventStores, processor: Any, transformer: Any, shard: str, point: str
) -> None:
    invoke(processor, kinesis_event(stores.stream, shard, CONTENTS))
    messages = sqs_event(announced(*stores.keys(RAW, shard, "raw/")))
    assert run(stores, "transformer", messages, point) == (-signal.SIGKILL, [])
    assert invoke(transformer, messages) == []
    assert amounts(stores, shard) == [1, 2, 4]


@pytest.mark.requirement("EVENT-PROCESS-05")
def test_a_record_that_kills_is_set_aside_with_its_bytes_and_takes_no_neighbour_along(
    stores: EventStores, processor: Any, shard: str
) -> None:
    contents = [event_of(1), event_of(2, note="killer"), event_of(3)]

    def receive(first: int, last: int) -> tuple[int, list[str]]:
        event = kinesis_event(stores.stream, shard, contents[first - 1 : last], first)
        return run(stores, "processor", event, "at the content")

    assert receive(1, 3) == (-signal.SIGKILL, [])
    assert invoke(processor, kinesis_event(stores.stream, shard, contents[:1])) == []
    for _ in range(KILLS):
        assert receive(2, 2) == (-signal.SIGKILL, [])
    assert receive(2, 2) == (0, [])
    assert invoke(processor, kinesis_event(stores.stream, shard, contents[2:], 3)) == []
    assert sorted(line["amount"] for line in stores.lines(RAW, shard, "raw/")) == [1, 3]
    (line,) = stores.lines(RAW, shard, "rejected/")
    assert (line["reason"], line["sequence_number"]) == ("kills", f"{2:056}")
