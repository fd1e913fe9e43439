"""What a sweep removes, and above all what it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from harness.coverage_in_memory import CoverageInMemory

from baler.events.parsing.parse import parse
from baler.events.processed_object import processed_key
from baler.events.raw_object import StreamObject, raw_objects
from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun, pseudo_shard
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord
from runtime.events.sweeper.ports import ObjectVersion, VersionedObject
from runtime.events.sweeper.raw_lines import sequence_numbers
from runtime.events.sweeper.sweeper import Sweeper, SweepReport, UntrustedTableError

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARD = ShardKey("arn:aws:kinesis:eu-central-1:123456789012:stream/events", 1_700_000_000, "shardId-000000000000")
NOW, PATIENCE = 1_700_900_000.0, 90_000
OLD = NOW - PATIENCE
ORPHANED = range(1, 11)


def number(value: int) -> str:
    return f"{value:056}"


def raw_object(numbers: range, shard: ShardKey = SHARD) -> StreamObject:
    """Return the one object that an attempt makes of some records."""
    data = b'{"event_type":"metric","timestamp":"2026-11-26T10:00:00Z","value":1}'
    records = [StreamRecord(SHARD.shard_id, number(each), 0, "key", 0.0, data) for each in numbers]
    (made,) = raw_objects(shard.label, number(numbers[0]), number(numbers[-1]), parse(records).events)
    return made


def batch(after: int, numbers: range, shard: ShardKey = SHARD, *, events: int = 1) -> CommittedBatch:
    objects = (raw_object(numbers, shard).key,) if events else ()
    start = number(after) if after else ""
    return CommittedBatch(shard, start, number(numbers[0]), number(numbers[-1]), objects, None, events, 0, 0.0)


@dataclass
class Versions:
    """The raw store."""

    versions: dict[str, tuple[ObjectVersion, ...]] = field(default_factory=dict[str, tuple[ObjectVersion, ...]])
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    removed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def add(self, each: StreamObject, *versions: ObjectVersion) -> None:
        self.versions[each.key] = versions or (ObjectVersion("v1", OLD),)
        self.contents[each.key] = each.content

    def below(self, prefix: str) -> Iterator[VersionedObject]:
        return (VersionedObject(key, found) for key, found in self.versions.items() if key.startswith(prefix))

    def read(self, key: str) -> bytes | None:
        return self.contents.get(key)

    def remove(self, key: str, version_id: str) -> None:
        self.removed.append((key, version_id))


@dataclass
class Names:
    """The processed store."""

    names: set[str] = field(default_factory=set[str])

    def has(self, key: str) -> bool:
        return key in self.names


@pytest.fixture
def table() -> CoverageInMemory:
    """Records 1 to 10 are committed as two halves."""
    made = CoverageInMemory()
    made.commit(batch(0, range(1, 6)))
    made.commit(batch(5, range(6, 11)))
    return made


@pytest.fixture
def raw() -> Versions:
    """What an attempt at all ten left, which did not commit, and what the two batches list."""
    made = Versions()
    for numbers in (ORPHANED, range(1, 6), range(6, 11)):
        made.add(raw_object(numbers))
    return made


@pytest.fixture
def processed() -> Names:
    return Names()


@pytest.fixture
def sweeper(table: CoverageInMemory, raw: Versions, processed: Names) -> Sweeper:
    return Sweeper(
        table=table,
        raw=raw,
        processed=processed,
        stream=SHARD.stream,
        sequence_numbers=sequence_numbers,
        patience_seconds=PATIENCE,
        lifetime_seconds=math.inf,
    )


def sweep(sweeper: Sweeper) -> SweepReport:
    return sweeper.sweep("raw/", lambda: NOW, NOW + 60)


ORPHAN = raw_object(ORPHANED).key


@pytest.mark.requirement("EVENT-PROCESS-06")
def test_what_an_attempt_left_whose_records_others_hold_goes_by_its_version(sweeper: Sweeper, raw: Versions) -> None:
    assert sweep(sweeper) == SweepReport(objects=3, removed=1)
    assert raw.removed == [(ORPHAN, "v1")]


def test_a_dry_run_removes_nothing_and_says_how_many(sweeper: Sweeper, raw: Versions) -> None:
    assert sweep(replace(sweeper, dry_run=True)).removed == 1
    assert not raw.removed


@pytest.mark.parametrize("frontier", [4, 5, 9])
def test_what_a_restored_table_does_not_cover_stays_and_is_named(
    sweeper: Sweeper, raw: Versions, table: CoverageInMemory, frontier: int
) -> None:
    table.frontiers[SHARD] = number(frontier)
    del table.batches[SHARD, number(10)]
    report = sweep(sweeper)
    assert not raw.removed
    assert set(report.uncovered) == {ORPHAN, raw_object(range(6, 11)).key}


def test_what_an_empty_table_says_nothing_of_stays(sweeper: Sweeper, raw: Versions, table: CoverageInMemory) -> None:
    table.frontiers.clear()
    table.batches.clear()
    assert len(sweep(sweeper).uncovered) == 3
    assert not raw.removed


def test_a_gap_behind_the_frontier_is_no_orphan(sweeper: Sweeper, raw: Versions, table: CoverageInMemory) -> None:
    # The reader began behind record 6, and record 6 is in that object alone.
    table.batches[SHARD, number(10)] = replace(batch(5, range(7, 11)))
    raw.versions = {ORPHAN: (ObjectVersion("v1", OLD),)}
    assert sweep(sweeper).uncovered == (ORPHAN,)
    assert not raw.removed


def test_a_fence_covers_nothing(sweeper: Sweeper, raw: Versions, table: CoverageInMemory) -> None:
    table.batches[SHARD, number(10)] = batch(5, range(6, 11), events=0)
    raw.versions = {ORPHAN: (ObjectVersion("v1", OLD),)}
    assert sweep(sweeper).uncovered == (ORPHAN,)


@pytest.mark.parametrize("ages", [(PATIENCE - 1,), (PATIENCE - 1, 10 * PATIENCE)])
def test_what_was_put_within_the_patience_stays(sweeper: Sweeper, raw: Versions, ages: tuple[int, ...]) -> None:
    raw.versions[ORPHAN] = tuple(ObjectVersion(f"v{age}", NOW - age) for age in ages)
    assert sweep(sweeper) == SweepReport(objects=3)
    assert not raw.removed


def test_older_versions_go_before_the_current_one(sweeper: Sweeper, raw: Versions) -> None:
    raw.versions[ORPHAN] = (ObjectVersion("now", OLD), ObjectVersion("before", OLD - 1), ObjectVersion("first", 0.0))
    sweep(sweeper)
    assert [version for _, version in raw.removed] == ["first", "before", "now"]


def test_what_s3_removes_by_itself_is_left_to_it(sweeper: Sweeper, table: CoverageInMemory) -> None:
    table.batches.clear()  # their items have ended too
    assert sweep(replace(sweeper, lifetime_seconds=PATIENCE - 1)) == SweepReport(objects=3)


def test_a_processed_object_that_no_batch_lists_stops_everything(
    sweeper: Sweeper, raw: Versions, processed: Names
) -> None:
    processed.names.add(processed_key(ORPHAN))
    with pytest.raises(UntrustedTableError, match="no batch lists it any more"):
        sweep(sweeper)
    assert not raw.removed


@pytest.mark.parametrize("content", [b"other bytes\n", None])
def test_what_cannot_be_read_or_is_not_what_its_name_says_stays(
    sweeper: Sweeper, raw: Versions, content: bytes | None
) -> None:
    del raw.contents[ORPHAN]
    if content is not None:
        raw.contents[ORPHAN] = content
    assert sweep(sweeper).unreadable == (ORPHAN,)
    assert not raw.removed


def test_a_name_that_nobody_makes_stays(sweeper: Sweeper, raw: Versions) -> None:
    raw.versions["raw/by-hand.json"] = (ObjectVersion("v1", OLD),)
    assert sweep(sweeper).unreadable == ("raw/by-hand.json",)


def test_what_a_redrive_left_goes_once_another_has_brought_the_records_back(
    sweeper: Sweeper, raw: Versions, table: CoverageInMemory
) -> None:
    run = RecoveryRun(RecoveryKind.REDRIVE, datetime(2026, 11, 20, tzinfo=UTC), "0a1b2c")
    died, second = (pseudo_shard(each, SHARD, number(11)) for each in (run, replace(run, unique="ffffff")))
    left = raw_object(range(11, 14), died)
    raw.versions.clear()
    raw.add(left)
    table.commit(batch(10, range(11, 14), events=0))
    assert sweep(sweeper).uncovered == (left.key,)
    table.commit_recovery(batch(0, range(11, 14), second), SHARD, 0)
    raw.add(raw_object(range(11, 14), second))
    # Another run: a sweeper reads each frontier once.
    report = sweep(replace(sweeper, _frontiers={}))
    assert (report.removed, report.uncovered) == (1, ())
    assert raw.removed == [(left.key, "v1")]


def test_a_table_that_is_being_copied_back_does_not_make_an_orphan_of_what_it_will_list(
    sweeper: Sweeper, raw: Versions, table: CoverageInMemory
) -> None:
    run = RecoveryRun(RecoveryKind.REDRIVE, datetime(2026, 11, 20, tzinfo=UTC), "0a1b2c")
    recovered = pseudo_shard(run, SHARD, number(11))
    raw.versions.clear()
    raw.add(raw_object(range(11, 14), recovered))
    table.commit(batch(10, range(11, 14), events=0))
    table.commit_recovery(batch(0, range(11, 14), recovered), SHARD, 0)
    # The note on the shard is there already, and the batch is not.
    del table.batches[recovered, number(13)]
    assert len(sweep(sweeper).uncovered) == 1
    assert not raw.removed


def test_it_ends_in_time(sweeper: Sweeper, raw: Versions) -> None:
    assert sweeper.sweep("raw/", lambda: NOW, NOW) == SweepReport(is_finished=False)
    assert not raw.removed
