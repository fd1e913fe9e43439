"""What is known of the lake of a stack, and whether it is healthy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.status.health import StatusOfParts, Unanswered, dead_letters_phrase, reasons_of_alarms
from baler.lake.objectives import FAILURES, VISIBLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from baler.commands.status.health import AlarmState, MetricReading, Queue
    from baler.lake.aws.source_table import SourceReading

_ERROR_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class LakeHour:
    """What passed in the last hour.

    Attributes:
        new, replaced, set_aside: records.
        requests, errors: of the API; those that it answered with 5xx are among the requests.
        p95: seconds from the schedule's event to the record; None where nothing was written.
        api_p99: milliseconds in the function; None without requests.
    """

    new: int
    replaced: int
    set_aside: int
    requests: int
    errors: int
    p95: float | None = None
    api_p99: float | None = None


@dataclass(frozen=True, slots=True)
class LakeStatus(StatusOfParts):
    """What was found out; each part was asked for by itself.

    Attributes:
        at: when it was asked.
        sources: that were fetched ever, by name.
        queue: raw objects that wait to be curated.
        left_age: age of the oldest raw object that a batch left, in seconds; None where CloudWatch has no news of it.
    """

    stack: str
    at: datetime
    sources: tuple[SourceReading, ...] | Unanswered
    queue: Queue | Unanswered
    dead_letters: int | Unanswered
    left_age: MetricReading | Unanswered | None
    last_hour: LakeHour | Unanswered
    alarms: tuple[AlarmState, ...] | Unanswered

    def reasons(self) -> list[str]:
        """Return what is wrong, a phrase each."""
        return [
            *self._of_sources(),
            *self._of_what_waits(),
            *self._of_last_hour(),
            *reasons_of_alarms(self.alarms),
        ]

    def _parts(self) -> dict[str, object]:
        return {
            "sources": self.sources,
            "queue": self.queue,
            "dead_letters": self.dead_letters,
            "left_age": self.left_age,
            "last_hour": self.last_hour,
            "alarms": self.alarms,
        }

    def _of_sources(self) -> Iterator[str]:
        if isinstance(self.sources, Unanswered):
            return
        for source in self.sources:
            if source.failures >= FAILURES:
                yield f"{source.source} failed {source.failures} times in a row, the last time: {source.last_reason}"

    def _of_what_waits(self) -> Iterator[str]:
        if isinstance(self.dead_letters, int) and self.dead_letters:
            yield dead_letters_phrase(self.dead_letters, " of curation")

    def _of_last_hour(self) -> Iterator[str]:
        hour = self.last_hour
        if isinstance(hour, Unanswered):
            return
        if hour.p95 is not None and hour.p95 > VISIBLE_SECONDS:
            took = f"{hour.p95:,.0f} s, more than {VISIBLE_SECONDS} s"
            yield f"95% of the last hour's raw objects were in the table after up to {took}"
        if hour.errors > hour.requests * _ERROR_SHARE:
            yield f"the API answered {hour.errors:,} of the last hour's {hour.requests:,} requests with 5xx"
