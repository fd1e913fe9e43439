from __future__ import annotations

from typing import Final

import pytest

from runtime.events.transformer.batch_objects import BatchObjects, by_batch

_KEY: Final = "raw/event_type={}/year=2026/month=11/day=20/hour=09/data_{}_1_{}_" + "ab" * 32 + ".json"


def key(event_type: str, last: int, shard: str = "17.shardId-0") -> str:
    return _KEY.format(event_type, shard, last)


def test_objects_are_of_one_batch_by_shard_and_last_number() -> None:
    keys = [key("metric", 2), key("transaction", 2), key("metric", 3), key("metric", 2, "18.shardId-0")]
    batches, foreign = by_batch((each, 1.0) for each in keys)
    assert batches == [
        BatchObjects("17.shardId-0", "2", {keys[0]: 1.0, keys[1]: 1.0}),
        BatchObjects("17.shardId-0", "3", {keys[2]: 1.0}),
        BatchObjects("18.shardId-0", "2", {keys[3]: 1.0}),
    ]
    assert foreign == {}


def test_what_is_announced_twice_is_one_object_as_young_as_the_last_says() -> None:
    (batch,), _ = by_batch([(key("metric", 2), 5.0), (key("metric", 2), 7.0), (key("metric", 2), 6.0)])
    assert batch.written_at == {key("metric", 2): 7.0}


@pytest.mark.parametrize("name", ["", "raw/x.json", "raw/event_type=other/data.json", "rejected/x"])
def test_a_key_that_no_processor_makes_is_of_no_batch(name: str) -> None:
    batches, foreign = by_batch([(name, 1.0)])
    assert batches == []
    assert foreign.keys() == {name}
