"""What was sent held against what was processed, event by event, in whatever order the news come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Place(NamedTuple):
    """Where in the stream an event lies: what the producer and the processed event both know of it."""

    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class SentEvent:
    """An event that the stream has taken.

    Attributes:
        number: in the order of the schedule.
        late: how much later than it was due it was sent at first, in seconds.
        at: when the stream had taken it, seconds since the epoch.
    """

    number: int
    late: float
    at: float


class EventLedger:
    """The events of one run.

    Attributes:
        sent: what the stream has taken.
        processed_at: when each event was processed, at the latest, seconds since the epoch.
        twice: what was processed more than once.
    """

    def __init__(self) -> None:
        self.sent: dict[Place, SentEvent] = {}
        self.processed_at: dict[Place, float] = {}
        self.twice: set[Place] = set()

    @property
    def missing(self) -> frozenset[Place]:
        """What the stream has taken, and nobody has seen processed."""
        return frozenset(self.sent.keys() - self.processed_at.keys())

    def note_sent(self, events: Mapping[Place, SentEvent]) -> list[float]:
        """Take in events; return the latencies, in seconds, of those that are known to be processed already."""
        self.sent.update(events)
        return [known for place in events if (known := self.latency(place)) is not None]

    def note_processed(self, places: Iterable[Place], at: float) -> list[float]:
        """Take in what an object holds that was there at a moment; return the latencies of what was sent."""
        latencies: list[float] = []
        for place in places:
            if place in self.processed_at:
                self.twice.add(place)
                continue
            self.processed_at[place] = at
            if (latency := self.latency(place)) is not None:
                latencies.append(latency)
        return latencies

    def latency(self, place: Place) -> float | None:
        """Return the seconds from the stream to the processed object, None where one of the two is unknown."""
        at, sent = self.processed_at.get(place), self.sent.get(place)
        return None if at is None or sent is None else at - sent.at
