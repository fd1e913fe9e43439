"""What goes through the event stream in a month, from the rate of events and the stack's settings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.events.batch import objects_of
from baler.commands.cost.events.functions import ProcessorTime
from baler.commands.cost.traffic import SECONDS_PER_MONTH

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.figures import Figures

RECORDS_PER_SHARD: Final = 1000
"""Records a second that a shard takes: Kinesis developer guide, "Quotas and limits"."""
BYTES_PER_SHARD: Final = 1024 * 1024
"""Bytes a second that a shard takes: the same page."""
# A stream on demand has four shards at first, and room for twice its peak of 30 days: the same guide, "Choose a mode".
_FEWEST_ON_DEMAND: Final = 4
_ROOM_ON_DEMAND: Final = 2


@dataclass(frozen=True, slots=True)
class EventProfile:
    """What producers send.

    Attributes:
        events_per_second: on average, spread evenly over shards and types.
        event_bytes: of one event, its partition key included, on average.
        months: how long the stack has been keeping events.
    """

    events_per_second: float
    event_bytes: float
    months: float


@dataclass(frozen=True, slots=True)
class EventTraffic:
    """What that makes in a month.

    Attributes:
        shards: that there are.
        events, batches, objects: how many; an object is one raw or one processed, of one type and hour.
        batch_records: in a batch, on average.
        batch_seconds: that the processor takes for one, on average.
        raw_bytes, processed_bytes: of one event's line.
        commits: of the compactor.
    """

    profile: EventProfile
    shards: int
    events: float
    batches: float
    objects: float
    batch_records: float
    batch_seconds: float
    raw_bytes: float
    processed_bytes: float
    commits: float

    @classmethod
    def of(cls, profile: EventProfile, settings: EventStackSettings, figures: Figures) -> EventTraffic:
        """Work it out for a steady rate; bursts make fuller batches, and so fewer."""
        shards = shards_of(profile, settings)
        time = ProcessorTime(figures, settings.processor_memory_megabytes)
        records = _records_per_batch(profile.events_per_second / shards, settings, time)
        events = profile.events_per_second * SECONDS_PER_MONTH
        batches = events / records
        objects = batches * objects_of(records)
        return cls(
            profile=profile,
            shards=shards,
            events=events,
            batches=batches,
            objects=objects,
            batch_records=records,
            batch_seconds=time.mean(records),
            raw_bytes=profile.event_bytes + figures.events.raw_bytes_added,
            processed_bytes=profile.event_bytes + figures.events.raw_bytes_added + figures.events.processed_bytes_added,
            commits=_commits(objects, settings),
        )

    @property
    def object_events(self) -> float:
        """Events of one object, on average; 0 where there are none."""
        return self.events / self.objects if self.objects else 0.0

    @property
    def shard_capacity(self) -> float:
        """Records a second that one shard's batches get through, one after the other."""
        return self.batch_records / self.batch_seconds


def shards_of(profile: EventProfile, settings: EventStackSettings) -> int:
    """Return how many shards there are: as the stack says, or as many as a stream on demand has for the load."""
    if settings.stream_mode == "provisioned":
        return settings.shards
    rate = profile.events_per_second
    needed = max(rate / RECORDS_PER_SHARD, rate * profile.event_bytes / BYTES_PER_SHARD)
    return max(_FEWEST_ON_DEMAND, math.ceil(_ROOM_ON_DEMAND * needed))


def _records_per_batch(rate: float, settings: EventStackSettings, time: ProcessorTime) -> float:
    """Return the records of one shard's batch: from its first one on for the window, and while the one before runs."""
    records = 1.0
    # Larger batches take longer, in which more come: a few rounds settle it, or reach the batch size.
    for _ in range(50):
        records = min(float(settings.batch_size), 1 + rate * (settings.batching_window_seconds + time.mean(records)))
    return records


# What Lambda takes into one batch of the compactor: components/events/timing.py, COMPACTED_AT_ONCE; a test compares.
OBJECTS_PER_COMMIT: Final = 2000
# Without a window Lambda takes no more than this.
OBJECTS_WITHOUT_A_WINDOW: Final = 10


def _commits(objects: float, settings: EventStackSettings) -> float:
    """Return the commits: one at the end of each window in which something came, or for each full batch."""
    if not objects:
        return 0.0
    delay = settings.compaction_delay_seconds
    most = OBJECTS_PER_COMMIT if delay else OBJECTS_WITHOUT_A_WINDOW
    windows = SECONDS_PER_MONTH / max(delay, 1)
    return max(objects / most, min(objects, windows))
