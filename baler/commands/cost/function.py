"""How long the function takes for a batch, from the CPU that was measured and the latencies that are assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.commands.cost.figures import CallLatency, Figures

# Lambda developer guide, "Configure Lambda function memory": at this size a function has one whole processor.
_MEGABYTES_OF_ONE_PROCESSOR: Final = 1769
# Threads that claim and fetch at once (runtime/files/aggregator/handler.py).
_WORKERS: Final = 16
# Bundle, index, mailbox: one after the other.
PUTS_PER_BUNDLE: Final = 3


@dataclass(frozen=True, slots=True)
class FunctionTime:
    """Times of a function of one memory size, in seconds.

    Python runs one thread at a time, so more than one processor does not shorten its CPU time. Claiming and fetching
    overlap with CPU: whichever takes longer counts. One Arm processor is taken to be as fast as the one measured on.
    """

    figures: Figures
    memory_megabytes: int

    @property
    def processor_share(self) -> float:
        """The part of a processor that the function has, 1 at the most."""
        return min(1.0, self.memory_megabytes / _MEGABYTES_OF_ONE_PROCESSOR)

    @property
    def cold_start(self) -> float:
        """Until a new environment can work."""
        return self.figures.measured.cold_start_cpu_ms / 1000 / self.processor_share

    def mean(self, files: float) -> float:
        """Return the average time for a batch of so many files."""
        latency = self.figures.assumed.latency
        # The median of the longest call stands for its mean, which has no formula.
        waited = sum(_in_parallel(each, max(files, 1.0), lambda: 0.5) for each in (latency.dynamodb, latency.s3_get))
        puts = PUTS_PER_BUNDLE * latency.s3_put.mean_seconds + latency.dynamodb.mean_seconds
        return max(self._cpu(files), waited) + puts

    def sample(self, files: int, random: Callable[[], float]) -> float:
        """Return the time for one batch of so many files.

        Args:
            files: at least 1.
            random: returns a number from 0 up to 1.
        """
        latency = self.figures.assumed.latency
        waited = sum(_in_parallel(each, files, random) for each in (latency.dynamodb, latency.s3_get))
        puts = sum(latency.s3_put.seconds(_inside(random())) for _ in range(PUTS_PER_BUNDLE))
        return max(self._cpu(files), waited) + puts + latency.dynamodb.seconds(_inside(random()))

    def _cpu(self, files: float) -> float:
        measured = self.figures.measured
        return (measured.cpu_ms_per_batch + files * measured.cpu_ms_per_file) / 1000 / self.processor_share


def _in_parallel(latency: CallLatency, calls: float, random: Callable[[], float]) -> float:
    """Return the time for so many calls by all workers: their even share of the sum, and the longest call at its end.

    More cannot be, whatever the order: Graham's bound on list scheduling. The longest of n is drawn at once.
    """
    longest = latency.seconds(_inside(random() ** (1 / calls)))
    return (calls - 1) * latency.mean_seconds / _WORKERS + longest


def _inside(number: float) -> float:
    """Keep a random number off 0 and 1, which have no place on the curve."""
    return min(max(number, 1e-9), 1 - 1e-9)
