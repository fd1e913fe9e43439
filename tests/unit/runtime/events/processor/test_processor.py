from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import pytest
from simulation.plan import Script
from simulation.world import World
from simulation_events.invariants import Invariants
from simulation_events.protocol_table import Runs, Table
from simulation_events.stores import Memory, Raw
from simulation_events.workload import draw_workload, shard_of

from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import Event, Parsed, Rejection, StreamRecord
from baler.store_errors import Unavailable
from runtime.events.processor import processor
from runtime.events.processor.crash_counter import DEADLINE_MARGIN_SECONDS, KILLS, CrashCounter
from runtime.events.processor.processor import Processor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

SHARD: Final = shard_of(0)
AT: Final = datetime(2024, 1, 15, 10, tzinfo=UTC)
DEADLINE: Final = 60.0


class ReadingError(Exception):
    """What a parser raises that has a fault."""


def record(number: int, word: str = "good") -> StreamRecord:
    return StreamRecord(SHARD.shard_id, f"{number:056}", 0, "key", 1000.0 + number, word.encode())


def numbered(number: int) -> str:
    return f"{number:056}"


def parse(records: Sequence[StreamRecord]) -> Parsed:
    """Read "good", "hour 7" (good, of another hour), "bad", "later" and "kills"."""
    if any(each.data == b"kills" for each in records):
        raise ReadingError
    good = [each for each in records if each.data == b"good" or each.data.startswith(b"hour")]
    return Parsed(
        tuple(Event("metric", _time_of(each), b"%d" % int(each.sequence_number), each, "id") for each in good),
        tuple(Rejection(each, RejectionReason.NOT_JSON) for each in records if each.data == b"bad"),
    )


def _time_of(each: StreamRecord) -> datetime:
    return AT.replace(hour=int(each.data.split()[1])) if each.data.startswith(b"hour") else AT


class Bench:
    """A processor over stores in memory, any call of which can be made to fail.

    Attributes:
        failing: names of calls that get no answer.
        timers: what would be called at which moment.
    """

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.calls: list[str] = []
        self.memory = Memory(0, World(Script({}), trace=False), Invariants(draw_workload(0)))
        self._runs = 0
        self.processor = self.restarted()

    def restarted(self) -> Processor:
        crashes = CrashCounter(Runs(self.call, self.memory), self.timer, self.run_id)
        self.processor = Processor(Table(self.call, self.memory), Raw(self.call, self.memory), parse, crashes)
        return self.processor

    def call(self, name: str, subject: str, effect: Callable[[], T]) -> T:
        del subject
        self.calls.append(name)
        if name in self.failing:
            raise Unavailable(name)
        return effect()

    def timer(self, when: float, call: Callable[[], None]) -> Callable[[], None]:
        timer = (when, call)
        self.timers.append(timer)
        return lambda: self.timers.remove(timer)

    def run_id(self) -> str:
        self._runs += 1
        return str(self._runs)

    def kill(self, number: int) -> None:
        with pytest.raises(ReadingError):
            self.processor.handle(SHARD, [record(number, "kills")], DEADLINE)
        self.restarted()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_batch_is_put_and_then_committed_with_its_objects(bench: Bench) -> None:
    report = bench.processor.handle(SHARD, [record(1), record(2, "hour 7"), record(3, "bad")], DEADLINE)
    assert report.lowest_failure is None
    assert report.committed is not None
    assert (report.committed.first, report.committed.last) == (numbered(1), numbered(3))
    assert (report.committed.events, report.committed.rejections) == (2, 1)
    assert report.committed.arrived_at == 1003.0
    assert {*report.committed.objects, report.committed.rejected} == set(bench.memory.raw)
    assert len(report.committed.objects) == 2
    assert bench.memory.frontiers == {SHARD: numbered(3)}


def test_a_batch_takes_no_more_calls_than_its_objects_and_two(bench: Bench) -> None:
    bench.processor.handle(SHARD, [record(1), record(2)], DEADLINE)
    assert bench.calls == ["table.frontier", "raw.put", "table.commit"]


def test_what_was_committed_is_dropped_when_it_comes_again(bench: Bench) -> None:
    bench.processor.handle(SHARD, [record(1), record(2)], DEADLINE)
    report = bench.processor.handle(SHARD, [record(1), record(2), record(3)], DEADLINE)
    assert report.dropped == 2
    assert report.committed is not None
    assert (report.committed.first, report.committed.events) == (numbered(3), 1)
    again = bench.processor.handle(SHARD, [record(1), record(2), record(3)], DEADLINE)
    assert (again.lowest_failure, again.dropped, again.committed) == (None, 3, None)


def test_a_batch_is_cut_before_a_record_that_is_for_later(bench: Bench) -> None:
    report = bench.processor.handle(SHARD, [record(1), record(2), record(3, "later"), record(4)], DEADLINE)
    assert report.lowest_failure == numbered(3)
    assert report.committed is not None
    assert report.committed.last == numbered(2)
    assert bench.memory.frontiers == {SHARD: numbered(2)}


def test_a_batch_that_begins_with_a_record_that_is_for_later_commits_nothing(bench: Bench) -> None:
    report = bench.processor.handle(SHARD, [record(1, "later"), record(2)], DEADLINE)
    assert (report.lowest_failure, report.committed) == (numbered(1), None)
    assert bench.memory.raw == {}


@pytest.mark.parametrize("call", ["table.frontier", "raw.put", "table.commit"])
def test_a_store_that_does_not_answer_is_reported_and_never_raised(bench: Bench, call: str) -> None:
    bench.failing.add(call)
    report = bench.processor.handle(SHARD, [record(1), record(2)], DEADLINE)
    assert report.lowest_failure == numbered(1)
    assert report.failure is not None
    assert str(report.failure) == call
    assert bench.memory.batches == {}


def test_a_batch_that_another_attempt_overtook_comes_again(bench: Bench) -> None:
    overtaking = bench.processor

    def parse_late(records: Sequence[StreamRecord]) -> Parsed:
        overtaking.handle(SHARD, [record(1)], DEADLINE)
        return parse(records)

    crashes = CrashCounter(Runs(bench.call, bench.memory), bench.timer, bench.run_id)
    slow = Processor(Table(bench.call, bench.memory), Raw(bench.call, bench.memory), parse_late, crashes)
    report = slow.handle(SHARD, [record(1), record(2)], DEADLINE)
    assert (report.lowest_failure, report.committed) == (numbered(1), None)
    assert bench.memory.frontiers == {SHARD: numbered(1)}


def test_a_batch_of_more_objects_than_an_item_can_list_is_halved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "MOST_OBJECTS", 2)
    report = bench.processor.handle(SHARD, [record(each, f"hour {each}") for each in range(1, 7)], DEADLINE)
    assert report.committed is not None
    assert len(report.committed.objects) <= 2
    after = [report.lowest_failure]
    while after[-1] is not None:
        again = [record(each, f"hour {each}") for each in range(int(after[-1]), 7)]
        after.append(bench.processor.handle(SHARD, again, DEADLINE).lowest_failure)
    assert bench.memory.frontiers == {SHARD: numbered(6)}


def test_a_fault_is_raised_so_that_lambda_halves_the_batch(bench: Bench) -> None:
    with pytest.raises(ReadingError):
        bench.processor.handle(SHARD, [record(1), record(2, "kills")], DEADLINE)
    assert bench.memory.runs == {}


def test_a_record_that_killed_often_enough_becomes_a_rejected_line(bench: Bench) -> None:
    for _ in range(KILLS):
        bench.kill(1)
    report = bench.processor.handle(SHARD, [record(1, "kills")], DEADLINE)
    assert report.lowest_failure is None
    assert report.committed is not None
    assert (report.committed.events, report.committed.rejections) == (0, 1)
    assert report.committed.rejected is not None
    assert b'"kills"' in bench.memory.raw[report.committed.rejected]


def test_runs_with_neighbours_do_not_count(bench: Bench) -> None:
    for _ in range(KILLS + 1):
        with pytest.raises(ReadingError):
            bench.processor.handle(SHARD, [record(1, "kills"), record(2)], DEADLINE)
    bench.kill(1)
    assert bench.memory.frontiers == {}


def test_an_outage_sets_no_record_aside(bench: Bench) -> None:
    bench.failing.add("raw.put")
    for _ in range(KILLS + 1):
        assert bench.processor.handle(SHARD, [record(1)], DEADLINE).lowest_failure == numbered(1)
    bench.failing.clear()
    report = bench.processor.handle(SHARD, [record(1)], DEADLINE)
    assert report.committed is not None
    assert report.committed.events == 1


def test_a_run_that_its_own_deadline_ends_does_not_count(bench: Bench) -> None:
    hanging: list[float] = []

    def parse_slowly(records: Sequence[StreamRecord]) -> Parsed:
        [(when, end)] = bench.timers
        hanging.append(when)
        end()
        raise ReadingError(records)

    for _ in range(KILLS + 1):
        bench.timers.clear()
        crashes = CrashCounter(Runs(bench.call, bench.memory), bench.timer, bench.run_id)
        slow = Processor(Table(bench.call, bench.memory), Raw(bench.call, bench.memory), parse_slowly, crashes)
        with pytest.raises(ReadingError):
            slow.handle(SHARD, [record(1)], DEADLINE)
    assert hanging == [DEADLINE - DEADLINE_MARGIN_SECONDS] * (KILLS + 1)


def test_a_run_that_an_exception_ends_is_not_ended_by_its_timer(bench: Bench) -> None:
    with pytest.raises(ReadingError):
        bench.processor.handle(SHARD, [record(1, "kills")], DEADLINE)
    assert bench.timers == []
    assert bench.memory.runs == {(SHARD, numbered(1)): {"1"}}


def test_no_run_begins_before_the_end_of_the_one_before_is_noted(bench: Bench) -> None:
    bench.processor.handle(SHARD, [record(1, "later")], DEADLINE)
    ended = bench.memory.runs[SHARD, numbered(1)]
    assert ended == set()
    calls = len(bench.calls)
    bench.failing.add("runs.update")
    for _ in range(KILLS + 1):
        report = bench.processor.handle(SHARD, [record(1)], DEADLINE)
        assert report.lowest_failure == numbered(1)
    assert "raw.put" not in bench.calls[calls:]
    bench.failing.clear()
    assert bench.processor.handle(SHARD, [record(1)], DEADLINE).committed is not None


def test_a_run_that_begins_at_its_deadline_is_ended_at_once_and_reported(bench: Bench) -> None:
    def timer_that_is_due(when: float, call: Callable[[], None]) -> Callable[[], None]:
        call()
        return bench.timer(when, call)

    crashes = CrashCounter(Runs(bench.call, bench.memory), timer_that_is_due, bench.run_id)
    late = Processor(Table(bench.call, bench.memory), Raw(bench.call, bench.memory), parse, crashes)
    assert late.handle(SHARD, [record(1, "kills")], DEADLINE).lowest_failure == numbered(1)
    assert bench.memory.runs == {(SHARD, numbered(1)): set()}
