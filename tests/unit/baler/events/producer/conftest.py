"""A stream that takes and refuses as it is told to, and a clock that only waiting moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from baler.events.producer.producer import Producer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.producer.outgoing_record import OutgoingRecord

Answer = list[bool] | Exception | None


@dataclass
class ScriptedStream:
    """Answers a call by the next entry of its script, and then takes everything.

    An entry is what it says of each record, or an error; None takes all records, and the answer is lost.
    """

    script: list[Answer] = field(default_factory=list[Answer])
    calls: list[list[OutgoingRecord]] = field(default_factory=list["list[OutgoingRecord]"])
    kept: list[OutgoingRecord] = field(default_factory=list["OutgoingRecord"])
    lost_answer: Exception = field(default_factory=Exception)

    def put(self, records: Sequence[OutgoingRecord]) -> Sequence[bool]:
        self.calls.append(list(records))
        answer = self.script.pop(0) if self.script else [True] * len(records)
        if isinstance(answer, Exception):
            raise answer
        accepted = [True] * len(records) if answer is None else answer
        self.kept += [record for record, taken in zip(records, accepted, strict=True) if taken]
        if answer is None:
            raise self.lost_answer
        return accepted

    def data(self) -> list[bytes]:
        return [record.data for record in self.kept]


@dataclass
class StillClock:
    now: float = 100.0
    waits: list[float] = field(default_factory=list[float])

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def stream() -> ScriptedStream:
    return ScriptedStream()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def producer(stream: ScriptedStream, clock: StillClock) -> Callable[..., Producer]:
    def make(most_records: int = 500) -> Producer:
        return Producer(
            stream, most_records=most_records, clock=clock, wait=clock.wait, chance=lambda: 1.0, patience_seconds=60
        )

    return make
