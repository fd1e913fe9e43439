"""The simulation of the file pipeline, as the command runs it."""

from __future__ import annotations

from typing import Final

from simulation.broken import BROKEN
from simulation.report import describe
from simulation.schedule import REAL, run_seed
from simulation.shrink import shrink
from simulation.subject import Ran, Subject


def _run(seed: int, broken: str | None, trace: bool) -> Ran:  # noqa: FBT001 - as Subject says
    design = REAL if broken is None else BROKEN[broken]
    outcome = run_seed(seed, design, trace=trace)

    def explain() -> str:
        shown = outcome if outcome.violation is None else shrink(outcome, design)
        return describe(shown, len(outcome.injected))

    return Ran(outcome.steps, outcome.crashes, outcome.violation, outcome.injected, explain)


SUBJECT: Final = Subject(tuple(BROKEN), _run)
