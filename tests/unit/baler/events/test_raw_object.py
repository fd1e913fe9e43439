"""Names of objects: what they say is what the objects hold, and nothing of a producer's is in them."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest
from harness.stream_records import record

from baler.events.event_types import EVENT_TYPES
from baler.events.parsing.parse import parse
from baler.events.partition import Partition
from baler.events.raw_object import ForeignObjectError, raw_object_name, raw_objects, rejected_object

SHARD = "1700000000.shardId-000000000000"
FIRST, LAST = f"{1:056}", f"{9:056}"


def event(event_type: str, moment: str, number: int) -> bytes:
    return json.dumps({"timestamp": moment, "event_type": event_type, "amount": 1, "value": number}).encode()


BATCH = [
    record(event("transaction", "2024-01-15T23:30:00-05:00", 1), 1),
    record(event("metric", "2024-01-15T10:30:00Z", 2), 2),
    record(event("transaction", "2024-01-16T04:59:59Z", 3), 3),
]


@pytest.mark.requirement("EVENT-PROCESS-04", "EVENT-RAW-01")
def test_a_batch_makes_an_object_for_each_type_and_hour_with_its_events_in_their_order() -> None:
    events = parse(BATCH).events
    metric, transactions = raw_objects(SHARD, FIRST, LAST, events)
    assert metric.key.startswith(
        f"raw/event_type=metric/year=2024/month=01/day=15/hour=10/data_{SHARD}_{FIRST}_{LAST}_"
    )
    assert transactions.key.startswith("raw/event_type=transaction/year=2024/month=01/day=16/hour=04/data_")
    assert transactions.content == events[0].line + b"\n" + events[2].line + b"\n"
    assert (metric.count, transactions.count) == (1, 2)


@pytest.mark.requirement("EVENT-PROCESS-06")
def test_the_same_batch_makes_the_same_objects_and_another_cut_of_it_others() -> None:
    assert raw_objects(SHARD, FIRST, LAST, parse(BATCH).events) == raw_objects(SHARD, FIRST, LAST, parse(BATCH).events)
    whole = {made.key for made in raw_objects(SHARD, FIRST, LAST, parse(BATCH).events)}
    assert whole.isdisjoint(made.key for made in raw_objects(SHARD, FIRST, LAST, parse(BATCH[:2]).events[1:] * 2))


@pytest.mark.parametrize("shard", [SHARD, "1700000000.redrive-7_f.x"])
def test_a_key_says_what_it_was_made_of(shard: str) -> None:
    events = parse(BATCH).events
    for made in raw_objects(shard, FIRST, LAST, events):
        name = raw_object_name(made.key)
        assert name.partition in {Partition("metric", 2024, 1, 15, 10), Partition("transaction", 2024, 1, 16, 4)}
        assert name.partition.path in made.key
        assert (name.shard_label, name.first, name.last) == (shard, FIRST, LAST)
        name.check(made.content)
        with pytest.raises(ForeignObjectError, match="hash"):
            name.check(made.content + b" ")


def test_a_key_that_the_processor_does_not_make_is_refused() -> None:
    key = raw_objects(SHARD, FIRST, LAST, parse(BATCH).events)[0].key
    others = [
        quote_plus(key, safe="/"),
        key + "\n",
        "x" + key,
        key.replace("metric", "Metric"),
        key.replace("metric", "../metric"),
        key.replace("month=01", "month=1"),
        key.replace("day=15", "day=32"),
        key.replace("hour=10", "hour=24"),
        key.replace("data_", "_data_"),
        key.replace(".json", ".json.gz"),
        key.replace("2024", "２０２４"),  # noqa: RUF001 - that is what is tried
        "",
    ]
    for other in others:
        with pytest.raises(ForeignObjectError):
            raw_object_name(other)


@pytest.mark.requirement("EVENT-RAW-01")
@pytest.mark.parametrize("name", ["a/b", "../x", "metric/year=1999", "metric%2Fx", "Metric", "", "m" * 300])
def test_no_key_holds_a_type_that_is_not_declared(name: str) -> None:
    parsed = parse([record(event(name, "2024-01-15T10:30:00Z", 1))])
    rejected = rejected_object(SHARD, FIRST, LAST, parsed.rejections)
    assert rejected
    assert rejected.key.startswith(f"rejected/year=2024/month=01/day=15/hour=10/data_{SHARD}_{FIRST}_{LAST}_")
    assert raw_objects(SHARD, FIRST, LAST, parsed.events) == ()
    with pytest.raises(ValueError, match="declared"):
        Partition(name, 2024, 1, 15, 10)


def test_a_batch_that_rejects_nothing_makes_no_object_of_it() -> None:
    assert rejected_object(SHARD, FIRST, LAST, []) is None


@pytest.mark.requirement("EVENT-FLOW-02")
def test_what_is_rejected_is_in_one_object_a_line_each() -> None:
    parsed = parse([record(b"", 1), record(b"\n\n", 2)])
    rejected = rejected_object(SHARD, FIRST, LAST, parsed.rejections)
    assert rejected
    assert [json.loads(line)["reason"] for line in rejected.content.splitlines()] == ["empty", "empty"]
    assert rejected.count == 2


def test_the_longest_key_is_one_that_s3_takes() -> None:
    (made,) = raw_objects(f"{'1' * 12}.{'s' * 128}", "9" * 128, "9" * 128, parse(BATCH[:1]).events)
    assert len(made.key) <= 1024
    assert raw_object_name(made.key).last == "9" * 128


def test_declared_types_are_plain_enough_for_keys_and_tables() -> None:
    for name, declared in EVENT_TYPES.items():
        for word in (name, *(field.name for field in declared.fields)):
            assert word == word.lower()
            assert word.replace("_", "").isalnum()
            assert word.isascii()
