"""What the producer promises: every record once if the stream answers, in the order of its key, nothing cut or lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from baler.events.producer.call import MOST_BYTES, next_call
from baler.events.producer.outgoing_record import LARGEST_RECORD, OutgoingRecord, RecordRefusal, RecordRefusedError
from baler.events.producer.ports import StreamRefusedError
from baler.events.producer.producer import Producer
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conftest import ScriptedStream, StillClock

GOOD = {"event_type": "metric", "timestamp": "2026-11-20T09:30:00Z", "value": 1}


@pytest.mark.requirement("EVENT-PRODUCER-01")
def test_exactly_the_refused_records_are_sent_again(
    producer: Callable[..., Producer], stream: ScriptedStream, clock: StillClock
) -> None:
    stream.script = [[True, False, True, False]]
    with producer() as sending:
        for letter in "abcd":
            sending.send(letter.encode(), letter)

    assert [[record.data for record in call] for call in stream.calls] == [[b"a", b"b", b"c", b"d"], [b"b", b"d"]]
    found = sending.statistics
    assert (found.sent, found.sent_bytes, found.retried, found.calls, found.unanswered) == (4, 8, 2, 2, 0)
    assert clock.waits == [0.1]


def test_records_of_a_key_stay_in_their_order_whatever_is_refused(
    producer: Callable[..., Producer], stream: ScriptedStream
) -> None:
    rng = random.Random(7)  # noqa: S311 - a seed makes the test the same each time
    sending = producer(20)

    def put(records: Sequence[OutgoingRecord]) -> Sequence[bool]:
        answer = [rng.random() < 0.6 for _ in records]
        stream.kept += [record for record, taken in zip(records, answer, strict=True) if taken]
        return answer

    stream.put = put
    for number in range(300):
        sending.send(f"{number:04}".encode(), f"key-{number % 7}")
    sending.flush()

    assert len(stream.kept) == 300
    for key in {record.partition_key for record in stream.kept}:
        of_key = [record.data for record in stream.kept if record.partition_key == key]
        assert of_key == sorted(of_key)


def test_a_call_without_an_answer_is_sent_again_and_counted_as_perhaps_twice(
    producer: Callable[..., Producer], stream: ScriptedStream
) -> None:
    stream.script, stream.lost_answer = [None], Unavailable("timed out")
    with producer() as sending:
        sending.send(b"a", "k")

    assert stream.data() == [b"a", b"a"]
    assert (sending.statistics.sent, sending.statistics.unanswered, sending.statistics.retried) == (1, 1, 1)


def test_a_call_that_was_refused_as_a_whole_is_not_counted_as_perhaps_twice(
    producer: Callable[..., Producer], stream: ScriptedStream
) -> None:
    stream.script = [Refused("throttled", "LimitExceededException")]
    with producer() as sending:
        sending.send(b"a", "k")

    assert (stream.data(), sending.statistics.unanswered, sending.statistics.retried) == ([b"a"], 0, 1)


def test_it_waits_longer_while_nothing_is_taken_and_gives_up_with_all_it_holds(
    producer: Callable[..., Producer], stream: ScriptedStream, clock: StillClock
) -> None:
    stream.script = [[False] for _ in range(1000)]
    sending = producer()
    sending.send(b"a", "k")
    with pytest.raises(Refused, match="takes no record"):
        sending.flush()

    assert clock.waits[:8] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]
    assert 60 <= clock.now - 100 < 66
    assert [record.data for record in sending.waiting] == [b"a"]
    stream.script.clear()
    sending.flush()
    assert (stream.data(), list(sending.waiting)) == ([b"a"], [])


def test_patience_begins_anew_with_every_record_that_is_taken(
    producer: Callable[..., Producer], stream: ScriptedStream
) -> None:
    stream.script = [[True, *[False] * (99 - taken)] for taken in range(100)]
    with producer() as sending:
        for number in range(100):
            sending.send(b"x", str(number))
    assert (sending.statistics.sent, sending.statistics.calls) == (100, 100)


def test_a_stream_that_refuses_us_is_asked_once(producer: Callable[..., Producer], stream: ScriptedStream) -> None:
    stream.script = [StreamRefusedError("AccessDenied")]
    sending = producer()
    sending.send(b"a", "k")
    with pytest.raises(StreamRefusedError):
        sending.flush()
    assert (len(stream.calls), len(sending.waiting)) == (1, 1)


@pytest.mark.parametrize(
    ("data", "key", "reason"),
    [
        (bytes(LARGEST_RECORD), "k", RecordRefusal.RECORD_TOO_LARGE),
        (bytes(LARGEST_RECORD - 3), "é€"[:2], RecordRefusal.RECORD_TOO_LARGE),
        (b"x", "k" * 257, RecordRefusal.PARTITION_KEY_TOO_LONG),
        (b"x", "", RecordRefusal.PARTITION_KEY_EMPTY),
        (b"x", "\ud800", RecordRefusal.PARTITION_KEY_NOT_TEXT),
    ],
)
def test_what_is_beyond_a_limit_is_refused_by_name_and_counted(
    producer: Callable[..., Producer], stream: ScriptedStream, data: bytes, key: str, reason: RecordRefusal
) -> None:
    with producer() as sending:
        sending.send(b"before", "k")
        with pytest.raises(RecordRefusedError, match=reason):
            sending.send(data, key)
        sending.send(b"after", "k")

    assert sending.statistics.refused == {reason: 1}
    assert stream.data() == [b"before", b"after"]


@pytest.mark.parametrize("data", [bytes(LARGEST_RECORD - 1), bytes(LARGEST_RECORD - 2)])
def test_what_is_at_the_limit_is_sent_whole(
    producer: Callable[..., Producer], stream: ScriptedStream, data: bytes
) -> None:
    with producer() as sending:
        sending.send(data, "k")
        sending.send(b"", "k" * 256)
    assert stream.data() == [data, b""]


def test_twenty_records_of_a_mebibyte_go_by_five(producer: Callable[..., Producer], stream: ScriptedStream) -> None:
    with producer() as sending:
        for number in range(20):
            sending.send(bytes(LARGEST_RECORD - 2), f"{number:02}")
            assert sum(record.size for record in sending.waiting) < MOST_BYTES
    assert [len(call) for call in stream.calls] == [5, 5, 5, 5]


def test_a_call_takes_500_records_at_most(producer: Callable[..., Producer], stream: ScriptedStream) -> None:
    with producer() as sending:
        for number in range(1201):
            sending.send(b"x", str(number))
    assert [len(call) for call in stream.calls] == [500, 500, 201]
    for wrong in (0, 501):
        with pytest.raises(ValueError, match="1 to 500"):
            Producer(stream, most_records=wrong)


def test_what_does_not_fit_holds_its_key_back() -> None:
    large = bytes(LARGEST_RECORD - 3)
    waiting = [OutgoingRecord(large, f"k{number}") for number in range(5)] + [
        OutgoingRecord(bytes(100), "late"),
        OutgoingRecord(b"", "late"),
        OutgoingRecord(b"", "x"),
    ]
    assert next_call(waiting) == [0, 1, 2, 3, 4, 7]


def test_an_event_that_would_be_rejected_is_not_sent(producer: Callable[..., Producer], stream: ScriptedStream) -> None:
    with producer() as sending:
        for wrong, reason, field in (
            ({**GOOD, "value": float("nan")}, "number_out_of_range", "value"),
            ({**GOOD, "timestamp": 1_700_000_000}, "bad_timestamp", "timestamp"),
            ({**GOOD, "event_type": "Metric"}, "unknown_event_type", "event_type"),
            ({**GOOD, "metric_name": "\ud800"}, "lone_surrogate", ""),
        ):
            with pytest.raises(RecordRefusedError) as caught:
                sending.send_event(wrong, "k")
            assert (caught.value.reason, caught.value.field) == (reason, field)
        sending.send_event(GOOD, "k")
    assert stream.data() == [b'{"event_type":"metric","timestamp":"2026-11-20T09:30:00Z","value":1}']
    assert sending.statistics.refused.total() == 4


def test_a_block_that_failed_sends_nothing_more(producer: Callable[..., Producer], stream: ScriptedStream) -> None:
    sending = producer()
    sending.send(b"a", "k")
    with pytest.raises(RecordRefusedError), sending:
        sending.send(b"b", "")
    assert stream.calls == []
