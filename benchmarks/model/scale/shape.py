"""A stack of a shape under a rate, simulated with what AWS refuses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.traffic import Profile
from benchmarks.model.limits import GETS_PER_PREFIX, PUTS_PER_PREFIX
from benchmarks.model.outcome import Load
from benchmarks.model.prediction import percentile
from benchmarks.model.simulation import simulate

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from benchmarks.model.outcome import Outcome

GRAIN: Final = 10
"""Files that a simulated message stands for."""

_SECONDS: Final = 150.0
_WARM_UP_SECONDS: Final = 60.0
# Of all that arrived in the last third, what may be left over by chance.
_LEFT_BY_CHANCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Shape:
    """What is declared, and how far S3 has come.

    Attributes:
        lanes: queues, each of a prefix.
        concurrency: of each lane.
        table_writes: write units a second that the claim table takes: a new one's, or what it is warmed to.
        partitioned: whether S3 has divided the prefixes by itself, so that they are no limit; else it takes 3,500 puts
            and 5,500 reads a second of each.
    """

    lanes: int
    concurrency: int
    table_writes: float
    partitioned: bool = False

    def settings(self, settings: StackSettings) -> StackSettings:
        """Return a stack's settings in this shape."""
        prefixes = tuple(f"{place}/" for place in range(self.lanes)) if self.lanes > 1 else ()
        return settings.model_copy(update={"landing_prefixes": prefixes, "maximum_concurrency": self.concurrency})

    @property
    def puts(self) -> float:
        """Files a second that S3 lets the external party put."""
        return math.inf if self.partitioned else PUTS_PER_PREFIX * self.lanes


@dataclass(frozen=True, slots=True)
class Trial:
    """A shape under a rate.

    Attributes:
        rate: files a second that the external party would put.
        landed: files a second that S3 takes of them.
        usd_per_month: the bill of what lands; one that keeps up.
    """

    shape: Shape
    rate: float
    landed: float
    outcome: Outcome
    seconds: float
    usd_per_month: float

    @property
    def keeps_up(self) -> bool:
        """Whether everything lands, and the backlog stays where it is, or empties."""
        grown = self.outcome.backlog - self.outcome.backlog_before
        return self.landed >= self.rate and grown <= _LEFT_BY_CHANCE * self.landed * self.seconds / 3

    @property
    def refused_puts(self) -> float:
        """The share of the external party's puts that S3 answers with 503."""
        return 1 - self.landed / self.rate

    def latency(self, quantile: float) -> float | None:
        """Return the seconds within which this share of the files is in the mailbox; None where it grows for ever."""
        return percentile(self.outcome.steady, quantile) if self.keeps_up and self.outcome.steady else None


def trial(shape: Shape, rate: float, settings: StackSettings, figures: Figures, seed: int) -> Trial:
    """Simulate a shape under a rate, from an empty queue and a cold function on."""
    landed = min(rate, shape.puts)
    load = Load(
        landed,
        _SECONDS,
        _WARM_UP_SECONDS,
        seed,
        GRAIN,
        table_writes=shape.table_writes,
        lane_reads=math.inf if shape.partitioned else GETS_PER_PREFIX,
    )
    shaped = shape.settings(settings)
    outcome = simulate(shaped, figures, load)
    profile = Profile(landed, 2000.0, figures.measured.compression_ratio, 300.0, 12.0)
    usd = monthly_bill(profile, shaped, figures).bill.usd
    return Trial(shape, rate, landed, outcome, _SECONDS, usd)
