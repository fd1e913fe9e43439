"""What is simulated: the files' claim protocol and deliveries, or the event stream; `make simulate` takes either."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from simulation.invariants import Violation
    from simulation.world import Injected


class Pipeline(StrEnum):
    """A pipeline that has a simulation."""

    FILES = "files"
    EVENTS = "events"


@dataclass(frozen=True)
class Ran:
    """What became of one seed.

    Attributes:
        steps, crashes: calls made, processes that died.
        violation: the invariant that was broken first; None if all held.
        injected: what went wrong, in order.
        explain: tells the schedule, shrunk if it failed.
    """

    steps: int
    crashes: int
    violation: Violation | None
    injected: Sequence[Injected]
    explain: Callable[[], str]


@dataclass(frozen=True)
class Subject:
    """One simulation.

    Attributes:
        broken: names of wrong protocols.
        run: a seed, with a wrong protocol or the real one (None), and with a trace or without.
    """

    broken: tuple[str, ...]
    run: Callable[[int, str | None, bool], Ran]


_MODULES: Final[Mapping[Pipeline, str]] = {
    Pipeline.FILES: "simulation.files",
    Pipeline.EVENTS: "simulation_events.events",
}


def subject_of(pipeline: Pipeline) -> Subject:
    """Return the simulation of a pipeline; the other one's code is not loaded."""
    module: Any = importlib.import_module(_MODULES[pipeline])
    return module.SUBJECT
