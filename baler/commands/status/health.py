"""What is known of a stack, and whether it is healthy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.cli.durations import duration
from baler.files import objectives
from baler.files.courier.breaker import Cause
from baler.files.path_fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

TYPICAL_OBJECTIVE_SECONDS: Final = objectives.TYPICAL_SECONDS
OBJECTIVE_SECONDS: Final = objectives.NEARLY_ALL_SECONDS

_FAULTS: Final = {
    Fault.NOTIFICATION_REPLACED: "the landing bucket does not send its events to the queue (notification_replaced)",
    Fault.NOTIFICATION_NARROWED: "the landing bucket sends the queue a part of its events (notification_narrowed)",
    Fault.QUEUE_MISSING: "there is no ingest queue (queue_missing)",
    Fault.QUEUE_POLICY: "the queue's policy does not let the landing bucket send (queue_policy)",
    Fault.MAPPING_MISSING: "there is no event source mapping, or the monitor may not read it (mapping_missing)",
    Fault.MAPPING_DISABLED: "the event source mapping is disabled (mapping_disabled)",
    Fault.MAPPING_CHANGED: "the event source mapping reads or invokes something else (mapping_changed)",
    Fault.REDRIVE_POLICY: "the ingest queue has no dead-letter queue (redrive_policy)",
}

CAUSES: Final = {
    Cause.UNREACHABLE: "it does not answer, or cannot work",
    Cause.REFUSES_EVERYTHING: "it refuses every bundle",
    Cause.CREDENTIALS: "it refuses our credentials, or they cannot be used",
}

ON: Final = "ALARM"
UNDECIDED: Final = "INSUFFICIENT_DATA"

RUNBOOK: Final = "Runbook: "
"""What stands in an alarm's description before its page, which is the last that it says."""


class HealthStatus(StrEnum):
    """Whether a stack is healthy."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"
    """Nothing wrong was seen, and not everything could be."""


def worst(found: Iterable[HealthStatus]) -> HealthStatus:
    """Return the state of several: what is wrong is certain, and what is unknown may be."""
    seen = set(found)
    for status in (HealthStatus.UNHEALTHY, HealthStatus.UNKNOWN):
        if status in seen:
            return status
    return HealthStatus.HEALTHY


@dataclass(frozen=True, slots=True)
class Unanswered:
    """AWS did not answer: `why`, for the operator."""

    why: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages in a queue: those that wait, and those that a function works on."""

    waiting: int
    in_flight: int

    @property
    def messages(self) -> int:
        """All of them."""
        return self.waiting + self.in_flight


@dataclass(frozen=True, slots=True)
class MetricReading:
    """The newest value of a metric, and the minute that it is of."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class NewestMetrics:
    """What CloudWatch has of the last minutes; None where it has nothing.

    Attributes:
        queue_age: seconds that the oldest message has waited; SQS leaves out those that were received three times.
        left_age: seconds that the oldest message has waited which a batch left in the queue.
        faults: what the monitor finds wrong with the path of files, with the minute in which it did.
        mailbox_objects: bundles in the mailbox.
        mailbox_bytes: their bytes.
        mailbox_age: seconds that the oldest of them has waited.
        breaker_open: 1 while the courier sends nothing but probes, else 0; of pushed deliveries alone.
        open_seconds: for how long it has been open, by cause.
        quarantined: bundles that the receiver refused and that were set aside; of pushed deliveries alone.
    """

    queue_age: MetricReading | None
    mailbox_objects: MetricReading | None
    mailbox_bytes: MetricReading | None
    mailbox_age: MetricReading | None
    left_age: MetricReading | None = None
    faults: dict[str, MetricReading] = field(default_factory=dict[str, MetricReading])
    breaker_open: MetricReading | None = None
    open_seconds: dict[str, MetricReading] = field(default_factory=dict[str, MetricReading])
    quarantined: MetricReading | None = None

    @property
    def pushed(self) -> bool:
        """Whether a courier takes bundles to a receiver: it and the monitor then publish what they do not of others."""
        return self.breaker_open is not None or self.quarantined is not None

    @property
    def open_for(self) -> tuple[str, MetricReading] | None:
        """Why the breaker is open, and for how many seconds; None where it is closed, or nothing is known."""
        if self.breaker_open is None or not self.breaker_open.value or not self.open_seconds:
            return None
        # A cause that another has taken the place of is not published any more.
        return max(self.open_seconds.items(), key=lambda item: item[1].at)


@dataclass(frozen=True, slots=True)
class LatencyPercentiles:
    """From landing to mailbox, of the files of the last hour, in seconds. Without files there are no percentiles."""

    files: int
    p50: float | None = None
    p95: float | None = None
    p99_9: float | None = None


@dataclass(frozen=True, slots=True)
class LastBundle:
    """The newest bundle in the archive; `size` in bytes, `files` None where its metadata does not say."""

    bundle_id: str
    created: datetime
    size: int
    files: int | None


@dataclass(frozen=True, slots=True)
class AlarmState:
    """An alarm: its name without the stack's, its state and since when, and what it says to people."""

    name: str
    state: str
    since: datetime
    description: str

    @property
    def runbook(self) -> str | None:
        """The page for whoever is paged, as the description ends; None where it names none."""
        _, _, page = self.description.partition(RUNBOOK)
        return page or None


class StatusOfParts(ABC):
    """What was found out of something whose parts were asked for each by itself."""

    __slots__ = ()

    @abstractmethod
    def reasons(self) -> list[str]:
        """Return what is wrong, a phrase each."""

    @abstractmethod
    def _parts(self) -> dict[str, object]:
        """Return its parts by name, those that did not answer too."""

    def unanswered(self) -> dict[str, str]:
        """Return why parts are not known, by part."""
        return {name: part.why for name, part in self._parts().items() if isinstance(part, Unanswered)}

    @property
    def nothing_is_known(self) -> bool:
        """Whether no part could be asked, as without credentials."""
        return len(self.unanswered()) == len(self._parts())

    @property
    def health(self) -> HealthStatus:
        """What is wrong is certain, whatever else could not be seen."""
        if self.reasons():
            return HealthStatus.UNHEALTHY
        return HealthStatus.UNKNOWN if self.unanswered() else HealthStatus.HEALTHY


def reasons_of_alarms(alarms: tuple[AlarmState, ...] | Unanswered) -> Iterator[str]:
    """Yield which alarms are on."""
    if not isinstance(alarms, Unanswered):
        yield from (f"the alarm {alarm.name} is on" for alarm in alarms if alarm.state == ON)


def dead_letters_phrase(count: int, of: str = "") -> str:
    """Return a number of dead letters as a reason has it: at least one."""
    letters = "1 dead letter" if count == 1 else f"{count:,} dead letters"
    return f"{letters}{of}: see `baler dead-letters list`"


@dataclass(frozen=True, slots=True)
class Status(StatusOfParts):
    """What was found out about a stack; each part was asked for by itself.

    Attributes:
        at: when it was asked.
        dead_letters: how many messages the pipeline gave up on.
        last_bundle: None where the last day brought none.
    """

    stack: str
    at: datetime
    queue: Queue | Unanswered
    dead_letters: int | Unanswered
    measured: NewestMetrics | Unanswered
    last_bundle: LastBundle | Unanswered | None
    latency: LatencyPercentiles | Unanswered
    alarms: tuple[AlarmState, ...] | Unanswered

    def reasons(self) -> list[str]:
        """Return what is wrong, a phrase each."""
        return [
            *self._of_what_waits(),
            *self._of_path(),
            *self._of_delivery(),
            *self._of_latency(),
            *reasons_of_alarms(self.alarms),
        ]

    def _parts(self) -> dict[str, object]:
        return {
            "queue": self.queue,
            "dead_letters": self.dead_letters,
            "measured": self.measured,
            "last_bundle": self.last_bundle,
            "latency": self.latency,
            "alarms": self.alarms,
        }

    @property
    def queue_age(self) -> float | None:
        """Seconds that the oldest message has waited. The metric is minutes behind: an empty queue has none."""
        if isinstance(self.measured, Unanswered) or self.measured.queue_age is None:
            return None
        if isinstance(self.queue, Queue) and not self.queue.waiting + self.queue.in_flight:
            return None
        return self.measured.queue_age.value

    def _of_what_waits(self) -> Iterator[str]:
        if isinstance(self.dead_letters, int) and self.dead_letters:
            yield dead_letters_phrase(self.dead_letters)
        if self.queue_age is not None and self.queue_age > OBJECTIVE_SECONDS:
            yield f"a file has waited for {self.queue_age:,.0f} s to be bundled, more than {OBJECTIVE_SECONDS} s"
        left = None if isinstance(self.measured, Unanswered) else self.measured.left_age
        if left is not None and left.value > OBJECTIVE_SECONDS:
            waited = f"{left.value:,.0f} s, more than {OBJECTIVE_SECONDS} s"
            yield f"a file that failed again stays in the queue after {waited}"

    def _of_path(self) -> Iterator[str]:
        if not isinstance(self.measured, Unanswered):
            yield from (_FAULTS[fault] for fault in _FAULTS if fault in self.measured.faults)

    def _of_delivery(self) -> Iterator[str]:
        if isinstance(self.measured, Unanswered):
            return
        if self.measured.open_for is not None:
            cause, seconds = self.measured.open_for
            yield f"the receiver has taken no bundles for {duration(seconds.value)}: {CAUSES[Cause(cause)]}"
        if self.measured.quarantined is not None and self.measured.quarantined.value:
            count = round(self.measured.quarantined.value)
            bundles = "1 bundle was" if count == 1 else f"{count:,} bundles were"
            yield f"{bundles} refused by the receiver and set aside: see `baler redeliver --all --dry-run`"

    def _of_latency(self) -> Iterator[str]:
        if isinstance(self.latency, Unanswered):
            return
        for name, seconds, objective in (
            ("95%", self.latency.p95, TYPICAL_OBJECTIVE_SECONDS),
            ("99.9%", self.latency.p99_9, OBJECTIVE_SECONDS),
        ):
            if seconds is not None and seconds > objective:
                yield f"{name} of the last hour's files took up to {seconds:,.0f} s, more than {objective} s"
