"""A batch of messages: which objects they announce, and what becomes of each message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.events.announcement import Announcement, MalformedMessageError, Refusal, announcements
from baler.events.recovery.pseudo_shard import is_recovered
from baler.events.refusal_reason import RefusalReason
from runtime.events.transformer.batch_objects import by_batch
from runtime.events.transformer.transformer import Outcome, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from baler.events.queue_message import Message
    from runtime.events.transformer.batch_objects import BatchObjects
    from runtime.events.transformer.ports import Concurrently
    from runtime.events.transformer.transformer import Transformer


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """What became of an object that a message announces, or of a message that announces none.

    Attributes:
        message: the one that it was in.
        text: a message that announces it alone.
        key: of the object; empty where the message does not say. Hostile.
        put_at: when it was put, seconds since the epoch; None where the message does not say.
        report: what became of it.
        ended_at: when that was known, seconds since the epoch.
        timely: its latency says how fast the pipeline is: it came by itself, and not because an operator announced it
            again or brought its records back.
    """

    message: Message
    text: str
    key: str
    put_at: float | None
    report: Report
    ended_at: float
    timely: bool = False


class MessageBatch:
    """Processes batches of messages.

    Args:
        bucket: the raw bucket.
        clock: the time, seconds since the epoch.
        concurrently: calls for several batches of records at the same time.
    """

    def __init__(self, bucket: str, clock: Callable[[], float], concurrently: Concurrently) -> None:
        self._bucket = bucket
        self._clock = clock
        self._concurrently = concurrently

    def process(self, messages: Iterable[Message], transformer: Transformer) -> list[ObjectReport]:
        """Process what the messages announce, batch by batch; return what became of it."""
        announced: list[tuple[Message, Announcement]] = []
        refused: list[ObjectReport] = []
        for message in messages:
            for each in self._read(message):
                match each:
                    case Announcement():
                        announced.append((message, each))
                    case Refusal():
                        refused.append(self._refused(message, each))
        batches, foreign = by_batch((each.key, each.put_at) for _, each in announced)
        now = self._clock()

        def handle(batch: BatchObjects) -> tuple[dict[str, Report], float]:
            return transformer.handle(batch, now), self._clock()

        ended: dict[str, tuple[Report, float]] = {
            key: (Report(Outcome.REFUSED, str(error), RefusalReason.FOREIGN_KEY), now) for key, error in foreign.items()
        }
        for reports, ended_at in self._concurrently(handle, batches):
            ended |= {key: (report, ended_at) for key, report in reports.items()}
        return [*refused, *(_reported(message, each, *ended[each.key]) for message, each in announced)]

    def _read(self, message: Message) -> tuple[Announcement | Refusal, ...]:
        try:
            return announcements(message.body, self._bucket)
        except MalformedMessageError as error:
            return (Refusal(str(error), message.body),)

    def _refused(self, message: Message, refusal: Refusal) -> ObjectReport:
        report = Report(Outcome.REFUSED, refusal.reason, RefusalReason.MALFORMED_MESSAGE)
        return ObjectReport(message, refusal.message, "", None, report, self._clock())


def _reported(message: Message, announced: Announcement, report: Report, ended_at: float) -> ObjectReport:
    return ObjectReport(
        message=message,
        text=announced.message,
        key=announced.key,
        put_at=announced.put_at,
        report=report,
        ended_at=ended_at,
        timely=not announced.again and not is_recovered(announced.key),
    )
