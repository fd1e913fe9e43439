"""What a stack must be set to, to keep up with a rate of events."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.events.functions import compactor_seconds, transformer_seconds
from baler.commands.cost.events.monthly import EventMonth, monthly_event_bill
from baler.commands.cost.events.processing import COMPACTOR_CONCURRENCY, transformed_at_once
from baler.commands.cost.events.traffic import BYTES_PER_SHARD, RECORDS_PER_SHARD
from baler.commands.cost.traffic import SECONDS_PER_MONTH

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventProfile
    from baler.commands.cost.figures import Figures

# How much of a shard's room, and of what its batches get through, a steady rate may take: bursts need the rest, and a
# backlog of an hour must be caught up within two.
_ROOM: Final = 1.5
# In which a batch may grow: the settings' bound.
_BATCH_SIZES: Final = (100, 200, 500, 1000)
_FEWEST_SHARDS: Final = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """A rate, what the stack is set to for it, and what follows.

    Attributes:
        settings: the stack's, with shards and batch size as the rate needs them.
        month: traffic and bill.
        transformers: at work at once, on average.
        compactors: of the two that there may be, at work at once, on average; more than two do not keep up.
        gather_seconds: in which a shard's batch comes together.
        latency_p50, latency_p95: seconds from arrival to the processed store.
    """

    profile: EventProfile
    settings: EventStackSettings
    month: EventMonth
    transformers: float
    compactors: float
    gather_seconds: float
    latency_p50: float
    latency_p95: float

    @property
    def processors(self) -> float:
        """Processors at work at once, on average; at the most one a shard."""
        return self.month.traffic.batches * self.month.traffic.batch_seconds / SECONDS_PER_MONTH

    @property
    def keeps_up(self) -> bool:
        """Whether each shard's batches get through more than comes."""
        return self.profile.events_per_second / self.month.traffic.shards <= self.month.traffic.shard_capacity

    @property
    def table_keeps_up(self) -> bool:
        """Whether the compactors commit as fast as objects come."""
        return self.compactors <= COMPACTOR_CONCURRENCY


def plan(profile: EventProfile, settings: EventStackSettings, figures: Figures) -> Plan:
    """Return the least that a rate needs: shards with room, then the smallest batch that keeps up."""
    shards = max(_FEWEST_SHARDS, shards_needed(profile))
    sizes = [size for size in _BATCH_SIZES if size > settings.batch_size]
    fitted = settings.model_copy(update={"stream_mode": "provisioned", "shards": shards})
    while sizes and _capacity(profile, fitted, figures) < _ROOM * profile.events_per_second / shards:
        fitted = fitted.model_copy(update={"batch_size": sizes.pop(0)})
    return as_it_is(profile, fitted, figures)


def _capacity(profile: EventProfile, settings: EventStackSettings, figures: Figures) -> float:
    return monthly_event_bill(profile, settings, figures).traffic.shard_capacity


def as_it_is(profile: EventProfile, settings: EventStackSettings, figures: Figures) -> Plan:
    """Return what follows of the settings as they are."""
    month = monthly_event_bill(profile, settings, figures)
    traffic, latency = month.traffic, figures.assumed.latency
    at_once = transformed_at_once(traffic, settings, figures)
    transform = transformer_seconds(figures, settings.transformer_memory_megabytes, at_once, traffic.object_events)
    commits = max(traffic.commits, 1.0)
    commit = compactor_seconds(
        figures, settings.compactor_memory_megabytes, traffic.objects / commits, traffic.events / commits
    )
    a_shard = profile.events_per_second / traffic.shards
    gather = min(float(settings.batching_window_seconds), settings.batch_size / a_shard)
    behind = traffic.batch_seconds + transform
    return Plan(
        profile=profile,
        settings=settings,
        month=month,
        transformers=traffic.objects / at_once * transform / SECONDS_PER_MONTH,
        compactors=traffic.commits * commit / SECONDS_PER_MONTH,
        gather_seconds=gather,
        # An event comes at any moment of the gathering; the delay of S3's event is by far the most uncertain.
        latency_p50=gather / 2 + behind + latency.s3_event.seconds(0.5),
        latency_p95=gather * 0.95 + behind + latency.s3_event.seconds(0.95),
    )


def shards_needed(profile: EventProfile) -> int:
    """Return the shards that a rate needs, with room for bursts."""
    rate = profile.events_per_second
    return math.ceil(_ROOM * max(rate / RECORDS_PER_SHARD, rate * profile.event_bytes / BYTES_PER_SHARD))
