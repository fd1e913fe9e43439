"""The event source and the function, simulated: messages arrive, readers gather batches, the function works.

One event at a time, seeded. Put times are independent of each other (a Poisson process), and so are S3's delays: then
the messages' arrivals in the queue are such a process too, and a file's delay need only be drawn when it is done.
"""

from __future__ import annotations

import heapq
from collections import deque
from random import Random
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import (
    MESSAGES_PER_CALL,
    MORE_READERS_PER_MINUTE,
    MOST_READERS,
    first_readers,
)
from baler.commands.cost.function import FunctionTime
from benchmarks.model.outcome import Outcome

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from benchmarks.model.outcome import Load

# Latencies that are kept at the most; at higher rates every second, third, … file stands for its neighbours.
_SAMPLES: Final = 200_000
_TICK_SECONDS: Final = 1.0
# Not documented, beyond "when traffic is low": a reader is closed each second once nothing was left over for so long.
_QUIET_SECONDS: Final = 60.0


class _Reader:
    """Gathers one batch at a time and waits for the function."""

    __slots__ = ("arrivals", "cold", "place", "turn")

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self.cold = True
        self.place = -1
        self.turn = 0


# Kinds of events, in the order in which they happen at one time.
_DONE: Final = 0
_WINDOW_ENDS: Final = 1
_TICK: Final = 2


class Simulation:
    """One run.

    Args:
        settings: batch size, window, memory and maximum concurrency.
        figures: what was measured and what is assumed.
        load: what arrives.
    """

    def __init__(self, settings: StackSettings, figures: Figures, load: Load) -> None:
        self._settings = settings
        self._load = load
        self._time = FunctionTime(figures, settings.function_memory_megabytes)
        self._latency = figures.assumed.latency
        self._random = Random(load.seed)  # noqa: S311 - a model, guards nothing
        self._events: list[tuple[float, int, int, _Reader | None, int]] = []
        self._order = 0
        self._backlog: deque[float] = deque()
        self._gathering: list[_Reader] = []
        self._gathered = 0
        self._busy = 0
        self._working = 0
        self._left_over_at = 0.0
        self._left_over_before = False
        self._closing = 0
        self._every = max(1, int(load.rate * load.seconds / _SAMPLES))
        self._fewest = first_readers(settings.maximum_concurrency)
        self._most = min(settings.maximum_concurrency, MOST_READERS)
        self._outcome = Outcome()
        for _ in range(self._fewest):
            self._open(_Reader(), 0.0)

    def run(self) -> Outcome:
        """Simulate, and leave what is not done at the end undone."""
        load, outcome = self._load, self._outcome
        now = self._random.expovariate(load.rate)
        self._plan(_TICK_SECONDS, _TICK, None)
        last = 0.0
        while True:
            event_at = self._events[0][0]
            at = min(now, event_at)
            if at > load.seconds:
                break
            outcome.present_over_time += (len(self._backlog) + self._gathered + self._working) * (at - last)
            last = at
            if event_at <= now:
                self._happen(at)
            else:
                self._arrive(now)
                now += self._random.expovariate(load.rate)
        outcome.backlog = len(self._backlog)
        outcome.steady.sort()
        outcome.warm_up.sort()
        return outcome

    def _arrive(self, now: float) -> None:
        self._outcome.arrived += 1
        if not self._gathering:
            self._backlog.append(now)
            return
        # SQS hands a message to any of those that wait.
        reader = self._gathering[int(self._random.random() * len(self._gathering))]
        reader.arrivals.append(now)
        self._gathered += 1
        self._count_in_flight()
        if len(reader.arrivals) == 1:
            self._plan(now + self._settings.batching_window_seconds, _WINDOW_ENDS, reader)
        if len(reader.arrivals) >= self._settings.batch_size:
            self._invoke(reader, now)

    def _happen(self, now: float) -> None:
        _, kind, _, reader, turn = heapq.heappop(self._events)
        if reader is None:
            self._tick(now)
        elif kind == _DONE:
            self._finish(reader, now)
        elif turn == reader.turn and reader.place >= 0:
            self._invoke(reader, now)

    def _tick(self, now: float) -> None:
        """Add readers while messages are left over, as the event source does, and close some when none are."""
        self._plan(now + _TICK_SECONDS, _TICK, None)
        if abs(now - self._load.seconds * 2 / 3) <= _TICK_SECONDS / 2:
            self._outcome.backlog_before = len(self._backlog)
        left_over = bool(self._backlog)
        if left_over:
            self._left_over_at = now
            self._closing = 0
        # Once may be chance: all readers were at work for a moment.
        if left_over and self._left_over_before:
            more = int(MORE_READERS_PER_MINUTE * _TICK_SECONDS / 60)
            for _ in range(min(more, self._most - self._outcome.readers)):
                self._open(_Reader(), now)
        elif now - self._left_over_at > _QUIET_SECONDS and self._outcome.readers - self._closing > self._fewest:
            self._closing += 1
        self._left_over_before = left_over

    def _open(self, reader: _Reader, now: float) -> None:
        self._outcome.readers += 1
        self._outcome.most_readers = max(self._outcome.most_readers, self._outcome.readers)
        self._gather(reader, now)

    def _gather(self, reader: _Reader, now: float) -> None:
        """Let a reader begin a batch, with what was left over first."""
        reader.turn += 1
        size = self._settings.batch_size
        while self._backlog and len(reader.arrivals) < size:
            reader.arrivals.append(self._backlog.popleft())
        self._gathered += len(reader.arrivals)
        reader.place = len(self._gathering)
        self._gathering.append(reader)
        self._count_in_flight()
        if len(reader.arrivals) == size:
            self._invoke(reader, now, receives=-(-size // MESSAGES_PER_CALL))
        elif reader.arrivals:
            self._plan(now + self._settings.batching_window_seconds, _WINDOW_ENDS, reader)

    def _invoke(self, reader: _Reader, now: float, receives: int = 0) -> None:
        last = self._gathering.pop()
        if last is not reader:
            self._gathering[reader.place] = last
            last.place = reader.place
        reader.place = -1
        count = len(reader.arrivals)
        self._gathered -= count
        self._working += count
        self._busy += 1
        self._outcome.most_busy = max(self._outcome.most_busy, self._busy)
        took = self._time.sample(count, self._random.random)
        waited = receives * self._latency.sqs_receive.mean_seconds
        if reader.cold:
            waited += self._time.cold_start
            reader.cold = False
        self._outcome.busy_seconds += took
        self._plan(now + waited + took, _DONE, reader)

    def _finish(self, reader: _Reader, now: float) -> None:
        outcome = self._outcome
        for number, arrived in enumerate(reader.arrivals, outcome.files):
            outcome.present_by_file += now - arrived
            if number % self._every == 0:
                delay = self._latency.s3_event.seconds(min(max(self._random.random(), 1e-9), 1 - 1e-9))
                kept = outcome.steady if arrived >= self._load.warm_up_seconds else outcome.warm_up
                kept.append(delay + now - arrived)
        count = len(reader.arrivals)
        outcome.files += count
        outcome.batches += 1
        self._working -= count
        self._busy -= 1
        reader.arrivals = []
        if self._closing:
            self._closing -= 1
            outcome.readers -= 1
        else:
            self._gather(reader, now)

    def _plan(self, at: float, kind: int, reader: _Reader | None) -> None:
        self._order += 1
        heapq.heappush(self._events, (at, kind, self._order, reader, 0 if reader is None else reader.turn))

    def _count_in_flight(self) -> None:
        self._outcome.most_in_flight = max(self._outcome.most_in_flight, self._gathered + self._working)


def simulate(settings: StackSettings, figures: Figures, load: Load) -> Outcome:
    """Simulate a stack under a load."""
    return Simulation(settings, figures, load).run()
