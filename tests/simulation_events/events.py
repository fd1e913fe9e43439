"""The simulation of the event stream, as the command runs it."""

from __future__ import annotations

from typing import Final

from simulation.subject import Ran, Subject

from simulation_events.broken import BROKEN
from simulation_events.report import describe
from simulation_events.schedule import REAL, run_seed, shrink


def _run(seed: int, broken: str | None, trace: bool) -> Ran:  # noqa: FBT001 - as Subject says
    design = REAL if broken is None else BROKEN[broken]
    outcome = run_seed(seed, design, trace=trace)

    def explain() -> str:
        shown = outcome if outcome.violation is None else shrink(outcome, design)
        return describe(shown, len(outcome.injected))

    return Ran(outcome.steps, outcome.crashes, outcome.violation, outcome.injected, explain)


SUBJECT: Final = Subject(tuple(BROKEN), _run)
