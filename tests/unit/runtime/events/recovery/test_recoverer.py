from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from harness.coverage_in_memory import CoverageInMemory, RawInMemory

from baler.events.parsing.parse import parse
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord
from baler.store_errors import Unavailable
from runtime.events.processor.crash_counter import CrashCounter
from runtime.events.processor.processor import Processor
from runtime.events.recovery.ports import NoSuchShardError, Page
from runtime.events.recovery.recoverer import Recoverer
from runtime.events.recovery.recovery import Recovery
from runtime.events.recovery.request import recovery_request
from runtime.events.recovery.restoration import Restoration

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/events"
CREATED = 1_700_000_000
SHARD = ShardKey(STREAM, CREATED, "shardId-000000000000")
NOW = CREATED + 10_000.0
GOOD = b'{"event_type":"metric","timestamp":"2026-11-26T10:00:00Z","value":1}'


def number(value: int) -> str:
    return f"{value:056}"


def record(value: int) -> StreamRecord:
    """Record 7 arrived 7 seconds after the stream was made."""
    return StreamRecord(SHARD.shard_id, number(value), 0, "key", float(CREATED + value), GOOD)


def given_up(*values: int, stream: str = STREAM, arrived_at: float | None = None) -> bytes:
    entries = [
        {
            "kinesis": {
                "partitionKey": "key",
                "sequenceNumber": number(value),
                "data": base64.b64encode(GOOD).decode(),
                "approximateArrivalTimestamp": CREATED + value if arrived_at is None else arrived_at,
            },
            "eventID": f"{SHARD.shard_id}:{number(value)}",
            "eventSourceARN": stream,
        }
        for value in values
    ]
    batch = {
        "shardId": SHARD.shard_id,
        "startSequenceNumber": number(values[0]),
        "endSequenceNumber": number(values[-1]),
        "batchSize": len(values),
        "streamArn": stream,
    }
    context = {"condition": "RetryAttemptsExhausted"}
    document = {"requestContext": context, "KinesisBatchInfo": batch, "payload": json.dumps({"Records": entries})}
    return json.dumps(document).encode()


@dataclass
class Stores:
    """What the function works with: a shard of which 1 to 4 and 8 to 10 are committed, of 12 that the stream has."""

    table: CoverageInMemory = field(default_factory=CoverageInMemory)
    raw: RawInMemory = field(default_factory=RawInMemory)
    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    per_page: int = 5
    kept_since: float = float(CREATED)
    silent: bool = False
    now: float = NOW
    committed: bool = True

    def __post_init__(self) -> None:
        if not self.committed:
            return
        self.table.commit(CommittedBatch(SHARD, "", number(1), number(4), ("raw/a",), None, 4, 0, 0.0))
        self.table.commit(CommittedBatch(SHARD, number(4), number(8), number(10), ("raw/b",), None, 3, 0, 0.0))

    def process(self, *values: int) -> None:
        self._processor(self.table).handle(SHARD, [record(each) for each in values], NOW + 100)

    def get(self, key: str) -> bytes | None:
        if self.silent:
            raise Unavailable("S3")
        return self.objects.get(key)

    def created_at(self) -> int:
        return CREATED

    def horizon(self) -> float:
        return self.kept_since

    def pages(self, shard_id: str, start: float, after: str) -> Iterator[Page]:
        if shard_id != SHARD.shard_id:
            raise NoSuchShardError("no such shard")
        kept = [record(each) for each in range(1, 13) if record(each).arrived_at >= start]
        kept = [each for each in kept if each.sequence_number > after]
        for place in range(0, len(kept), self.per_page):
            self.now += 1
            yield Page(tuple(kept[place : place + self.per_page]), at_end=False)
        yield Page((), at_end=True)

    def ask(self, **fields: Any) -> dict[str, Any]:
        kind = "redrive" if "key" in fields else "replay"
        shared = {"run": f"{kind}-20231114T220000Z-0a1b2c", "at_most": 100, "seconds": 60, "dry_run": False}
        replay = {"shard_id": SHARD.shard_id, "start": 0, "end": 4e9, "after": "", "put_back": False}
        request = recovery_request({**shared, "life": None, **replay, **fields}, datetime(2023, 11, 14, 23, tzinfo=UTC))

        recovery = Recovery(self.table, self._processor, lambda _batch: None, lambda: self.now)
        restoration = Restoration(self.table, self.raw, parse)
        return Recoverer(STREAM, self, self, recovery, restoration, lambda: self.now).answer(request, NOW + 300)

    def _processor(self, table: Any) -> Processor:
        crashes = CrashCounter(_NoRuns(), lambda _when, _call: lambda: None, lambda: "run")
        return Processor(table, self.raw, parse, crashes)


class _NoRuns:
    def begin(self, shard: ShardKey, sequence_number: str, run_id: str) -> int:
        del shard, sequence_number, run_id
        return 0

    def end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None: ...


@pytest.fixture
def stores() -> Stores:
    return Stores()


def test_an_object_of_the_destination_is_brought_back(stores: Stores) -> None:
    stores.objects["failed"] = given_up(4, 5, 6, 7)

    first, second = stores.ask(key="failed"), stores.ask(key="failed")

    assert (first["covered"], first["recovered"], first["left"], first["records"]) == (1, 3, 0, 4)
    assert (first["condition"], first["shard_id"]) == ("RetryAttemptsExhausted", SHARD.shard_id)
    assert (second["covered"], second["recovered"]) == (4, 0)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "no such object"),
        (b"{}", "writes no such object"),
        (given_up(5, stream=STREAM + "-2"), "another stream"),
        (given_up(5, arrived_at=CREATED - 1.0), "give --life"),
    ],
)
def test_what_cannot_be_brought_back_is_refused_in_a_sentence(stores: Stores, content: bytes | None, why: str) -> None:
    if content is not None:
        stores.objects["failed"] = content

    assert why in stores.ask(key="failed")["refused"]


def test_records_of_an_earlier_life_are_committed_to_that_one(stores: Stores) -> None:
    stores.objects["failed"] = given_up(5, arrived_at=CREATED - 1.0)

    assert stores.ask(key="failed", life=CREATED - 100)["recovered"] == 1
    earlier = ShardKey(STREAM, CREATED - 100, SHARD.shard_id)
    assert stores.table.frontiers[earlier] == number(5)
    assert stores.table.frontiers[SHARD] == number(10)


def test_a_store_that_does_not_answer_is_no_refusal(stores: Stores) -> None:
    stores.silent = True

    answer = stores.ask(key="failed")

    assert (answer["failure"], answer["records"]) == ("S3", 0)


def test_a_replay_fills_the_gaps_and_leaves_the_rest_to_the_streams_reader(stores: Stores) -> None:
    answer = stores.ask()

    assert (answer["recovered"], answer["beyond"], answer["after"]) == (3, 2, None)
    assert answer["records"] == 10


def test_a_replay_takes_what_arrived_in_its_range_alone(stores: Stores) -> None:
    answer = stores.ask(start=CREATED + 6.0, end=CREATED + 7.0)

    assert (answer["recovered"], answer["covered"], answer["after"]) == (1, 0, None)


def test_a_replay_goes_on_where_its_time_was_over(stores: Stores) -> None:
    stores.per_page = 2
    answers: list[dict[str, Any]] = []
    while not answers or answers[-1]["after"] is not None:
        answers.append(stores.ask(seconds=1, after=answers[-1]["after"] if answers else ""))

    assert len(answers) > 2
    assert sum(each["recovered"] for each in answers) == 3
    assert sum(each["records"] for each in answers) == 10


def test_a_replay_says_since_when_the_stream_keeps_records(stores: Stores) -> None:
    stores.kept_since = CREATED + 7.0

    answer = stores.ask()

    assert (answer["horizon"], answer["recovered"], answer["expired"]) == (CREATED + 7.0, 1, False)


def test_before_a_stream_was_made_nothing_can_have_expired(stores: Stores) -> None:
    answer = stores.ask(start=CREATED - 86_400.0)

    assert (answer["horizon"], answer["expired"]) == (None, False)


def test_a_processor_that_has_not_come_to_the_oldest_record_has_lost_some(stores: Stores) -> None:
    stores.kept_since = CREATED + 11.0

    assert stores.ask()["expired"]
    assert not stores.ask(start=CREATED + 11.5)["expired"]


@pytest.mark.parametrize("per_page", [1, 2, 5, 20])
@pytest.mark.parametrize("seconds", [1, 60])
def test_raw_objects_that_are_gone_are_put_back_byte_for_byte(per_page: int, seconds: int) -> None:
    stores = Stores(table=CoverageInMemory(), committed=False)
    stores.process(1, 2, 3, 4)
    stores.process(5, 6, 7, 8, 9, 10)
    stores.per_page = per_page
    there = dict(stores.raw.objects)
    assert len(there) == 2
    stores.raw.objects.clear()

    after: str | None = ""
    while after is not None:
        after = stores.ask(put_back=True, after=after, seconds=seconds)["after"]

    assert stores.raw.objects == there


def test_nothing_is_put_back_unless_it_is_asked_for(stores: Stores) -> None:
    stores.ask()
    stores.raw.objects.clear()

    stores.ask()
    assert not stores.raw.objects
    stores.ask(put_back=True, dry_run=True)
    assert not stores.raw.objects
    stores.ask(put_back=True)
    assert len(stores.raw.objects) == 2


def test_a_table_that_does_not_answer_leaves_the_page_to_be_read_again(stores: Stores) -> None:
    stores.table.silent.add("commit")

    answer = stores.ask()
    assert (answer["failure"], answer["after"], answer["records"]) == ("commit", "", 0)

    stores.table.silent.clear()
    assert stores.ask(after=answer["after"])["recovered"] == 3


def test_a_dry_run_counts_alone(stores: Stores) -> None:
    assert stores.ask(dry_run=True)["recovered"] == 3
    assert not stores.table.recovered


def test_a_shard_that_is_none_is_refused(stores: Stores) -> None:
    assert "no such shard" in stores.ask(shard_id="shardId-000000000009")["refused"]
