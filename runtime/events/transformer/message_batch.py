"""A batch of messages: which objects they announce, and what becomes of each message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from baler.events.announcement import Announcement, MalformedMessageError, Refusal, announcements
from baler.events.raw_object import ForeignObjectError, raw_object_name
from baler.events.recovery.pseudo_shard import origin_of
from baler.events.refusal_reason import RefusalReason
from baler.events.stream.shard_key import ShardKey
from runtime.events.transformer.transformer import Outcome, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runtime.events.transformer.transformer import Transformer

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the queue.

    Attributes:
        message_id: its id.
        body: what S3 wrote into it.
        sent_at: when SQS took it, seconds since the epoch.
        receives: how often it was received, this time included.
    """

    message_id: str
    body: str
    sent_at: float
    receives: int


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
        error: what nobody expects, and was raised; it is tried again.
    """

    message: Message
    text: str
    key: str
    put_at: float | None
    report: Report
    ended_at: float
    timely: bool = False
    error: Exception | None = None


class Concurrently(Protocol):
    """Calls for several items at the same time."""

    def __call__(self, call: Callable[[_Item], _Result], items: Iterable[_Item], /) -> Iterable[_Result]:
        """Return the results, in the order of the items."""
        ...


class MessageBatch:
    """Processes batches of messages.

    Args:
        bucket: the raw bucket.
        clock: the time, seconds since the epoch.
        concurrently: calls for several objects at the same time.
    """

    def __init__(self, bucket: str, clock: Callable[[], float], concurrently: Concurrently) -> None:
        self._bucket = bucket
        self._clock = clock
        self._concurrently = concurrently

    def process(self, messages: Iterable[Message], transformer: Transformer) -> list[ObjectReport]:
        """Process what the messages announce; return what became of it, in their order."""
        announced: list[tuple[Message, Announcement]] = []
        refused: list[ObjectReport] = []
        for message in messages:
            for each in self._read(message):
                match each:
                    case Announcement():
                        announced.append((message, each))
                    case Refusal():
                        refused.append(self._refused(message, each))

        def handle(item: tuple[Message, Announcement]) -> ObjectReport:
            return self._handle(*item, transformer)

        return [*refused, *self._concurrently(handle, announced)]

    def _read(self, message: Message) -> tuple[Announcement | Refusal, ...]:
        try:
            return announcements(message.body, self._bucket)
        except MalformedMessageError as error:
            return (Refusal(str(error), message.body),)

    def _refused(self, message: Message, refusal: Refusal) -> ObjectReport:
        report = Report(Outcome.REFUSED, refusal.reason, RefusalReason.MALFORMED_MESSAGE)
        return ObjectReport(message, refusal.message, "", None, report, self._clock())

    def _handle(self, message: Message, announced: Announcement, transformer: Transformer) -> ObjectReport:
        error: Exception | None = None
        try:
            report = transformer.handle(announced.key, announced.put_at, self._clock())
        except Exception as raised:  # noqa: BLE001 - of any kind: it is logged, and must not stop the objects beside it
            report, error = Report(Outcome.RETRY, "an error that nobody expects"), raised
        return ObjectReport(
            message=message,
            text=announced.message,
            key=announced.key,
            put_at=announced.put_at,
            report=report,
            ended_at=self._clock(),
            timely=not announced.again and not _is_recovered(announced.key),
            error=error,
        )


def _is_recovered(key: str) -> bool:
    """Whether a raw object was committed by a redrive or a replay."""
    try:
        return origin_of(ShardKey.of_label("", raw_object_name(key).shard_label)) is not None
    except ForeignObjectError:
        return False
