"""What repeated measurements say: the median, the range, and how two that were taken in turns compare."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Sample = TypeVar("Sample")


@dataclass(frozen=True)
class Spread:
    """Measurements of one thing, in the order in which they were taken.

    Raises:
        ValueError: there is none.
    """

    samples: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.samples:
            raise ValueError("nothing was measured")

    @property
    def median(self) -> float:
        """The middle one; half-way between the two in the middle where their number is even."""
        return median(self.samples)

    @property
    def low(self) -> float:
        """The smallest."""
        return min(self.samples)

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.samples)

    def to_json(self) -> dict[str, object]:
        """Return the figures, and the samples that they come from."""
        return {"median": self.median, "low": self.low, "high": self.high, "samples": list(self.samples)}


def ratio(ours: Spread, theirs: Spread) -> Spread:
    """Compare measurements that were taken in turns, round by round: what slows both in one round cancels out.

    Raises:
        ValueError: they were not taken in the same number of rounds, or one of theirs is 0.
    """
    if len(ours.samples) != len(theirs.samples):
        raise ValueError(f"{len(ours.samples)} rounds cannot be compared with {len(theirs.samples)}")
    if 0 in theirs.samples:
        raise ValueError("a ratio to 0 has no value")
    return Spread(tuple(mine / other for mine, other in zip(ours.samples, theirs.samples, strict=True)))


def ratios(spreads: Mapping[str, Spread], base: str) -> dict[str, float]:
    """Return how each compares with one of them: the median of the rounds' ratios. Tables and figures show these."""
    return {name: ratio(spread, spreads[base]).median for name, spread in spreads.items()}


def in_turns(contestants: Mapping[str, Callable[[], Sample]], rounds: int) -> dict[str, list[Sample]]:
    """Run each contestant once a round, A B C A B C, so that a busy minute of the machine hits all of them.

    Every other round runs in the opposite order: whoever comes first may find the machine cooler.
    """
    taken: dict[str, list[Sample]] = {name: [] for name in contestants}
    for number in range(rounds):
        names: Sequence[str] = list(contestants)
        for name in names if number % 2 == 0 else names[::-1]:
            taken[name].append(contestants[name]())
    return taken
