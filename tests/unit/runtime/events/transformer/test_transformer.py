from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from simulation_events.workload import STREAM, shard_of

from baler.events.raw_object import raw_objects
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream_record import Event, StreamRecord
from baler.store_errors import Unavailable
from runtime.events.transformer.batch_objects import BatchObjects
from runtime.events.transformer.ports import ProcessedContent
from runtime.events.transformer.transformer import Outcome, Report, Transformer

if TYPE_CHECKING:
    from collections.abc import Collection

    from baler.events.stream.shard_key import ShardKey

SHARD: Final = shard_of(0)
LAST: Final = f"{5:056}"
PATIENCE: Final = 86_400.0
_RECORD: Final = StreamRecord(SHARD.shard_id, LAST, 0, "key", 0.0, b"{}")
_EVENT: Final = Event("metric", datetime(2024, 1, 15, 10, tzinfo=UTC), b"{}", _RECORD, "id")
_TRANSACTION: Final = Event("transaction", datetime(2024, 1, 15, 10, tzinfo=UTC), b"{}", _RECORD, "id")
[OBJECT] = raw_objects(SHARD.label, LAST, LAST, [_EVENT])


SECOND: Final = raw_objects(SHARD.label, LAST, LAST, [_TRANSACTION])[0]


class Bench:
    """The stores of a transformer, and the transformer."""

    def __init__(self, frontier: str, *listed: str) -> None:
        self.at = frontier
        self.listed = listed
        self.raw = {each.key: each.content for each in (OBJECT, SECOND)}
        self.processed: dict[str, bytes] = {}
        self.noted: list[tuple[ShardKey, str, Collection[str]]] = []
        self.silent: set[str] = set()
        self.transformer = Transformer(
            table=self,
            source=self,
            target=self,
            stream=STREAM,
            transform=self.transform,
            patience_seconds=PATIENCE,
        )

    def handle(self, now: float, **written_at: float) -> tuple[Report, ...]:
        """Process the two objects, or those that are named, at a time; return what became of them, in their order."""
        objects = {"first": OBJECT.key, "second": SECOND.key}
        batch = BatchObjects(SHARD.label, LAST, {objects[name]: at for name, at in written_at.items()})
        reports = self.transformer.handle(batch, now)
        assert reports.keys() == batch.written_at.keys()
        return tuple(reports[key] for key in batch.written_at)

    def transform(self, body: bytes) -> ProcessedContent:
        self.answer("transform")
        return ProcessedContent(b"processed " + body, 1, 0.0)

    def answer(self, call: str) -> None:
        if call in self.silent:
            raise Unavailable("no answer")

    def frontier(self, shard: ShardKey) -> str:
        assert shard == SHARD
        self.answer("frontier")
        return self.at

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        return CommittedBatch(shard, "", last, last, self.listed, None, 1, 0, 0.0) if self.listed else None

    def commit(self, batch: CommittedBatch) -> bool:
        raise AssertionError(batch)

    def note_processed(self, shard: ShardKey, last: str, keys: Collection[str]) -> None:
        self.answer("note")
        assert self.processed.keys() >= set(keys), "noted before it is so"
        self.noted.append((shard, last, keys))

    def get(self, key: str) -> bytes | None:
        self.answer(f"get {key}")
        if self.raw.get(key) == b"unexpected":
            raise ZeroDivisionError
        return self.raw.get(key)

    def put(self, key: str, body: bytes) -> None:
        self.processed[key] = body


def test_what_a_batch_lists_is_processed_and_noted_on_it_at_once() -> None:
    bench = Bench(LAST, OBJECT.key, SECOND.key)
    reports = bench.handle(1.0, first=0.0, second=0.0)
    assert [each.outcome for each in reports] == [Outcome.PROCESSED] * 2
    assert bench.processed == {each.key: b"processed " + each.content for each in (OBJECT, SECOND)}
    assert bench.noted == [(SHARD, LAST, [OBJECT.key, SECOND.key])]


def test_an_object_beyond_the_frontier_waits_until_its_batch_can_come_no_more() -> None:
    bench = Bench("")
    late, early = bench.handle(PATIENCE, first=0.0, second=1.0)
    assert (late.outcome, early.outcome) == (Outcome.SKIPPED, Outcome.NOT_YET)
    assert (bench.processed, bench.noted) == ({}, [])


def test_an_orphan_is_skipped_and_stays_beside_an_object_that_is_processed() -> None:
    bench = Bench(LAST, SECOND.key)
    orphan, listed = bench.handle(1.0, first=0.0, second=0.0)
    assert (orphan.outcome, listed.outcome) == (Outcome.SKIPPED, Outcome.PROCESSED)
    assert bench.raw.keys() == {OBJECT.key, SECOND.key}
    assert bench.noted == [(SHARD, LAST, [SECOND.key])]


def test_bytes_that_the_key_was_not_made_of_are_refused() -> None:
    bench = Bench(LAST, OBJECT.key)
    bench.raw[OBJECT.key] = b"other"
    (report,) = bench.handle(1.0, first=0.0)
    assert (report.outcome, bench.processed, bench.noted) == (Outcome.REFUSED, {}, [])
    assert "do not hash" in report.reason


def test_a_listed_object_that_is_gone_is_refused() -> None:
    bench = Bench(LAST, OBJECT.key)
    bench.raw.clear()
    (report,) = bench.handle(1.0, first=0.0)
    assert report.outcome is Outcome.REFUSED


@pytest.mark.parametrize("silent", ["frontier", "note"])
def test_a_table_that_does_not_answer_is_asked_again_for_all_of_a_batch(silent: str) -> None:
    bench = Bench(LAST, OBJECT.key, SECOND.key)
    bench.silent.add(silent)
    reports = bench.handle(1.0, first=0.0, second=0.0)
    assert [(each.outcome, each.reason) for each in reports] == [(Outcome.RETRY, "no answer")] * 2


def test_an_object_that_fails_stops_none_beside_it_and_is_not_noted() -> None:
    bench = Bench(LAST, OBJECT.key, SECOND.key)
    bench.silent.add(f"get {OBJECT.key}")
    silent, other = bench.handle(1.0, first=0.0, second=0.0)
    assert (silent.outcome, other.outcome) == (Outcome.RETRY, Outcome.PROCESSED)
    bench.silent.clear()
    bench.raw[OBJECT.key] = b"unexpected"
    unexpected, other = bench.handle(1.0, first=0.0, second=0.0)
    assert (unexpected.outcome, other.outcome) == (Outcome.RETRY, Outcome.PROCESSED)
    assert isinstance(unexpected.error, ZeroDivisionError)
    assert bench.noted == [(SHARD, LAST, [SECOND.key])] * 2
