from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from baler.events.stream.commit import commit
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.frontier import BEGINNING, beyond, is_beyond
from baler.events.stream.gate import Admission, admit
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Collection

SHARD = ShardKey("arn:aws:kinesis:eu-central-1:123456789012:stream/events", 1_700_000_000, "shardId-000000000000")
BATCH = CommittedBatch(SHARD, BEGINNING, "01", "05", ("raw/a", "raw/b"), None, 5, 0, 0.0)


class TableInMemory:
    """Also writes down what it is asked, in order."""

    def __init__(self) -> None:
        self.frontiers: dict[ShardKey, str] = {}
        self.batches: dict[tuple[ShardKey, str], CommittedBatch] = {}
        self.asked: list[str] = []

    def frontier(self, shard: ShardKey) -> str:
        self.asked.append("frontier")
        return self.frontiers.get(shard, BEGINNING)

    def batch(self, shard: ShardKey, last: str) -> CommittedBatch | None:
        self.asked.append("batch")
        return self.batches.get((shard, last))

    def commit(self, batch: CommittedBatch) -> bool:
        if self.frontier(batch.shard) != batch.after:
            return False
        self.frontiers[batch.shard] = batch.last
        self.batches[batch.shard, batch.last] = batch
        return True

    def note_processed(self, shard: ShardKey, last: str, keys: Collection[str]) -> None:
        raise AssertionError((shard, last, keys))


class LosesTheAnswer(TableInMemory):
    """Commits, and is asked once more by a client that got no answer."""

    def commit(self, batch: CommittedBatch) -> bool:
        super().commit(batch)
        return super().commit(batch)


@pytest.mark.parametrize(
    ("frontier", "last", "key", "admission"),
    [
        (BEGINNING, "05", "raw/a", Admission.NOT_YET),
        ("04", "05", "raw/a", Admission.NOT_YET),
        ("05", "05", "raw/a", Admission.LISTED),
        ("09", "05", "raw/b", Admission.LISTED),
        ("05", "05", "raw/c", Admission.ORPHAN),
        ("05", "03", "raw/a", Admission.ORPHAN),
    ],
)
def test_the_gate_lets_through_what_a_committed_batch_lists(
    frontier: str, last: str, key: str, admission: Admission
) -> None:
    table = TableInMemory()
    table.frontiers[SHARD] = frontier
    table.batches[SHARD, "05"] = BATCH
    assert admit(table, SHARD, last, [key]) == {key: admission}


def test_the_gate_reads_the_frontier_before_the_batch_each_once_for_all_objects() -> None:
    table = TableInMemory()
    table.commit(BATCH)
    table.asked.clear()
    admit(table, SHARD, "05", ["raw/a", "raw/b", "raw/c"])
    assert table.asked == ["frontier", "batch"]


def test_a_stream_that_replaces_another_of_its_name_begins_with_a_frontier_of_its_own() -> None:
    table = TableInMemory()
    table.commit(BATCH)
    replaced = replace(SHARD, created_at=SHARD.created_at + 1)
    assert table.frontier(replaced) == BEGINNING
    assert str(replaced) != str(SHARD)


def test_a_batch_whose_answer_was_lost_is_committed() -> None:
    assert commit(LosesTheAnswer(), BATCH)


def test_a_batch_is_not_committed_where_another_moved_the_frontier() -> None:
    table = TableInMemory()
    table.commit(replace(BATCH, last="03", objects=("raw/c",)))
    assert not commit(table, BATCH)
    assert table.frontiers == {SHARD: "03"}


def test_a_batch_of_the_same_records_with_other_objects_is_anothers() -> None:
    table = TableInMemory()
    table.commit(replace(BATCH, objects=("raw/c",)))
    assert not commit(table, BATCH)


def test_a_record_is_beyond_the_frontier_or_was_committed() -> None:
    records = [StreamRecord(SHARD.shard_id, number, 0, "key", 0.0, b"") for number in ("01", "02", "03")]
    assert [record.sequence_number for record in beyond(records, "02")] == ["03"]
    assert beyond(records, BEGINNING) == records
    assert not is_beyond("02", "02")
