"""baler_kinesis: streams by AWS's documented rules, over moto's backend."""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from itertools import pairwise
from typing import Any
from unittest import mock

import pytest
from baler_kinesis.allowance import Allowance
from baler_kinesis.backend import LimitedBackend
from baler_kinesis.sequence_number import SequenceNumbers
from baler_kinesis.shard import OrderedShard
from moto.core.exceptions import JsonRESTError

MEBIBYTE = 2**20
HOUR = 3600.0
FIRST, SECOND = "shardId-000000000000", "shardId-000000000001"


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(OrderedShard, "now", staticmethod(clock))
    monkeypatch.setattr(OrderedShard, "steady", staticmethod(clock))
    return clock


@pytest.fixture
def kinesis(clock: Clock) -> Any:
    assert clock
    return LimitedBackend("eu-west-2", "000000000000")


def stream(kinesis: Any, shards: int = 1) -> Any:
    return kinesis.create_stream("s", shards)


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


def record(data: bytes = b"x", key: str = "k") -> dict[str, Any]:
    return {"Data": encoded(data), "PartitionKey": key}


def put(kinesis: Any, *records: dict[str, Any]) -> dict[str, Any]:
    return kinesis.put_records(None, "s", list(records))


def iterator(kinesis: Any, shard: str = FIRST, kind: str = "TRIM_HORIZON", number: Any = None, at: Any = None) -> str:
    return kinesis.get_shard_iterator(None, "s", shard, kind, number, at)


def read(kinesis: Any, place: str, limit: int | None = None) -> tuple[str | None, list[bytes]]:
    following, records, _ = kinesis.get_records(None, place, limit)
    return following, [b64decode(record.data) for record in records]


def test_sequence_numbers_have_56_digits_and_grow_though_the_clock_is_set_back() -> None:
    times = iter([1_700_000_000_000_000_000, 1_600_000_000_000_000_000, 1_700_000_000_000_000_001])
    numbers = SequenceNumbers(lambda: next(times))
    texts = [str(numbers.next()) for _ in range(3)]
    assert texts == sorted(set(texts))
    assert {len(text) for text in texts} == {56}


def test_an_allowance_takes_all_or_nothing_and_fills_with_time() -> None:
    allowance = Allowance(2, 100, now=0.0)
    assert allowance.take(1, 60, now=0.0)
    assert not allowance.take(1, 60, now=0.0)
    assert allowance.take(1, 40, now=0.0)
    assert not allowance.take(1, 0, now=0.4)
    assert allowance.take(1, 50, now=0.5)


def test_records_are_read_in_the_order_in_which_their_numbers_were_given(kinesis: Any) -> None:
    stream(kinesis)
    answer = put(kinesis, *(record(b"%d" % index) for index in range(10)))
    numbers = [each["SequenceNumber"] for each in answer["Records"]]
    assert answer["FailedRecordCount"] == 0
    assert numbers == sorted(numbers)
    following, found = read(kinesis, iterator(kinesis), limit=4)
    assert found == [b"0", b"1", b"2", b"3"]
    assert read(kinesis, str(following))[1] == [b"4", b"5", b"6", b"7", b"8", b"9"]


@pytest.mark.parametrize(
    ("kind", "at", "found"),
    [
        ("TRIM_HORIZON", None, [b"0", b"1", b"2"]),
        ("AT_SEQUENCE_NUMBER", 1, [b"1", b"2"]),
        ("AFTER_SEQUENCE_NUMBER", 1, [b"2"]),
        ("LATEST", None, []),
    ],
)
def test_an_iterator_begins_where_its_type_says(kinesis: Any, kind: str, at: int | None, found: list[bytes]) -> None:
    stream(kinesis)
    answer = put(kinesis, *(record(b"%d" % index) for index in range(3)))
    number = None if at is None else answer["Records"][at]["SequenceNumber"]
    assert read(kinesis, iterator(kinesis, kind=kind, number=number))[1] == found


def test_an_iterator_at_a_time_begins_with_the_first_record_of_that_time(kinesis: Any, clock: Clock) -> None:
    stream(kinesis)
    for data in (b"0", b"1", b"2"):
        put(kinesis, record(data))
        clock.now += 10
    assert read(kinesis, iterator(kinesis, kind="AT_TIMESTAMP", at=clock.now - 20))[1] == [b"1", b"2"]


def test_an_iterator_expires_after_five_minutes(kinesis: Any, clock: Clock) -> None:
    stream(kinesis)
    place = iterator(kinesis)
    clock.now += 300
    read(kinesis, place)
    clock.now += 1
    with pytest.raises(JsonRESTError) as refused:
        read(kinesis, place)
    assert refused.value.error_type == "ExpiredIteratorException"


def test_records_put_at_once_are_all_kept(kinesis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baler_kinesis.shard.Allowance.take", mock.Mock(return_value=True))
    stream(kinesis, 2)

    def produce(name: int) -> None:
        for index in range(20):
            put(kinesis, *(record(b"%d/%d/%d" % (name, index, each), f"{each}") for each in range(10)))

    threads = [threading.Thread(target=produce, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [data for shard in (FIRST, SECOND) for data in read(kinesis, iterator(kinesis, shard))[1]]
    assert len(found) == len(set(found)) == 8 * 20 * 10


def test_a_shard_takes_1000_records_a_second_and_the_answer_names_those_that_it_has_not_taken(
    kinesis: Any, clock: Clock
) -> None:
    stream(kinesis)
    answers = [put(kinesis, *[record()] * 500) for _ in range(3)]
    assert [answer["FailedRecordCount"] for answer in answers] == [0, 0, 500]
    refused = answers[2]["Records"][0]
    assert refused["ErrorCode"] == "ProvisionedThroughputExceededException"
    assert (
        refused["ErrorMessage"]
        == "Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000."
    )
    clock.now += 0.1
    assert put(kinesis, *[record()] * 150)["FailedRecordCount"] == pytest.approx(50, abs=1)


def test_a_shard_takes_a_mebibyte_a_second(kinesis: Any, clock: Clock) -> None:
    stream(kinesis)
    half = record(b"x" * (MEBIBYTE // 2 - 1))
    answer = put(kinesis, half, half, record(), half)
    assert ["ErrorCode" in each for each in answer["Records"]] == [False, False, True, True]
    clock.now += 1
    assert put(kinesis, half)["FailedRecordCount"] == 0
    kinesis.put_record(None, "s", "k", "", encoded(b"x"))
    with pytest.raises(JsonRESTError) as refused:
        kinesis.put_record(None, "s", "k", "", half["Data"])
    assert refused.value.error_type == "ProvisionedThroughputExceededException"


def test_a_shard_that_is_busy_keeps_no_other_from_taking_records(kinesis: Any) -> None:
    kinds = stream(kinesis, 2)
    keys = {kinds.get_shard_for_key(f"{index}", "").shard_id: f"{index}" for index in range(20)}
    put(kinesis, *[record(key=keys[FIRST])] * 500)
    put(kinesis, *[record(key=keys[FIRST])] * 500)
    answer = put(kinesis, record(key=keys[FIRST]), record(key=keys[SECOND]))
    assert ["ErrorCode" in each for each in answer["Records"]] == [True, False]


@pytest.mark.parametrize(("size", "taken"), [(MEBIBYTE - 2, True), (MEBIBYTE - 1, True), (MEBIBYTE, False)])
def test_a_record_has_at_most_a_mebibyte_with_its_key(kinesis: Any, size: int, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    stream(kinesis)
    if taken:
        assert put(kinesis, record(b"x" * size))["FailedRecordCount"] == 0
        return
    with pytest.raises(JsonRESTError, match="1048576"):
        put(kinesis, record(), record(b"x" * size))
    assert read(kinesis, iterator(kinesis))[1] == []


def test_a_call_has_at_most_500_records_and_5_mebibytes(kinesis: Any) -> None:
    stream(kinesis)
    with pytest.raises(JsonRESTError, match="500"):
        put(kinesis, *[record()] * 501)
    with pytest.raises(JsonRESTError, match="5 MB"):
        put(kinesis, *[record(b"x" * (MEBIBYTE - 1))] * 5, record())


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_a_key_has_between_1_and_256_characters(kinesis: Any, key: str) -> None:
    stream(kinesis)
    with pytest.raises(JsonRESTError):
        put(kinesis, record(), record(key=key))
    assert read(kinesis, iterator(kinesis))[1] == []
    put(kinesis, record(key="ü" * 256))


def test_a_shard_is_read_five_times_a_second(kinesis: Any, clock: Clock) -> None:
    stream(kinesis)
    place = iterator(kinesis)
    for _ in range(5):
        read(kinesis, place)
    with pytest.raises(JsonRESTError) as refused:
        read(kinesis, place)
    assert refused.value.error_type == "ProvisionedThroughputExceededException"
    clock.now += 0.2
    read(kinesis, place)


def test_a_read_answers_10_mebibytes_at_most_and_the_next_one_waits_for_it(kinesis: Any, clock: Clock) -> None:
    stream(kinesis)
    for _ in range(12):
        put(kinesis, record(b"x" * (MEBIBYTE - 1)))
        clock.now += 1
    following, found = read(kinesis, iterator(kinesis))
    assert len(found) == 10
    clock.now += 3
    with pytest.raises(JsonRESTError):
        read(kinesis, str(following))
    clock.now += 2
    assert len(read(kinesis, str(following))[1]) == 2


def test_records_that_are_older_than_the_retention_period_are_gone(kinesis: Any, clock: Clock) -> None:
    stream(kinesis)
    put(kinesis, record(b"old"))
    clock.now += 2 * HOUR
    put(kinesis, record(b"new"))
    clock.now += 22 * HOUR
    assert read(kinesis, iterator(kinesis))[1] == [b"old", b"new"]
    clock.now += 1
    assert read(kinesis, iterator(kinesis))[1] == [b"new"]


def test_a_shard_that_is_split_keeps_its_records_takes_no_more_and_ends(kinesis: Any) -> None:
    shards = stream(kinesis)
    put(kinesis, record(b"before"))
    kinesis.update_shard_count(None, "s", 2)
    answer = put(kinesis, *(record(b"after", f"{index}") for index in range(20)))
    children = {each["ShardId"] for each in answer["Records"]}
    assert children == {SECOND, "shardId-000000000002"}
    assert read(kinesis, iterator(kinesis)) == (None, [b"before"])
    for child in children:
        assert shards.shards[child].parent == FIRST
        assert int(answer["Records"][0]["SequenceNumber"]) > shards.shards[FIRST].last_number
    assert "EndingSequenceNumber" in shards.shards[FIRST].to_json()["SequenceNumberRange"]


def test_shards_that_are_merged_have_one_child_that_takes_all_keys(kinesis: Any) -> None:
    shards = stream(kinesis, 2)
    kinesis.update_shard_count(None, "s", 1)
    (child,) = {each["ShardId"] for each in put(kinesis, *(record(key=f"{i}") for i in range(20)))["Records"]}
    assert {shards.shards[child].parent, shards.shards[child].adjacent_parent} == {FIRST, SECOND}
    assert read(kinesis, iterator(kinesis, FIRST)) == (None, [])


@pytest.mark.parametrize(("shards", "target"), [(2, 5), (4, 1)])
def test_shards_at_most_double_and_at_most_halve_in_one_step(kinesis: Any, shards: int, target: int) -> None:
    stream(kinesis, shards)
    with pytest.raises(JsonRESTError):
        kinesis.update_shard_count(None, "s", target)


@pytest.mark.parametrize(("shards", "target"), [(2, 3), (3, 2), (3, 6), (5, 3)])
def test_whatever_the_count_becomes_every_hash_has_one_open_shard(kinesis: Any, shards: int, target: int) -> None:
    made = stream(kinesis, shards)
    kinesis.update_shard_count(None, "s", target)
    ranges = sorted((shard.starting_hash, shard.ending_hash) for shard in made.shards.values() if shard.is_open)
    assert len(ranges) == target
    assert (ranges[0][0], ranges[-1][1]) == (0, 2**128 - 1)
    assert all(low[1] + 1 == high[0] for low, high in pairwise(ranges))
