"""A batch of messages: which raw objects they announce, and what becomes of each message.

A message that killed a run takes the batch along, and leaves nothing to be known by but that its batch comes again. So
every message that comes again is a suspect. Those that come for the first time are curated, settled and deleted before,
and then one suspect alone; the others are sent away as copies, each to be alone in a run of its own. So a message that
kills uses up its own three tries and one of each neighbour of its first run.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from baler.lake.announcement import Announcement, MalformedMessageError, announcements
from baler.lake.raw_key import ForeignRawError, RawKey
from baler.lake.refusal_reason import RefusalReason
from runtime.lake.curation.curator import Outcome, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from runtime.lake.curation.queue_message import Message

TRIES_MAX: Final = 3
"""Tries of a message, document 4's "3 retries"; then it is moved to the dead letters."""

LEAST_SECONDS: Final = 5.0
"""A raw object is not begun with less time left: reading it takes that long where it is large."""


class MessageOutcome(StrEnum):
    """What became of a message."""

    DONE = "done"
    """All that it announces is curated: it may be deleted."""

    POSTPONED = "postponed"
    """It was not begun: there was no time left, or it must be alone. A copy is sent, and no try is used up."""

    UNAVAILABLE = "unavailable"
    """A store did not answer. A copy is sent, and no try is used up: an outage makes no dead letters."""

    FAILED = "failed"
    """A try is used up. It stays in the queue, or goes to the dead letters if it was the last one."""


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """What became of an announced raw object.

    Attributes:
        announced: the announcement; its key is hostile.
        name: what the key says; None where it is none of ingestion's.
        report: what became of it.
        ended_at: when that was known, seconds since the epoch.
        error: what nobody foresaw, or None.
    """

    announced: Announcement
    name: RawKey | None
    report: Report
    ended_at: float
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class MessageReport:
    """What became of a message.

    Attributes:
        message: the message.
        outcome: see there.
        reason: why it is not done, in words of ours.
        refusal: why a try is used up; None where none is.
        objects: what became of all that it announces.
    """

    message: Message
    outcome: MessageOutcome
    reason: str = ""
    refusal: RefusalReason | None = None
    objects: Sequence[ObjectReport] = ()

    @property
    def is_last(self) -> bool:
        """Whether it has used up its last try."""
        return self.outcome is MessageOutcome.FAILED and self.message.tries + 1 >= TRIES_MAX


class Curate(Protocol):
    """Curates a raw object."""

    def __call__(self, key: str, version: str | None, deadline: float, /) -> Report:
        """See Curator.handle."""
        ...


class Settle(Protocol):
    """Sends, hides and deletes messages as their reports say."""

    def __call__(self, reports: Sequence[MessageReport], /, *, delete: bool) -> None:
        """Settle messages; `delete` those that may be, which Lambda otherwise does when it has the answer."""
        ...


class MessageBatch:
    """Curates what one batch of messages announces.

    Args:
        bucket: the raw bucket.
        curate: curates a raw object.
        clock: the time, seconds since the epoch.
        deadline: when curating must be over, seconds since the epoch.
    """

    def __init__(self, bucket: str, curate: Curate, clock: Callable[[], float], deadline: float) -> None:
        self._bucket = bucket
        self._curate = curate
        self._clock = clock
        self._deadline = deadline
        # What is announced twice in one batch is curated once.
        self._ended: dict[tuple[str, str | None], ObjectReport] = {}

    def process(self, messages: Iterable[Message], settle: Settle) -> list[MessageReport]:
        """Curate what the messages announce, and settle them; return what became of each."""
        fresh: list[Message] = []
        suspects: list[Message] = []
        for message in messages:
            (suspects if message.tries else fresh).append(message)
        reports = [self._handle(message) for message in fresh]
        if not suspects:
            settle(reports, delete=False)
            return reports
        alone, others = suspects[0], suspects[1:]
        reports += [
            MessageReport(each, MessageOutcome.POSTPONED, "it came again, and is curated in a run of its own")
            for each in others
        ]
        # Before the suspect is begun: if it kills, the others are out of its way.
        settle(reports, delete=True)
        last = self._handle(alone)
        settle([last], delete=False)
        return [*reports, last]

    def _handle(self, message: Message) -> MessageReport:
        if message.tries >= TRIES_MAX:
            reason = "the runs that took it up never ended"
            return MessageReport(message, MessageOutcome.FAILED, reason, RefusalReason.KILLS)
        try:
            announced = announcements(message.body, self._bucket)
        except MalformedMessageError as error:
            return MessageReport(message, MessageOutcome.FAILED, str(error), RefusalReason.MALFORMED_MESSAGE)
        except Exception as error:  # noqa: BLE001 - of any kind: it must not stop the messages beside this one
            reason = type(error).__name__
            return MessageReport(message, MessageOutcome.FAILED, reason, RefusalReason.UNFORESEEN)
        objects: list[ObjectReport] = []
        for each in announced:
            if self._clock() + LEAST_SECONDS > self._deadline:
                return MessageReport(message, MessageOutcome.POSTPONED, "no time left", objects=objects)
            objects.append(self._curated(each))
        return _reported(message, objects)

    def _curated(self, announced: Announcement) -> ObjectReport:
        place = (announced.key, announced.version)
        if (before := self._ended.get(place)) is not None:
            # It is reported with the message that was first; what it says of records is not counted twice.
            return dataclasses.replace(before, report=dataclasses.replace(before.report, tally=None, set_aside=0))
        error = None
        try:
            report = self._curate(announced.key, announced.version, self._deadline)
        except Exception as unforeseen:  # noqa: BLE001 - of any kind: it must not stop the messages beside this one
            error = unforeseen
            report = Report(Outcome.REFUSED, type(unforeseen).__name__, RefusalReason.UNFORESEEN)
        ended = ObjectReport(announced, _name(announced.key), report, self._clock(), error)
        self._ended[place] = ended
        return ended


def _name(key: str) -> RawKey | None:
    try:
        return RawKey.parse(key)
    except ForeignRawError:
        return None


def _reported(message: Message, objects: Sequence[ObjectReport]) -> MessageReport:
    """Return what becomes of a message: as long as a store keeps one object waiting, nothing is said of the others."""
    for outcome, reported in (
        (Outcome.RETRY, MessageOutcome.UNAVAILABLE),
        (Outcome.REFUSED, MessageOutcome.FAILED),
    ):
        for each in objects:
            if each.report.outcome is outcome:
                return MessageReport(message, reported, each.report.reason, each.report.refusal, objects)
    return MessageReport(message, MessageOutcome.DONE, objects=objects)
