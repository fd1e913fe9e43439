"""How long the functions of the event stream take, from CPU that was measured and latencies that are assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.events.batch import objects_of
from baler.commands.cost.function import FunctionTime

if TYPE_CHECKING:
    from baler.commands.cost.figures import CallLatency, Figures

# Objects that are put at once, and raw objects that are processed at once (runtime/events/aws/processing.py,
# runtime/events/transformer/handler.py).
PARALLEL_PUTS: Final = 16
PARALLEL_OBJECTS: Final = 8
_MEGABYTES_PER_GIGABYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Times of the processor, in seconds, with its memory in megabytes."""

    figures: Figures
    memory_megabytes: int

    def mean(self, records: float) -> float:
        """Return the average time for a batch of so many records: frontier, puts side by side, commit, report."""
        latency, events = self.figures.assumed.latency, self.figures.events
        share = FunctionTime(self.figures, self.memory_megabytes).processor_share
        cpu = (events.cpu_ms_per_invocation / 1e3 + records * events.cpu_us_per_record_processor / 1e6) / share
        # A transaction takes about as long as two writes.
        return cpu + 4 * latency.dynamodb.mean_seconds + longest(latency.s3_put, objects_of(records))


def transformer_seconds(figures: Figures, memory_megabytes: int, objects: float, events_per_object: float) -> float:
    """Return the average time of an invocation: gate, get, put, note, for its objects side by side."""
    latency, events = figures.assumed.latency, figures.events
    share = FunctionTime(figures, memory_megabytes).processor_share
    records = objects * events_per_object
    cpu = (events.cpu_ms_per_invocation / 1e3 + records * events.cpu_us_per_record_transformer / 1e6) / share
    rounds = max(1.0, objects / PARALLEL_OBJECTS)
    waited = longest(latency.s3_get, objects) + longest(latency.s3_put, objects) + 3 * latency.dynamodb.mean_seconds
    return cpu + rounds * waited


def compactor_seconds(figures: Figures, memory_megabytes: int, objects: float, events: float) -> float:
    """Return the average time of a commit of so many objects with so many events."""
    share = FunctionTime(figures, memory_megabytes).processor_share
    per_commit, per_million = figures.events.compactor_seconds_per_commit, figures.events.compactor_seconds_per_million
    read = objects * figures.assumed.latency.s3_get.mean_seconds / PARALLEL_PUTS
    return (per_commit + events / 1e6 * per_million) / share + read


def longest(latency: CallLatency, calls: float) -> float:
    """Return how long the longest of so many calls at once takes, by the median."""
    return latency.seconds(0.5 ** (1 / max(1.0, calls)))


def gigabyte_seconds(seconds: float, memory_megabytes: int) -> float:
    """Return what Lambda counts for a run."""
    return seconds * memory_megabytes / _MEGABYTES_PER_GIGABYTE
