"""Load shapes as data: phases of a constant rate, and the moments at which files are due.

The schedule is open-loop: a file is due at its moment however long the files before it take. A generator that waits
for answers instead would slow down with what it measures and never see the worst of it (coordinated omission).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
# Files or what else is due: a run has some 64 bytes for each from its start on (`ledger`), 3 GB then.
_MOST: Final = 50_000_000
_TIME = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")


class ShapeError(ValueError):
    """A shape that was asked for and cannot be: a sentence that says what can."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Part of a shape.

    Attributes:
        seconds: how long.
        rate: files per second.
    """

    seconds: float
    rate: float

    @property
    def files(self) -> int:
        """How many files are due in it: one at its start, and then one every 1/rate seconds."""
        return math.ceil(round(self.seconds * self.rate, 6))


@dataclass(frozen=True, slots=True)
class Shape:
    """Phases, one after the other."""

    name: str
    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def files(self) -> int:
        """How many files are due."""
        return sum(phase.files for phase in self.phases)

    def arrivals(self) -> Iterator[float]:
        """Yield the moment at which each file is due, in seconds since the start."""
        start = 0.0
        for phase in self.phases:
            yield from (start + number / phase.rate for number in range(phase.files))
            start += phase.seconds

    def __str__(self) -> str:
        phases = ", ".join(f"{phase.seconds:g} s at {phase.rate:g}/s" for phase in self.phases)
        return f"{self.name} ({phases})"


SHAPES: Final = {
    shape.name: shape
    for shape in (
        Shape("baseline", (Phase(60, 10),)),
        Shape("burst", (Phase(10, 10), Phase(30, 100), Phase(10, 10))),
        Shape("soak", (Phase(8 * 3600, 10),)),
        Shape("spike", (Phase(10, 100), Phase(30, 1000))),
    )
}
"""Of the file pipeline."""

EVENT_SHAPES: Final = {
    shape.name: shape
    for shape in (
        Shape("events-burst", (Phase(10, 100), Phase(30, 600), Phase(10, 100))),
        Shape("events-baseline", (Phase(60, 100),)),
    )
}
"""Of the event stream; what is due are events."""


LAKE_SHAPES: Final = {
    shape.name: shape
    for shape in (
        Shape("lake-read", (Phase(5, 2), Phase(20, 10), Phase(5, 2))),
        Shape("lake-steady", (Phase(60, 5),)),
    )
}
"""Of the lake; what is due are requests to its API."""


def shape_of(name: str, duration: str = "", rates: str = "", *, shapes: Mapping[str, Shape] = SHAPES) -> Shape:
    """Return a shape by its name, stretched and with other rates where that is asked for.

    Args:
        name: one of `shapes`.
        duration: of the whole, as `90`, `90s`, `15m` or `8h`; its phases keep their proportions. Empty: its own.
        rates: files or events per second, one number for each phase: `10,200,10`. Empty: its own.
        shapes: those of a pipeline, by name.

    Raises:
        ShapeError: no such shape, not a duration, not that many rates, or more files than a run can hold.
    """
    if name not in shapes:
        raise ShapeError(f"There is no load shape {name!r}: choose one of {', '.join(shapes)}.")
    shape = shapes[name]
    stretch = _seconds(duration) / shape.seconds if duration else 1.0
    chosen = _rates(shape, rates) if rates else [phase.rate for phase in shape.phases]
    phases = [Phase(phase.seconds * stretch, rate) for phase, rate in zip(shape.phases, chosen, strict=True)]
    if (due := sum(phase.seconds * phase.rate for phase in phases)) > _MOST:
        raise ShapeError(f"{name} would send {due:.3g} at these rates for so long: a run sends at most {_MOST:,}.")
    return Shape(name, tuple(phases))


def share_of(arrivals: Iterator[float], index: int, of: int) -> Iterator[tuple[int, float]]:
    """Yield number and moment of the files that are process `index`'s, of `of` processes that take turns."""
    return islice(enumerate(arrivals), index, None, of)


def _seconds(duration: str) -> float:
    match = _TIME.fullmatch(duration.strip())
    if match is None or float(match[1]) == 0:
        raise ShapeError(f"{duration!r} is not a duration: write it as 90, 90s, 15m or 8h.")
    return float(match[1]) * _SECONDS.get(match[2], 1)


def _rates(shape: Shape, rates: str) -> list[float]:
    try:
        chosen = [float(rate) for rate in rates.split(",")]
    except ValueError:
        chosen = []
    if len(chosen) != len(shape.phases) or not all(0 < rate < math.inf for rate in chosen):
        example = ",".join(f"{phase.rate:g}" for phase in shape.phases)
        raise ShapeError(
            f"{rates!r} are not the rates of {shape.name}: it takes {len(shape.phases)}, in files per second, "
            f"like {example}."
        )
    return chosen
