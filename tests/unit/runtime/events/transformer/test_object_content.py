from __future__ import annotations

import json

import pytest
from harness.event_functions import event_of
from harness.stream_records import record

from baler.events.parsing.parse import parse
from baler.events.raw_object import ForeignObjectError
from baler.events.transformation import Thresholds
from runtime.events.transformer.object_content import ObjectTransform

TRANSFORM = ObjectTransform(Thresholds(), lambda: 1_705_314_660.1234)


def raw(*amounts: float) -> bytes:
    parsed = parse([record(event_of(amount), number) for number, amount in enumerate(amounts, 1)])
    return b"".join(event.line + b"\n" for event in parsed.events)


def test_all_lines_of_an_object_say_the_same_moment_and_the_first_one_when_it_arrived() -> None:
    content = TRANSFORM(raw(1, 2, 3))
    lines = [json.loads(line) for line in content.body.splitlines()]
    assert (content.events, len(lines)) == (3, 3)
    assert {line["processed_timestamp"] for line in lines} == {"2024-01-15T10:31:00.123000Z"}
    assert content.first_arrived_at == lines[0]["original_data"]["kinesis"]["arrived_at"] == 1705314601.5


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"[]\n", b"{}\n", b'{"event_type":"metric"}\n', b"\xff\n", raw(1) + b"x\n"]
)
def test_an_object_whose_lines_no_processor_writes_is_refused(body: bytes) -> None:
    with pytest.raises(ForeignObjectError):
        TRANSFORM(body)
