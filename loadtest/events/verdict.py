"""Was the load what it was meant to be, and did the stream keep up with it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.events.objectives import END_TO_END_SECONDS
from loadtest.drain import Ending
from loadtest.slo_result import LATE_SECONDS, Result, nearest_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtest.events.ledger import EventLedger, SentEvent
    from loadtest.shapes import Phase, Shape

RATE: Final = 500.0
"""Events per second that are processed, at least, where the load is at least as high."""

_HELD_SHARE: Final = 0.99
"""Of the events of every phase."""


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """What became of one phase.

    Attributes:
        phase: what was asked for.
        achieved: events that were sent in time and that the stream took.
        processed_per_second: of the phase's events, from the first one that was processed to the last one.
    """

    phase: Phase
    achieved: int
    processed_per_second: float

    @property
    def held(self) -> bool:
        """Whether the load was, near enough, what was asked for."""
        return self.achieved >= _HELD_SHARE * self.phase.files


@dataclass(frozen=True, slots=True)
class EventsVerdict:
    """What a run has shown.

    Attributes:
        result: met, missed, or neither.
        reasons: why it is not met, a sentence each.
        phases: one by one.
        latencies: seconds from the stream to the processed object of each event, sorted; infinite for missing ones.
    """

    result: Result
    reasons: tuple[str, ...]
    phases: tuple[PhaseResult, ...]
    latencies: tuple[float, ...]


def judge(shape: Shape, ledger: EventLedger, ending: Ending, dead_letters: int, given_up: int) -> EventsVerdict:
    """Hold a finished run against the objective.

    Args:
        shape: the load.
        ledger: what was sent and processed.
        ending: how the run ended.
        dead_letters: messages that the transformer's dead letters got meanwhile.
        given_up: events whose fate the sender does not know.
    """
    phases = _phases(shape, ledger)
    latencies = sorted(math.inf if (known := ledger.latency(place)) is None else known for place in ledger.sent)
    stopped = ending is Ending.INTERRUPTED
    missed = [
        f"{count} {what}"
        for count, what in (
            (0 if stopped else len(ledger.missing), "events are lost"),
            (len(ledger.twice), "events were processed twice"),
            (dead_letters, "messages are dead"),
        )
        if count
    ]
    if not stopped and latencies and (p95 := nearest_rank(latencies, 95)) >= END_TO_END_SECONDS:
        missed.append(f"p95 of stream to processed is {p95:.1f} s, not below {END_TO_END_SECONDS} s")
    doubts = [
        f"the load was not held: {phase.achieved} of {phase.phase.files} events were sent in time"
        for phase in phases
        if not phase.held
    ]
    if stopped:
        doubts.append("it was interrupted before everything had time to arrive")
    if given_up:
        doubts.append(f"the stream gave no answer on {given_up} events")
    peak = max(phases, key=lambda phase: phase.phase.rate)
    if not stopped and peak.held and peak.phase.rate >= RATE > peak.processed_per_second:
        missed.append(f"{peak.processed_per_second:.0f} events/s were processed at the peak, not {RATE:g}")
    result = Result.MISSED if missed else Result.INCONCLUSIVE if doubts else Result.MET
    return EventsVerdict(result, (*missed, *doubts), phases, tuple(latencies))


def _phases(shape: Shape, ledger: EventLedger) -> tuple[PhaseResult, ...]:
    found: list[PhaseResult] = []
    by_number = {event.number: (event, ledger.processed_at.get(place)) for place, event in ledger.sent.items()}
    first = 0
    for phase in shape.phases:
        events = [by_number[number] for number in range(first, first + phase.files) if number in by_number]
        achieved = sum(event.late <= LATE_SECONDS for event, _ in events)
        found.append(PhaseResult(phase, achieved, _rate(events)))
        first += phase.files
    return tuple(found)


def _rate(events: Sequence[tuple[SentEvent, float | None]]) -> float:
    """Return how many were processed a second; S3 keeps whole seconds, so that the span is never shorter than one."""
    times = [at for _, at in events if at is not None]
    return len(times) / max(1.0, max(times) - min(times)) if times else 0.0
