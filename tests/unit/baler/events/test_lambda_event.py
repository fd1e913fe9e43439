from __future__ import annotations

from typing import Any

import pytest
from harness.event_functions import ARRIVED_AT, kinesis_event

from baler.events.lambda_event import ForeignEventError, stream_records
from baler.events.stream_record import StreamRecord

STREAM = "arn:aws:kinesis:eu-west-2:000000000000:stream/events"
SHARD = "shardId-000000000007"


def test_records_have_their_shard_their_number_and_their_exact_bytes() -> None:
    first, second = stream_records(kinesis_event(STREAM, SHARD, [b"\x00\xff", b""], first=5), STREAM)
    assert first == StreamRecord(SHARD, f"{5:056}", 0, "key-5", ARRIVED_AT + 5, b"\x00\xff")
    assert (second.sequence_number, second.data) == (f"{6:056}", b"")


def changed(part: str = "", **fields: Any) -> dict[str, Any]:
    """An event of two records, of which the second one has other fields."""
    event = kinesis_event(STREAM, SHARD, [b"a", b"b"])
    second = event["Records"][1]
    (second[part] if part else second).update(fields)
    return event


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        {"Records": [5]},
        {"Records": [{"messageId": "m1", "body": "of a queue"}]},
        changed(eventSourceARN="arn:aws:kinesis:other"),
        changed(eventID="shardId-000000000008:5"),
        changed(eventID=None),
        changed("kinesis", data="a"),
        changed("kinesis", data=5),
        changed(kinesis={}),
    ],
)
def test_an_event_of_another_mapping_is_refused_whole(event: dict[str, Any]) -> None:
    with pytest.raises(ForeignEventError):
        stream_records(event, STREAM)
