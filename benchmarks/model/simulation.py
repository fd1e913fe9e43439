"""The event source and the function, simulated: messages arrive, readers gather batches, the function works.

Each lane is a queue with readers of its own; all share the function, and the claim table, which may throttle.

One event at a time, seeded. Put times are independent of each other (a Poisson process), and so are S3's delays: then
the messages' arrivals in the queue are such a process too, and a file's delay need only be drawn when it is done.
"""

from __future__ import annotations

import heapq
from random import Random
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import (
    MESSAGES_PER_CALL,
    MORE_READERS_PER_MINUTE,
    MOST_READERS,
    first_readers,
)
from baler.commands.cost.function import FunctionTime
from benchmarks.model.lane import Lane, Reader
from benchmarks.model.outcome import Outcome
from benchmarks.model.throttle import Throttle

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from benchmarks.model.outcome import Load

# Latencies that are kept at the most; at higher rates every second, third, … file stands for its neighbours.
_SAMPLES: Final = 200_000
_TICK_SECONDS: Final = 1.0
# Not documented, beyond "when traffic is low": a reader is closed each second once nothing was left over for so long.
_QUIET_SECONDS: Final = 60.0
# Write units of a bundle beside those of its files: it is begun, and done.
_RECORDS_OF_A_BUNDLE: Final = 2


# Kinds of events, in the order in which they happen at one time.
_DONE: Final = 0
_SEEN_AGAIN: Final = 1
_WINDOW_ENDS: Final = 2
_TICK: Final = 3


class Simulation:
    """One run.

    Args:
        settings: batch size, window, memory, lanes, and the maximum concurrency of each.
        figures: what was measured and what is assumed.
        load: what arrives, and what the stores take.
    """

    def __init__(self, settings: StackSettings, figures: Figures, load: Load) -> None:
        self._settings = settings
        self._load = load
        self._time = FunctionTime(figures, settings.function_memory_megabytes)
        self._latency = figures.assumed.latency
        self._random = Random(load.seed)  # noqa: S311 - a model, guards nothing
        self._events: list[tuple[float, int, int, Reader | None, int]] = []
        self._order = 0
        self._table = Throttle(load.table_writes)
        self._batch_size = max(1, settings.batch_size // load.grain)
        self._lanes = [Lane(Throttle(load.lane_reads), load.grain) for _ in range(settings.lanes)]
        self._busy = 0
        self._present = 0
        self._every = max(1, int(load.rate / load.grain * load.seconds / _SAMPLES))
        self._fewest = first_readers(settings.maximum_concurrency)
        self._most = min(settings.maximum_concurrency, MOST_READERS)
        self._hidden_seconds = 6 * settings.function_timeout_seconds + settings.batching_window_seconds
        self._outcome = Outcome()
        for lane in self._lanes:
            for _ in range(self._fewest):
                self._open(Reader(lane), 0.0)

    def run(self) -> Outcome:
        """Simulate, and leave what is not done at the end undone."""
        load, outcome = self._load, self._outcome
        messages_per_second = load.rate / load.grain
        now = self._random.expovariate(messages_per_second)
        self._plan(_TICK_SECONDS, _TICK, None)
        last = 0.0
        while True:
            event_at = self._events[0][0]
            at = min(now, event_at)
            if at > load.seconds:
                break
            outcome.present_over_time += self._present * (at - last)
            last = at
            if event_at <= now:
                self._happen(at)
            else:
                self._arrive(now)
                now += self._random.expovariate(messages_per_second)
        outcome.backlog = self._backlog
        outcome.backlog *= load.grain
        outcome.backlog_before *= load.grain
        outcome.arrived *= load.grain
        outcome.files *= load.grain
        outcome.most_in_flight = max(lane.most_in_flight for lane in self._lanes) * load.grain
        outcome.refused_seconds = max(lane.refused_seconds for lane in self._lanes)
        outcome.throttled = self._table.late_units / max(1.0, self._table.units)
        outcome.slowed = sum(lane.files.late_units for lane in self._lanes) / max(
            1.0, sum(lane.files.units for lane in self._lanes)
        )
        outcome.steady.sort()
        outcome.warm_up.sort()
        return outcome

    @property
    def _backlog(self) -> int:
        return sum(len(lane.backlog) + lane.hidden for lane in self._lanes)

    def _arrive(self, now: float) -> None:
        self._outcome.arrived += 1
        self._present += 1
        lane = self._lanes[int(self._random.random() * len(self._lanes))]
        if not lane.gathering or lane.room <= 0:
            lane.backlog.append(now)
            return
        # SQS hands a message to any of those that wait.
        reader = lane.gathering[int(self._random.random() * len(lane.gathering))]
        reader.arrivals.append(now)
        lane.gathered += 1
        lane.note()
        if len(reader.arrivals) == 1:
            self._plan(now + self._settings.batching_window_seconds, _WINDOW_ENDS, reader)
        if len(reader.arrivals) >= self._batch_size:
            self._invoke(reader, now)

    def _happen(self, now: float) -> None:
        _, kind, _, reader, turn = heapq.heappop(self._events)
        if reader is None:
            self._tick(now)
        elif kind == _DONE:
            self._finish(reader, now)
        elif kind == _SEEN_AGAIN:
            self._return(reader, now)
        elif turn == reader.turn and reader.place >= 0:
            self._invoke(reader, now)

    def _tick(self, now: float) -> None:
        """Add readers while messages are left over, as the event source does, and close some when none are."""
        self._plan(now + _TICK_SECONDS, _TICK, None)
        if abs(now - self._load.seconds * 2 / 3) <= _TICK_SECONDS / 2:
            self._outcome.backlog_before = self._backlog
        if now >= self._load.outage_ends and not self._backlog and self._outcome.caught_up_at is None:
            self._outcome.caught_up_at = now
        self._outcome.readers = sum(lane.readers for lane in self._lanes)
        for lane in self._lanes:
            self._scale(lane, now)

    def _scale(self, lane: Lane, now: float) -> None:
        left_over = bool(lane.backlog)
        if left_over:
            lane.left_over_at = now
            lane.closing = 0
            if lane.room <= 0:
                lane.refused_seconds += _TICK_SECONDS
        # Once may be chance: all readers were at work for a moment.
        if left_over and lane.left_over_before:
            more = int(MORE_READERS_PER_MINUTE * _TICK_SECONDS / 60)
            for _ in range(min(more, self._most - lane.readers)):
                self._open(Reader(lane), now)
        elif now - lane.left_over_at > _QUIET_SECONDS and lane.readers - lane.closing > self._fewest:
            lane.closing += 1
        lane.left_over_before = left_over

    def _open(self, reader: Reader, now: float) -> None:
        reader.lane.readers += 1
        readers = sum(lane.readers for lane in self._lanes)
        self._outcome.readers = readers
        self._outcome.most_readers = max(self._outcome.most_readers, readers)
        self._gather(reader, now)

    def _gather(self, reader: Reader, now: float) -> None:
        """Let a reader begin a batch, with what was left over first."""
        reader.turn += 1
        reader.place = len(reader.lane.gathering)
        reader.lane.gathering.append(reader)
        self._fill(reader, now)

    def _fill(self, reader: Reader, now: float) -> None:
        """Give a reader that gathers what is left over."""
        size = self._batch_size
        had = len(reader.arrivals)
        reader.lane.take(reader, size - had)
        if len(reader.arrivals) == size:
            self._invoke(reader, now, receives=-(-self._settings.batch_size // MESSAGES_PER_CALL))
        elif reader.arrivals and not had:
            self._plan(now + self._settings.batching_window_seconds, _WINDOW_ENDS, reader)

    def _invoke(self, reader: Reader, now: float, receives: int = 0) -> None:
        lane = reader.lane
        last = lane.gathering.pop()
        if last is not reader:
            lane.gathering[reader.place] = last
            last.place = reader.place
        reader.place = -1
        reader.received_at = now
        count = len(reader.arrivals)
        lane.gathered -= count
        lane.working += count
        self._busy += 1
        self._outcome.most_busy = max(self._outcome.most_busy, self._busy)
        waited = receives * self._latency.sqs_receive.mean_seconds
        if reader.cold:
            waited += self._time.cold_start
            reader.cold = False
        took = self._work(reader, now + waited)
        self._outcome.busy_seconds += took
        self._plan(now + waited + took, _DONE, reader)

    def _work(self, reader: Reader, now: float) -> float:
        """Return how long the function is at it; a batch for which its timeout does not suffice comes to nothing."""
        count = len(reader.arrivals) * self._load.grain
        took = self._time.sample(count, self._random.random)
        patience = max(0.0, self._settings.function_timeout_seconds - took)
        took += self._table.wait(now, count + _RECORDS_OF_A_BUNDLE, patience)
        took += reader.lane.files.wait(now, count, patience)
        reader.fails = took >= self._settings.function_timeout_seconds or self._load.is_out(now)
        return min(took, self._settings.function_timeout_seconds)

    def _finish(self, reader: Reader, now: float) -> None:
        lane = reader.lane
        lane.working -= len(reader.arrivals)
        self._busy -= 1
        if reader.fails:
            self._hide(reader, now)
        else:
            self._note(reader, now)
        reader.arrivals = []
        if lane.closing:
            lane.closing -= 1
            lane.readers -= 1
        else:
            self._gather(reader, now)

    def _note(self, reader: Reader, now: float) -> None:
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
        self._present -= count

    def _hide(self, reader: Reader, now: float) -> None:
        """Leave the messages of a batch that came to nothing hidden until their visibility timeout ends."""
        self._outcome.failed_batches += 1
        hidden = Reader(reader.lane)
        hidden.arrivals = reader.arrivals
        reader.lane.hidden += len(reader.arrivals)
        reader.lane.note()
        self._plan(max(now, reader.received_at + self._hidden_seconds), _SEEN_AGAIN, hidden)

    def _return(self, hidden: Reader, now: float) -> None:
        lane = hidden.lane
        lane.hidden -= len(hidden.arrivals)
        lane.backlog.extend(hidden.arrivals)
        for reader in list(lane.gathering):
            self._fill(reader, now)

    def _plan(self, at: float, kind: int, reader: Reader | None) -> None:
        self._order += 1
        heapq.heappush(self._events, (at, kind, self._order, reader, 0 if reader is None else reader.turn))


def simulate(settings: StackSettings, figures: Figures, load: Load) -> Outcome:
    """Simulate a stack under a load."""
    return Simulation(settings, figures, load).run()
