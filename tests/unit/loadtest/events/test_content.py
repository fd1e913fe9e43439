from __future__ import annotations

from collections import Counter

from baler.events.parsing.parse import parse
from baler.events.stream_record import StreamRecord
from loadtest.events.content import event_of, partition_key_of


def test_every_event_of_a_load_is_a_good_one_of_each_type_in_turn_and_like_no_other() -> None:
    contents = [event_of("run", number, 1764164701.5) for number in range(4000)]

    parsed = parse(StreamRecord("shard", "1", 0, partition_key_of(0), 1764164701.5, content) for content in contents)

    assert not parsed.rejections
    assert set(Counter(event.type for event in parsed.events).values()) == {1000}
    assert len(set(contents)) == 4000
    assert max(map(len, contents)) < 300
