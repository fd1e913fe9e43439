"""How many calls a batch costs: as few as the protocol allows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import pytest
from simulation.plan import Script
from simulation.world import World
from simulation_events.catalog import CatalogTable
from simulation_events.compacting import ProcessedReader, read_rows
from simulation_events.invariants import Invariants
from simulation_events.protocol_table import Runs, Table
from simulation_events.stores import Memory, Processed, Raw
from simulation_events.synthetic import transform
from simulation_events.workload import STREAM, draw_workload, shard_of

from baler.events.parsing.parse import parse
from baler.events.stream_record import StreamRecord
from runtime.events.compactor.compactor import Announced, Compactor
from runtime.events.processor.crash_counter import CrashCounter
from runtime.events.processor.processor import Processor
from runtime.events.transformer.transformer import Outcome, Transformer

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.events.stream.committed_batch import CommittedBatch

T = TypeVar("T")

SHARD = shard_of(0)
EVENT_TYPES = ("metric", "transaction", "user_action", "system_event")


class Unwatched(Invariants):
    """Those of the simulation read its own records, and none that a producer would send."""

    def after_commit(self, batch: CommittedBatch, memory: Memory) -> None:
        pass

    def after_processed(self, memory: Memory) -> None:
        pass


def never(when: float, call: Callable[[], None]) -> Callable[[], None]:
    """Arrange nothing."""
    del when, call
    return lambda: None


class Counted:
    """Stores in memory, and how often each call was made."""

    def __init__(self) -> None:
        self.calls = Counter[str]()
        self.memory = Memory(0, World(Script({}), trace=False), Unwatched(draw_workload(0)))

    def call(self, name: str, _subject: str, effect: Callable[[], T]) -> T:
        self.calls[name] += 1
        return effect()


@pytest.fixture
def counted() -> Counted:
    return Counted()


def record(number: int, data: bytes) -> StreamRecord:
    return StreamRecord(SHARD.shard_id, f"{number:056}", 0, "key", 1_795_165_260.5, data)


def event(event_type: str) -> bytes:
    values = b'"amount":12,"value":12'
    return b'{"timestamp":"2026-11-20T09:01:00Z","event_type":"%s",%s}' % (event_type.encode(), values)


def process(counted: Counted, records: list[StreamRecord]) -> None:
    call, memory = counted.call, counted.memory
    crashes = CrashCounter(Runs(call, memory), never, lambda: "run")
    report = Processor(Table(call, memory), Raw(call, memory), parse, crashes).handle(SHARD, records, 2e9)
    assert report.lowest_failure is None
    assert report.failure is None


def test_a_batch_costs_two_calls_of_the_table_and_a_put_for_each_partition_and_for_its_rejections(
    counted: Counted,
) -> None:
    process(counted, [record(number, event(EVENT_TYPES[number % 4])) for number in range(99)] + [record(99, b"no")])
    assert counted.calls == {"table.frontier": 1, "raw.put": 5, "table.commit": 1}


def test_a_batch_of_one_costs_two_more_for_the_run_that_is_noted(counted: Counted) -> None:
    process(counted, [record(1, event("metric"))])
    assert counted.calls == {"table.frontier": 1, "runs.update": 2, "raw.put": 1, "table.commit": 1}


def test_a_batch_that_is_committed_costs_a_read(counted: Counted) -> None:
    records = [record(number, event("metric")) for number in (1, 2)]
    process(counted, records)
    counted.calls.clear()
    process(counted, records)
    assert counted.calls == {"table.frontier": 1}


def test_an_object_costs_the_transformer_five_calls(counted: Counted) -> None:
    process(counted, [record(number, event("metric")) for number in (1, 2)])
    counted.calls.clear()
    call, memory = counted.call, counted.memory
    transformer = Transformer(
        table=Table(call, memory),
        source=Raw(call, memory),
        target=Processed(call, memory),
        stream=STREAM,
        transform=lambda body: transform(body, 1),
        patience_seconds=60.0,
    )
    (key,) = memory.raw
    assert transformer.handle(key, 0.0, 1.0).outcome is Outcome.PROCESSED
    assert counted.calls == dict.fromkeys(
        ("table.frontier", "table.batch", "raw.get", "processed.put", "table.note"), 1
    )


def test_a_hundred_objects_are_one_commit_of_the_table(counted: Counted) -> None:
    call, memory = counted.call, counted.memory
    memory.processed.update(
        {f"processed/event_type=metric/{number}": b"processed 1 %d" % number for number in range(100)}
    )
    compactor = Compactor(
        table=CatalogTable(call, memory.catalog),
        store=ProcessedReader(call, memory),
        read=read_rows,
        has_time=lambda: True,
    )
    compactor.handle([Announced(key, 100) for key in memory.processed])
    assert counted.calls == {
        "catalog.load": 1,
        "processed.get": 100,
        "catalog.read": 1,
        "catalog.write": 1,
        "catalog.commit": 1,
    }
