"""What is known of the event stream of a stack, and whether it is healthy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.status.health import StatusOfParts, Unanswered, dead_letters_phrase, reasons_of_alarms
from baler.events.objectives import END_TO_END_SECONDS, ITERATOR_AGE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from baler.commands.status.health import AlarmState, MetricReading, Queue

_READY: Final = frozenset({"ACTIVE", "UPDATING"})
_READ: Final = frozenset({"Enabled", "Updating", "Creating", "Enabling"})


@dataclass(frozen=True, slots=True)
class StreamState:
    """The stream.

    Attributes:
        status: Kinesis' word for it: ACTIVE, or UPDATING while it reshards.
        open_shards: that take records.
        retention_hours: how long it keeps one.
        mapping: Lambda's word for the state of what reads it; None where nothing does.
    """

    status: str
    open_shards: int
    retention_hours: int
    mapping: str | None


@dataclass(frozen=True, slots=True)
class NewestEventMetrics:
    """What CloudWatch has of the last minutes; None where it has nothing.

    Attributes:
        batch_age: seconds that the first record of a batch had waited when an attempt began.
        iterator_age: seconds that the last record which was read had waited, by Kinesis.
        left_age: seconds since it was put, of the oldest raw object that a run left for later.
        compaction_delay: seconds from arrival to the table, of what was committed last.
    """

    batch_age: MetricReading | None
    iterator_age: MetricReading | None
    left_age: MetricReading | None
    compaction_delay: MetricReading | None


@dataclass(frozen=True, slots=True)
class LastHour:
    """What passed in the last hour, and how fast: seconds from arrival to the processed store.

    Attributes:
        events, rejected, set_aside: records; those that were set aside, because they kill, are among the rejected.
    """

    events: int
    rejected: int
    set_aside: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class EventStatus(StatusOfParts):
    """What was found out; each part was asked for by itself.

    Attributes:
        at: when it was asked.
        transform, compaction: messages of the two queues.
        transform_dead_letters, compaction_dead_letters: what the pipeline gave up on.
    """

    stack: str
    at: datetime
    stream: StreamState | Unanswered
    transform: Queue | Unanswered
    transform_dead_letters: int | Unanswered
    compaction: Queue | Unanswered
    compaction_dead_letters: int | Unanswered
    measured: NewestEventMetrics | Unanswered
    last_hour: LastHour | Unanswered
    alarms: tuple[AlarmState, ...] | Unanswered

    def reasons(self) -> list[str]:
        """Return what is wrong, a phrase each."""
        return [*self._of_stream(), *self._of_what_waits(), *self._of_last_hour(), *reasons_of_alarms(self.alarms)]

    def _parts(self) -> dict[str, object]:
        return {
            "stream": self.stream,
            "transform": self.transform,
            "transform_dead_letters": self.transform_dead_letters,
            "compaction": self.compaction,
            "compaction_dead_letters": self.compaction_dead_letters,
            "measured": self.measured,
            "last_hour": self.last_hour,
            "alarms": self.alarms,
        }

    def _of_stream(self) -> Iterator[str]:
        if isinstance(self.stream, Unanswered):
            return
        if self.stream.status not in _READY:
            yield f"the stream is {self.stream.status}"
        if self.stream.mapping is None:
            yield "nobody reads the stream: it has no event source mapping"
        elif self.stream.mapping not in _READ:
            yield f"nobody reads the stream: its event source mapping is {self.stream.mapping}"

    def _of_what_waits(self) -> Iterator[str]:
        for count, of in ((self.transform_dead_letters, "transformer"), (self.compaction_dead_letters, "compactor")):
            if isinstance(count, int) and count:
                yield dead_letters_phrase(count, f" of the {of}")
        if isinstance(self.measured, Unanswered):
            return
        ages = [age.value for age in (self.measured.batch_age, self.measured.iterator_age) if age is not None]
        if ages and max(ages) > ITERATOR_AGE_SECONDS:
            yield f"an event waits in the stream for {max(ages):,.0f} s, more than {ITERATOR_AGE_SECONDS} s"

    def _of_last_hour(self) -> Iterator[str]:
        if isinstance(self.last_hour, Unanswered):
            return
        if self.last_hour.set_aside:
            records = "1 record" if self.last_hour.set_aside == 1 else f"{self.last_hour.set_aside:,} records"
            yield f"{records} of the last hour killed the processor and were set aside: see `baler events rejected`"
        if self.last_hour.p95 is not None and self.last_hour.p95 > END_TO_END_SECONDS:
            took = f"{self.last_hour.p95:,.0f} s, more than {END_TO_END_SECONDS} s"
            yield f"95% of the last hour's events took up to {took}"
