"""What the line of an event holds, what is in a packed record, and that nothing is lost between the two lists."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from harness.stream_records import packed, record
from hypothesis import given
from hypothesis import strategies as st

from baler.events.event_types import EVENT_TYPES
from baler.events.parsing.parse import parse
from baler.events.raw_object import raw_objects
from baler.events.rejected_line import rejected_line
from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import Parsed, Rejection

GOOD = b'{"timestamp":"2024-01-15T10:30:00Z","event_type":"transaction","amount":12.50}'
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.dictionaries(
    st.sampled_from(["timestamp", "event_type", "amount", "Amount", "value", "kinesis", "x"]),
    JSON | st.sampled_from(["2024-01-15T10:30:00Z", *EVENT_TYPES]),
)


def refuse(constant: str) -> None:
    raise AssertionError(f"the line holds {constant}")


def strict(line: bytes) -> dict[str, Any]:
    """What a line holds, as a reader takes it that knows nothing but the standard."""
    assert b"\n" not in line
    assert b"\r" not in line
    return json.loads(line.decode("utf-8"), parse_constant=refuse)


@pytest.mark.requirement("EVENT-PROCESS-03")
def test_the_line_is_the_producers_text_with_where_it_came_from() -> None:
    (event,) = parse([record(GOOD, number=7, partition_key='a"\u2028é')]).events
    assert event.line.startswith(GOOD[:-1])
    assert strict(event.line)["kinesis"] == {
        "shard_id": "shardId-000000000000",
        "sequence_number": f"{7:056}",
        "sub_sequence": 0,
        "partition_key": 'a"\u2028é',
        "arrived_at": 1705314601.5,
        "record_id": event.record_id,
    }


def test_a_partition_key_that_is_no_text_makes_no_line_unreadable() -> None:
    (event,) = parse([record(GOOD, partition_key="a\ud800")]).events
    assert strict(event.line)["kinesis"]["partition_key"] == "a?"


def test_line_ends_between_tokens_do_not_end_the_line() -> None:
    (event,) = parse([record(b'{\r\n"timestamp":"2024-01-15T10:30:00Z",\n"event_type":"system_event"\n}\n')]).events
    assert strict(event.line)["event_type"] == "system_event"


def test_bytes_that_are_packed_twice_are_two_events_and_plain_neighbours_are_unaffected() -> None:
    parsed = parse([record(GOOD, 1), record(packed([GOOD, GOOD, b'{"x":1}', GOOD]), 2), record(GOOD, 3)])
    assert [(event.record.sequence_number[-1], event.record.sub_sequence) for event in parsed.events] == [
        ("1", 0),
        ("2", 0),
        ("2", 1),
        ("2", 3),
        ("3", 0),
    ]
    assert len({event.record_id for event in parsed.events}) == 5
    assert {event.record.partition_key for event in parsed.events[1:4]} == {"user-1"}
    assert [(found.record.sub_sequence, found.record.data) for found in parsed.rejections] == [(2, b'{"x":1}')]


@pytest.mark.parametrize(
    "message",
    [
        b"\x1a\x05\x08\x00",  # a record that is cut
        b"\x1a\x04\x08\x01\x1a\x00",  # a partition key that is not in the table
        b"\x18\x01",  # a record that is a number
        b"\x0a\x01k\x1a\x02\x08\x00",  # a record without data
        b"\x0b",  # a wire type that there is not
        b"\xff" * 11,  # a number without end
        b"\x0a\x01\xff\x1a\x04\x08\x00\x1a\x00",  # a partition key that is not UTF-8
    ],
)
def test_a_packed_record_that_the_library_does_not_write_is_rejected_as_a_whole(message: bytes) -> None:

    data = b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message, usedforsecurity=False).digest()
    whole = record(data)
    assert parse([whole]) == Parsed(rejections=(Rejection(whole, RejectionReason.KPL_AGGREGATED),))


@pytest.mark.requirement("EVENT-TRANSFORM-04")
def test_the_same_record_has_the_same_id_and_another_place_or_content_another() -> None:
    one = record(GOOD)
    others = [one, record(GOOD, 2), one._replace(sub_sequence=1), one._replace(data=GOOD + b" ")]
    ids = [parse([other]).events[0].record_id for other in others]
    assert len(set(ids)) == 4
    assert parse([one]).events[0].record_id == ids[0]


@given(
    st.binary()
    | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    | FIELDS.map(lambda fields: json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass"))
)
def test_whatever_comes_is_in_one_list_and_its_line_is_json_that_every_reader_takes(data: bytes) -> None:
    parsed = parse([record(data)])
    assert len(parsed.events) + len(parsed.rejections) == 1
    for event in parsed.events:
        assert strict(event.line)["event_type"] == event.type
        (made,) = raw_objects("0.shard", "1", "1", [event])
        assert made.key.startswith(f"raw/event_type={event.type}/year=2")
    for rejection in parsed.rejections:
        line = strict(rejected_line(rejection))
        assert base64.b64decode(line["data"]) == data
        assert line["reason"] == rejection.reason


@given(st.text(min_size=1))
def test_a_rejected_line_is_ascii_and_bounded_beside_the_data_whatever_the_key(key: str) -> None:
    data = json.dumps({key * 50: 1, (key * 50).upper(): float("nan")}).encode()
    (rejection,) = parse([record(data, partition_key=key)]).rejections
    line = rejected_line(rejection)
    assert line.isascii()
    assert len(rejection.field) <= 100
    assert strict(line)["field"] == rejection.field


@pytest.mark.parametrize(
    "hostile",
    [
        b'{"' + b"k" * 400_000 + b'":{' + b",".join(b'"%d":0' % number for number in range(40_000)) + b',"x":NaN}}',
        b'{"a":' * 130_000,
        b"[" * 1_000_000,
        b'{"x":' + b"9" * 1_000_000 + b"}",
        b"{" + b",".join(b'"K%d":0' % number for number in range(80_000)) + b"}",
        b'{"x":"' + b"\\u00e9" * 160_000 + b'"}',
        packed([b""] * 9_999),
        b"\xf3\x89\x9a\xc2" + b"\xff" * 1_000_000,
    ],
    ids=["long path", "objects", "arrays", "digits", "keys", "escapes", "packed", "false packed"],
)
@pytest.mark.timeout(120)
def test_a_record_of_the_largest_size_takes_no_work_that_is_more_than_linear(hostile: bytes) -> None:
    """Each takes less than a second. Work that grows with the square takes longer than the test may, or all memory."""
    parsed = parse([record(hostile)])
    assert parsed.events == ()
    assert parsed.rejections
