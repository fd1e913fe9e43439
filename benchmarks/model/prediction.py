"""What the model says about one rate: latency, concurrency, cost, and what binds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import MESSAGES_PER_CALL, MOST_READERS
from baler.commands.cost.function import FunctionTime
from baler.commands.cost.monthly import monthly_bill
from benchmarks.model.limits import limits
from benchmarks.model.outcome import Load
from benchmarks.model.simulation import simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.cost.figures import Figures
    from baler.commands.cost.monthly import Month
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Profile
    from benchmarks.model.limits import Limit
    from benchmarks.model.outcome import Outcome

# Longer where few files arrive, so that there are enough of them for one in a thousand to mean something.
_FILES: Final = 20_000
_SHORTEST_SECONDS: Final = 300.0
_WARM_UP_SECONDS: Final = 150.0
# Of all that arrived in the last third, what may be left over by chance.
_LEFT_BY_CHANCE: Final = 0.02
# What the concurrency that is proposed has above the least that keeps up.
_HEADROOM: Final = 1.5


@dataclass(frozen=True, slots=True)
class Prediction:
    """One rate with one maximum concurrency.

    Attributes:
        maximum_concurrency: of the event source.
        rate: files per second.
        seconds: that were simulated.
        month: traffic and bill; of a stack that keeps up.
        outcome: of the simulation.
        limits: of the account and the services.
        concurrency_needed: the maximum concurrency that keeps up, with headroom; more than AWS's limit where none does.
    """

    maximum_concurrency: int
    rate: float
    seconds: float
    month: Month
    outcome: Outcome
    limits: list[Limit]
    concurrency_needed: int

    @property
    def keeps_up(self) -> bool:
        """Whether the backlog stays where it is, or empties."""
        grown = self.outcome.backlog - self.outcome.backlog_before
        return grown <= _LEFT_BY_CHANCE * self.rate * self.seconds / 3

    @property
    def busy(self) -> float:
        """Functions at work at once, on average."""
        return self.outcome.busy_seconds / self.seconds

    def latency(self, quantile: float) -> float | None:
        """Return the seconds within which this share of the files is in the mailbox; None where none has an end."""
        return percentile(self.outcome.steady, quantile) if self.keeps_up and self.outcome.steady else None

    @property
    def advice(self) -> list[str]:
        """What to do, one sentence each; nothing where nothing binds."""
        told: list[str] = []
        if not self.keeps_up:
            per_second = (self.outcome.backlog - self.outcome.backlog_before) / (self.seconds / 3)
            told.append(
                f"the backlog grows by {per_second:,.0f} files/s: set baler:filesMaximumConcurrency to "
                f"{self.concurrency_needed:,}"
                if self.concurrency_needed <= MOST_READERS
                else f"the backlog grows by {per_second:,.0f} files/s, and no concurrency is enough: raise "
                "baler:filesFunctionMemoryMegabytes"
            )
        told += [
            f"{limit.name}: {limit.used:,.0f} of {limit.allowed:,.0f}: {limit.remedy}"
            for limit in self.limits
            if limit.binds
        ]
        return told


def predict(settings: StackSettings, figures: Figures, profile: Profile, seed: int) -> Prediction:
    """Simulate one rate, starting with an empty queue and a cold function."""
    rate = profile.files_per_second
    seconds = max(_SHORTEST_SECONDS, _WARM_UP_SECONDS + _FILES / rate)
    outcome = simulate(settings, figures, Load(rate, seconds, _WARM_UP_SECONDS, seed))
    month = monthly_bill(profile, settings, figures)
    return Prediction(
        settings.maximum_concurrency,
        rate,
        seconds,
        month,
        outcome,
        limits(rate, month.traffic, outcome),
        concurrency_needed(rate, settings, figures),
    )


def predictions(settings: StackSettings, figures: Figures, profiles: Sequence[Profile], seed: int) -> list[Prediction]:
    """Predict every rate; where the maximum concurrency binds, once more with one that does not."""
    told: list[Prediction] = []
    for profile in profiles:
        own = predict(settings, figures, profile, seed)
        told.append(own)
        if not own.keeps_up:
            enough = settings.model_copy(update={"maximum_concurrency": min(own.concurrency_needed, MOST_READERS)})
            told.append(predict(enough, figures, profile, seed))
    return told


def concurrency_needed(rate: float, settings: StackSettings, figures: Figures) -> int:
    """Return the maximum concurrency that takes a rate in full batches, with headroom; at least 2, as AWS has it.

    A reader receives a batch, and then waits for the function.
    """
    receives = math.ceil(settings.batch_size / MESSAGES_PER_CALL)
    seconds = FunctionTime(figures, settings.function_memory_megabytes).mean(settings.batch_size)
    seconds += receives * figures.assumed.latency.sqs_receive.mean_seconds
    return max(2, math.ceil(_HEADROOM * rate * seconds / settings.batch_size))


def percentile(ordered: Sequence[float], quantile: float) -> float:
    """Return the value that this share of a sorted sequence does not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(quantile * len(ordered)) - 1)]
