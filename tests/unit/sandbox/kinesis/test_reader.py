"""baler_kinesis: when a batch is closed, and how a mapping reads shards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from baler_kinesis.answer import Failed, Outcome, Succeeded
from baler_kinesis.batch import BatchCollector
from baler_kinesis.delivery import Discarded, Rules, StoppedError
from baler_kinesis.reader import BusyError, ExpiredError, Page, read_shard
from baler_kinesis.shards import Checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Event = dict[str, Any]

TRIM_HORIZON = {"ShardIteratorType": "TRIM_HORIZON"}
ITERATOR_LIFE = 300.0


def event(index: int, size: int = 1) -> Event:
    return {"kinesis": {"sequenceNumber": f"{index:056}", "approximateArrivalTimestamp": 0.0, "data": "x" * size}}


def collected(*events: Event, most: int = 100, window: float = 5.0) -> BatchCollector:
    collector = BatchCollector(most, window)
    for each in events:
        collector.add(each, 0.0)
    return collector


def test_a_batch_is_closed_at_its_number_of_records() -> None:
    collector = collected(*map(event, range(250)))
    assert [len(collector.closed(0.0)) for _ in range(3)] == [100, 100, 0]
    assert len(collector.closed(5.0)) == 50


def test_a_batch_is_closed_at_the_end_of_its_window_which_begins_with_its_first_record() -> None:
    collector = collected(event(0))
    collector.add(event(1), 4.0)
    assert collector.closed(4.9) == []
    assert len(collector.closed(5.0)) == 2
    collector.add(event(2), 60.0)
    assert collector.closed(64.9) == []
    assert len(collector.closed(65.0)) == 1


def test_without_a_window_a_batch_is_what_was_read() -> None:
    assert len(collected(event(0), event(1), window=0).closed(0.0)) == 2


def test_a_batch_is_closed_before_its_payload_would_be_larger_than_six_megabytes() -> None:
    # A record of 1 MiB is a third larger in base64.
    collector = collected(*(event(index, 2**20 * 4 // 3) for index in range(10)))
    sizes: list[int] = []
    while batch := collector.closed(0.0, ended=True):
        assert len(json.dumps({"Records": batch})) <= 6 * 2**20
        sizes.append(len(batch))
    assert sizes == [4, 4, 2]


def test_an_ended_shard_waits_for_nothing() -> None:
    assert len(collected(event(0)).closed(0.0, ended=True)) == 1


class World:
    """A shard whose iterators expire, the function that reads it, and their clock."""

    def __init__(self, count: int, failing: float = 0.0, busy: int = 0) -> None:
        self.count, self.failing, self.busy = count, failing, busy
        self.time = 0.0
        self.done: list[int] = []
        self.asked: list[str] = []

    def iterator(self, shard: str, position: Mapping[str, Any]) -> str:
        assert shard
        self.asked.append(position["ShardIteratorType"])
        return f"{int(position.get('StartingSequenceNumber', -1)) + 1}@{self.time}"

    def read(self, shard: str, iterator: str) -> Page:
        assert shard
        at, issued = iterator.split("@")
        if self.time - float(issued) > ITERATOR_LIFE:
            raise ExpiredError
        if self.busy:
            self.busy -= 1
            raise BusyError
        found = [event(index) for index in range(int(at), min(int(at) + 10, self.count))]
        following = int(at) + len(found)
        last = found[-1]["kinesis"]["sequenceNumber"] if found else ""
        return Page(found, last, f"{following}@{self.time}" if following < self.count else None)

    def invoke(self, events: Sequence[Event]) -> Outcome:
        self.time += 10
        if self.time < self.failing:
            return Failed("r", 200, "1", "Unhandled")
        self.done += [int(each["kinesis"]["sequenceNumber"]) for each in events]
        return Succeeded()

    def discard(self, discarded: Discarded) -> None:
        raise AssertionError(discarded)

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds


def read(world: World, checkpoints: Checkpoints) -> None:
    read_shard(
        "a",
        records=world,
        checkpoints=checkpoints,
        collector=BatchCollector(4, 0),
        rules=Rules(),
        surroundings=world,
        steady=world.now,
    )


def begun() -> Checkpoints:
    checkpoints = Checkpoints()
    checkpoints.begin([shard("a")], TRIM_HORIZON)
    return checkpoints


def test_a_function_that_fails_for_six_minutes_gets_every_record_once_when_it_recovers() -> None:
    world, checkpoints = World(25, failing=360), begun()
    read(world, checkpoints)
    assert world.done == list(range(25))
    # The iterator was older than its five minutes.
    assert world.asked == ["TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER"]
    assert checkpoints.done == {"a"}


def test_a_shard_that_is_busy_is_asked_again() -> None:
    world = World(25, busy=3)
    read(world, begun())
    assert world.done == list(range(25))


def test_a_mapping_that_was_stopped_goes_on_behind_its_last_batch() -> None:
    world, checkpoints = World(25), begun()
    real = world.invoke

    def stopping(events: Sequence[Event]) -> Outcome:
        if len(world.done) >= 8:
            raise StoppedError
        return real(events)

    world.invoke = stopping
    with pytest.raises(StoppedError):
        read(world, checkpoints)
    world.invoke = real
    read(world, checkpoints)
    assert world.done == list(range(25))


def shard(name: str, *parents: str, closed: bool = False) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": "1"} | ({"EndingSequenceNumber": "2"} if closed else {})
    named = dict(zip(("ParentShardId", "AdjacentParentShardId"), parents, strict=False))
    return {"ShardId": name, "SequenceNumberRange": numbers, **named}


def test_a_child_is_read_when_all_its_parents_are_done() -> None:
    shards = [shard("a", closed=True), shard("b", closed=True), shard("c", "a", "b"), shard("d")]
    checkpoints = Checkpoints()
    checkpoints.begin(shards, TRIM_HORIZON)
    assert checkpoints.ready(shards) == ["a", "b", "d"]
    checkpoints.finish("a")
    assert checkpoints.ready(shards) == ["b", "d"]
    checkpoints.finish("b")
    assert checkpoints.ready(shards) == ["c", "d"]


def test_a_parent_that_is_gone_with_the_retention_period_is_not_waited_for() -> None:
    shards = [shard("c", "a", "b")]
    checkpoints = Checkpoints()
    checkpoints.begin(shards, TRIM_HORIZON)
    assert checkpoints.ready(shards) == ["c"]


def test_from_the_latest_record_on_closed_shards_are_left_out_and_later_ones_read_from_their_first() -> None:
    shards = [shard("a", closed=True), shard("b", "a")]
    checkpoints = Checkpoints()
    checkpoints.begin(shards, {"ShardIteratorType": "LATEST"})
    assert checkpoints.ready(shards) == ["b"]
    assert checkpoints.positions["b"] == {"ShardIteratorType": "LATEST"}
    checkpoints.finish("b")
    assert checkpoints.ready([*shards, shard("c", "b")]) == ["c"]
    assert checkpoints.positions["c"] == TRIM_HORIZON


def test_a_mapping_begins_once() -> None:
    checkpoints = begun()
    checkpoints.passed("a", "7")
    checkpoints.begin([shard("a")], TRIM_HORIZON)
    assert checkpoints.positions["a"] == {
        "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
        "StartingSequenceNumber": "7",
    }
