from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from simulation_events.workload import STREAM, shard_of

from baler.events.raw_object import raw_objects
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream_record import Event, StreamRecord
from baler.store_errors import Unavailable
from runtime.events.transformer.ports import ProcessedContent
from runtime.events.transformer.transformer import Outcome, Transformer

if TYPE_CHECKING:
    from baler.events.stream.shard_key import ShardKey

SHARD: Final = shard_of(0)
LAST: Final = f"{5:056}"
PATIENCE: Final = 86_400.0
_RECORD: Final = StreamRecord(SHARD.shard_id, LAST, 0, "key", 0.0, b"{}")
_EVENT: Final = Event("metric", datetime(2024, 1, 15, 10, tzinfo=UTC), b"{}", _RECORD, "id")
[OBJECT] = raw_objects(SHARD.label, LAST, LAST, [_EVENT])


class Bench:
    """The stores of a transformer, and the transformer."""

    def __init__(self, frontier: str, *listed: str) -> None:
        self.at = frontier
        self.listed = listed
        self.raw = {OBJECT.key: OBJECT.content}
        self.processed: dict[str, bytes] = {}
        self.noted: list[tuple[ShardKey, str, str]] = []
        self.silent = False
        self.transformer = Transformer(
            table=self,
            source=self,
            target=self,
            stream=STREAM,
            transform=lambda body: ProcessedContent(b"processed " + body, 1, 0.0),
            patience_seconds=PATIENCE,
        )

    def frontier(self, shard: ShardKey) -> str:
        assert shard == SHARD
        if self.silent:
            raise Unavailable("no answer")
        return self.at

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        return CommittedBatch(shard, "", last, last, self.listed, None, 1, 0, 0.0) if self.listed else None

    def commit(self, batch: CommittedBatch) -> bool:
        raise AssertionError(batch)

    def note_processed(self, shard: ShardKey, last: str, key: str) -> None:
        assert key in self.processed, "noted before it is so"
        self.noted.append((shard, last, key))

    def get(self, key: str) -> bytes | None:
        return self.raw.get(key)

    def put(self, key: str, body: bytes) -> None:
        self.processed[key] = body


def test_what_a_batch_lists_is_processed_and_noted_on_it() -> None:
    bench = Bench(LAST, OBJECT.key)
    assert bench.transformer.handle(OBJECT.key, 0.0, 1.0).outcome is Outcome.PROCESSED
    assert bench.processed == {OBJECT.key: b"processed " + OBJECT.content}
    assert bench.noted == [(SHARD, LAST, OBJECT.key)]


def test_an_object_beyond_the_frontier_waits_until_its_batch_can_come_no_more() -> None:
    bench = Bench("")
    assert bench.transformer.handle(OBJECT.key, 0.0, PATIENCE - 1).outcome is Outcome.NOT_YET
    assert bench.transformer.handle(OBJECT.key, 0.0, PATIENCE).outcome is Outcome.SKIPPED
    assert bench.processed == {}


def test_an_orphan_is_skipped_and_stays() -> None:
    bench = Bench(LAST, "raw/another")
    assert bench.transformer.handle(OBJECT.key, 0.0, 1.0).outcome is Outcome.SKIPPED
    assert bench.raw == {OBJECT.key: OBJECT.content}
    assert bench.processed == {}


def test_bytes_that_the_key_was_not_made_of_are_refused() -> None:
    bench = Bench(LAST, OBJECT.key)
    bench.raw[OBJECT.key] = b"other"
    report = bench.transformer.handle(OBJECT.key, 0.0, 1.0)
    assert (report.outcome, bench.processed) == (Outcome.REFUSED, {})
    assert "do not hash" in report.reason


@pytest.mark.parametrize("key", ["", "raw/x.json", "raw/event_type=other/data.json", "rejected/x"])
def test_a_key_that_no_processor_makes_is_refused(key: str) -> None:
    assert Bench(LAST, key).transformer.handle(key, 0.0, 1.0).outcome is Outcome.REFUSED


def test_a_listed_object_that_is_gone_is_refused() -> None:
    bench = Bench(LAST, OBJECT.key)
    bench.raw.clear()
    assert bench.transformer.handle(OBJECT.key, 0.0, 1.0).outcome is Outcome.REFUSED


def test_a_table_that_does_not_answer_is_asked_again() -> None:
    bench = Bench(LAST, OBJECT.key)
    bench.silent = True
    report = bench.transformer.handle(OBJECT.key, 0.0, 1.0)
    assert (report.outcome, report.reason) == (Outcome.RETRY, "no answer")
