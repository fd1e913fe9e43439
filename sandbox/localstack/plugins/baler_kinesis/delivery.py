"""One batch's way to its function, by the rules of an event source mapping on a stream.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html and kinesis-on-failure-destination.html:

- A batch that fails is tried again until it succeeds, its records are too old or its retries are used up; nothing else
  of its shard is delivered before.
- With bisect, a batch of several records that fails is halved, whether or not the mapping asks for reports. That uses
  up no retry.
- A report cuts the batch at its lowest sequence number: what lies before is done, the rest is tried again.
- An invocation that was not made uses up no retry.

AWS does not say whether what is left after a cut or a split begins a new count of retries: `Rules.fresh_count`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from baler_kinesis.answer import Failed, NotInvoked, Outcome, Reported, Succeeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    Event = dict[str, Any]

_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0

RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
AGE_EXCEEDED = "RecordAgeExceeded"


class StoppedError(Exception):
    """The mapping was stopped; the batch is delivered anew when it goes on."""


@dataclass(frozen=True)
class Rules:
    """A mapping's configuration.

    Attributes:
        retries: after the first attempt; -1 is without end.
        record_age: seconds after which a record is given up; -1 is never.
        bisect: halve a batch that fails.
        fresh_count: what is left after a cut or a split has all retries before it again.
    """

    retries: int = -1
    record_age: int = -1
    bisect: bool = False
    fresh_count: bool = False


@dataclass(frozen=True)
class Discarded:
    """Records that are given up.

    Attributes:
        events: in order.
        condition: why, as AWS names it.
        attempts: invocations that they were part of, as far as they are known.
        last: the last of those invocations; None where there was none.
    """

    events: Sequence[Event]
    condition: str
    attempts: int
    last: Failed | None


class Surroundings(Protocol):
    """What a delivery reaches."""

    def invoke(self, events: Sequence[Event]) -> Outcome:
        """Invoke the function and return what came of it."""
        ...

    def discard(self, discarded: Discarded) -> None:
        """Tell the destination."""
        ...

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait before the next attempt.

        Raises:
            StoppedError: the mapping was stopped meanwhile.
        """
        ...


def deliver(events: Sequence[Event], rules: Rules, surroundings: Surroundings) -> None:
    """Return when every record is done or discarded, in order.

    Raises:
        StoppedError: the mapping was stopped.
    """
    _deliver(list(events), _Count(), rules, surroundings)


@dataclass(frozen=True)
class _Count:
    retried: int = 0
    """Attempts that used up a retry."""
    attempts: int = 0
    last: Failed | None = None

    def after(self, invocation: Failed, *, counted: bool) -> _Count:
        return _Count(self.retried + counted, self.attempts + 1, invocation)

    def progressed(self, rules: Rules) -> _Count:
        return _Count() if rules.fresh_count else self


def _deliver(events: list[Event], count: _Count, rules: Rules, surroundings: Surroundings) -> None:
    failures = 0
    while events := _young(events, count, rules, surroundings):
        match surroundings.invoke(events):
            case Succeeded():
                return
            case NotInvoked():
                pass
            case Reported(lowest=lowest, invocation=invocation):
                rest = [event for event in events if sequence_number(event) >= lowest]
                count = count.after(invocation, counted=True)
                if len(rest) < len(events):
                    events, count, failures = rest, count.progressed(rules), 0
            case Failed() as invocation if rules.bisect and len(events) > 1:
                count = count.after(invocation, counted=False).progressed(rules)
                middle = len(events) // 2
                _deliver(events[:middle], count, rules, surroundings)
                _deliver(events[middle:], count, rules, surroundings)
                return
            case Failed() as invocation:
                count = count.after(invocation, counted=True)
        if 0 <= rules.retries < count.retried:
            surroundings.discard(Discarded(events, RETRIES_EXHAUSTED, count.attempts, count.last))
            return
        surroundings.wait(min(_FIRST_WAIT_SECONDS * 2.0 ** min(failures, 10), _LONGEST_WAIT_SECONDS))
        failures += 1


def _young(events: list[Event], count: _Count, rules: Rules, surroundings: Surroundings) -> list[Event]:
    """Discard the records that are too old, and return the others."""
    if rules.record_age < 0:
        return events
    oldest = surroundings.now() - rules.record_age
    old = [event for event in events if _arrived_at(event) < oldest]
    if old:
        surroundings.discard(Discarded(old, AGE_EXCEEDED, count.attempts, count.last))
    return [event for event in events if _arrived_at(event) >= oldest]


def _arrived_at(event: Event) -> float:
    return event["kinesis"]["approximateArrivalTimestamp"]


def sequence_number(event: Event) -> str:
    """Return an event's sequence number: 56 digits, compared as text."""
    return event["kinesis"]["sequenceNumber"]
