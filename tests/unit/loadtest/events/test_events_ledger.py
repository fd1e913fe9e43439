from __future__ import annotations

from loadtest.events.ledger import EventLedger, Place, SentEvent

ONE, TWO = Place("shard", "1"), Place("shard", "2")


def test_a_latency_is_from_the_stream_to_the_processed_object_whichever_is_known_first() -> None:
    ledger = EventLedger()

    assert ledger.note_processed([ONE], 10.0) == []
    assert ledger.note_sent({ONE: SentEvent(0, 0.0, 4.0), TWO: SentEvent(1, 0.0, 5.0)}) == [6.0]
    assert ledger.note_processed([TWO], 12.0) == [7.0]


def test_what_the_stream_took_and_nobody_saw_processed_is_missing() -> None:
    ledger = EventLedger()
    ledger.note_sent({ONE: SentEvent(0, 0.0, 4.0), TWO: SentEvent(1, 0.0, 5.0)})
    ledger.note_processed([TWO], 12.0)

    assert ledger.missing == {ONE}


def test_an_event_in_two_objects_is_there_twice_and_its_first_latency_counts() -> None:
    ledger = EventLedger()
    ledger.note_sent({ONE: SentEvent(0, 0.0, 4.0)})
    ledger.note_processed([ONE], 10.0)

    assert ledger.note_processed([ONE], 20.0) == []
    assert (ledger.twice, ledger.latency(ONE)) == ({ONE}, 6.0)
