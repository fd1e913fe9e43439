from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from harness.coverage_in_memory import CoverageInMemory, RawInMemory

from baler.events.parsing.parse import parse
from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun, origin_of
from baler.events.recovery.span import Span
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.gate import Admission, admit
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord
from runtime.events.processor.crash_counter import CrashCounter
from runtime.events.processor.processor import Processor
from runtime.events.recovery.recovery import Recovery, RecoveryReport

if TYPE_CHECKING:
    from baler.events.stream.ports import StreamTable

SHARD = ShardKey("arn:aws:kinesis:eu-central-1:123456789012:stream/events", 1_700_000_000, "shardId-000000000000")
REDRIVE = RecoveryRun(RecoveryKind.REDRIVE, datetime(2026, 11, 26, 13, 45, tzinfo=UTC), "0a1b2c")
REPLAY = replace(REDRIVE, kind=RecoveryKind.REPLAY)
LATER_REDRIVE = replace(REDRIVE, unique="ffffff")
NOW, UNTIL = 1_700_000_100.0, 1_700_000_400.0
TIMES = {"until": UNTIL, "deadline": UNTIL}


def record(number: int, data: bytes = b"") -> StreamRecord:
    good = b'{"event_type":"metric","timestamp":"2026-11-26T10:00:00Z","value":%d}' % number
    return StreamRecord(SHARD.shard_id, f"{number:056}", 0, "key", 1_700_000_000.0, data or good)


def number(value: int) -> str:
    return f"{value:056}"


class NoRuns:
    def begin(self, shard: ShardKey, sequence_number: str, run_id: str) -> int:
        del shard, sequence_number, run_id
        return 0

    def end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None: ...


@pytest.fixture
def table() -> CoverageInMemory:
    """A shard of which records 1 to 4 and 8 to 10 are committed, and 5 to 7 were given up."""
    made = CoverageInMemory()
    made.commit(CommittedBatch(SHARD, "", number(1), number(4), ("raw/a",), None, 4, 0, 0.0))
    made.commit(CommittedBatch(SHARD, number(4), number(8), number(10), ("raw/b",), None, 3, 0, 0.0))
    return made


@pytest.fixture
def raw() -> RawInMemory:
    return RawInMemory()


@pytest.fixture
def recovery(table: CoverageInMemory, raw: RawInMemory) -> Recovery:
    return over(table, raw)


def over(table: CoverageInMemory, raw: RawInMemory) -> Recovery:
    runs = count()

    def processor(stream_table: StreamTable) -> Processor:
        crashes = CrashCounter(NoRuns(), lambda _when, _call: lambda: None, lambda: str(next(runs)))
        return Processor(stream_table, raw, parse, crashes)

    return Recovery(table, processor, lambda _batch: None, lambda: NOW)


def events_of(table: CoverageInMemory, raw: RawInMemory) -> list[str]:
    """Return the sequence numbers of all events that a reader may see, those of the two first batches aside."""
    seen: list[str] = []
    for batch in table.batches.values():
        for key in batch.objects:
            if key in raw.objects:
                assert admit(table, batch.shard, batch.last, key) is Admission.LISTED
                seen += [line.split(b'"sequence_number":"')[1][:56].decode() for line in raw.objects[key].splitlines()]
    return sorted(seen)


def test_records_that_were_given_up_are_committed_under_a_pseudo_shard(
    recovery: Recovery, table: CoverageInMemory, raw: RawInMemory
) -> None:
    given_up = [record(5), record(6, b"no json"), record(7)]

    report = recovery.recover(REDRIVE, SHARD, given_up, 100, **TIMES)

    assert report == RecoveryReport(recovered=3, events=2, rejections=1)
    assert table.frontiers[SHARD] == number(10)
    (shard,) = [shard for shard in table.frontiers if shard != SHARD]
    assert origin_of(shard) == SHARD
    assert table.recovered[SHARD] == [Span(number(5), number(7))]
    assert events_of(table, raw) == [number(5), number(7)]


@pytest.mark.parametrize("again", [REDRIVE, LATER_REDRIVE, REPLAY])
def test_what_is_recovered_is_not_recovered_again(
    recovery: Recovery, table: CoverageInMemory, raw: RawInMemory, again: RecoveryRun
) -> None:
    records = [record(each) for each in (5, 6, 7)]
    recovery.recover(REDRIVE, SHARD, records, 100, **TIMES)

    assert recovery.recover(again, SHARD, records, 100, **TIMES) == RecoveryReport(covered=3)
    assert events_of(table, raw) == [number(each) for each in (5, 6, 7)]


def test_of_a_range_only_what_no_batch_covers_is_taken(
    recovery: Recovery, table: CoverageInMemory, raw: RawInMemory
) -> None:
    report = recovery.recover(REPLAY, SHARD, [record(each) for each in range(3, 10)], 100, **TIMES)

    assert report == RecoveryReport(covered=4, recovered=3, events=3)
    assert events_of(table, raw) == [number(each) for each in (5, 6, 7)]
    assert len(table.recovered[SHARD]) == 1


def test_another_run_that_commits_meanwhile_takes_nothing_twice(table: CoverageInMemory, raw: RawInMemory) -> None:
    records = [record(each) for each in (5, 6, 7)]
    table.before_commit = lambda: _ignored(over(table, raw).recover(LATER_REDRIVE, SHARD, records[1:2], 100, **TIMES))

    report = over(table, raw).recover(REDRIVE, SHARD, records, 100, **TIMES)

    assert report == RecoveryReport(covered=1, recovered=2, events=2)
    assert events_of(table, raw) == [number(each) for each in (5, 6, 7)]


def test_a_batch_that_is_too_large_for_one_goes_in_several(
    recovery: Recovery, table: CoverageInMemory, raw: RawInMemory
) -> None:
    report = recovery.recover(REDRIVE, SHARD, [record(each) for each in (5, 6, 7)], 1, **TIMES)

    assert report == RecoveryReport(recovered=3, events=3)
    assert len(table.recovered[SHARD]) == 3
    assert events_of(table, raw) == [number(each) for each in (5, 6, 7)]


def test_beyond_the_frontier_a_redrive_moves_it_first_and_then_commits_under_a_pseudo_shard(
    recovery: Recovery, table: CoverageInMemory, raw: RawInMemory
) -> None:
    report = recovery.recover(REDRIVE, SHARD, [record(each) for each in (9, 10, 11, 12)], 100, **TIMES)

    assert report == RecoveryReport(covered=2, recovered=2, events=2)
    assert table.frontiers[SHARD] == number(12)
    assert table.recovered[SHARD] == [Span(number(11), number(12))]
    assert events_of(table, raw) == [number(11), number(12)]


def test_beyond_the_frontier_a_replay_leaves_records_to_the_streams_reader(
    recovery: Recovery, table: CoverageInMemory
) -> None:
    records = [record(each) for each in (9, 10, 11, 12)]

    assert recovery.recover(REPLAY, SHARD, records, 100, **TIMES) == RecoveryReport(covered=2, left=2, beyond=2)
    assert table.frontiers == {SHARD: number(10)}


def test_the_frontier_that_moves_meanwhile_takes_nothing_twice(table: CoverageInMemory, raw: RawInMemory) -> None:
    def ordinary_way() -> None:
        table.commit(CommittedBatch(SHARD, number(10), number(11), number(11), ("raw/c",), None, 1, 0, 0.0))

    table.before_commit = ordinary_way

    report = over(table, raw).recover(REDRIVE, SHARD, [record(11), record(12)], 100, **TIMES)

    assert report == RecoveryReport(covered=1, recovered=1, events=1)
    assert events_of(table, raw) == [number(12)]


def test_a_dry_run_counts_and_writes_nothing(recovery: Recovery, table: CoverageInMemory, raw: RawInMemory) -> None:
    records = [record(each) for each in range(4, 13)]

    assert recovery.preview(REDRIVE, SHARD, records) == RecoveryReport(covered=4, recovered=5)
    assert recovery.preview(REPLAY, SHARD, records) == RecoveryReport(covered=4, recovered=3, left=2, beyond=2)
    assert not table.recovered
    assert not raw.objects


@pytest.mark.parametrize("call", ["recoveries", "frontier", "commit"])
def test_a_table_that_does_not_answer_leaves_the_records_for_the_next_try(
    recovery: Recovery, table: CoverageInMemory, raw: RawInMemory, call: str
) -> None:
    records = [record(each) for each in (5, 6, 7)]
    table.silent.add(call)

    assert recovery.recover(REDRIVE, SHARD, records, 100, **TIMES) == RecoveryReport(left=3, failure=call)
    table.silent.clear()
    assert recovery.recover(REDRIVE, SHARD, records, 100, **TIMES).recovered == 3
    assert events_of(table, raw) == [number(each) for each in (5, 6, 7)]


def test_no_batch_is_begun_at_the_end_of_the_functions_time(recovery: Recovery, table: CoverageInMemory) -> None:
    report = recovery.recover(REDRIVE, SHARD, [record(5)], 100, until=UNTIL, deadline=NOW + 1)

    assert report == RecoveryReport(left=1)
    assert not table.recovered


def _ignored(_report: RecoveryReport) -> None: ...
