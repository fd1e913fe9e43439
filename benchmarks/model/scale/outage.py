"""What an outage leaves behind: a minute in which each function dies, at a rate that the shape takes otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.model.outcome import Load
from benchmarks.model.prediction import percentile
from benchmarks.model.scale.shape import GRAIN
from benchmarks.model.simulation import simulate

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from benchmarks.model.outcome import Outcome
    from benchmarks.model.scale.shape import Shape

BEGINS: Final = 60.0
ENDS: Final = 120.0
_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """A shape after an outage.

    Attributes:
        rate: files a second, throughout.
    """

    shape: Shape
    rate: float
    outcome: Outcome

    @property
    def seconds_to_catch_up(self) -> float | None:
        """Since the functions work again, until nothing waits; None where that takes longer than was simulated."""
        at = self.outcome.caught_up_at
        return None if at is None else at - ENDS

    def latency_afterwards(self, quantile: float) -> float | None:
        """Return within which time this share of those files is in the mailbox that landed since the outage ended."""
        return percentile(self.outcome.steady, quantile) if self.outcome.steady else None


def recovery(shape: Shape, rate: float, settings: StackSettings, figures: Figures, seed: int) -> Recovery:
    """Simulate it; the stores refuse nothing, so that what is seen is the queues' doing."""
    load = Load(rate, _SECONDS, ENDS, seed, GRAIN, outage_begins=BEGINS, outage_ends=ENDS)
    return Recovery(shape, rate, simulate(shape.settings(settings), figures, load))
