"""A batch of messages: which objects they announce, and what becomes of each message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from baler.events.announcement import Announcement, MalformedMessageError, Refusal, announcements
from baler.events.raw_object import ForeignObjectError
from baler.events.refusal_reason import RefusalReason
from baler.events.table.rows import partition_of
from runtime.events.compactor.compactor import MOST_BYTES, Announced, Outcome, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime.events.compactor.compactor import Compactor

# Of an object whose message does not say it: as much as a batch of Lambda's can become.
_LARGEST: Final = MOST_BYTES // 4


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
        report: what became of it.
    """

    message: Message
    text: str
    key: str
    report: Report


class DeadLetters(Protocol):
    """Where messages go that can never be processed."""

    def move(self, objects: Sequence[ObjectReport]) -> dict[int, str]:
        """Send messages there; return why some were not taken, by their position."""
        ...


def process(messages: Sequence[Message], bucket: str, compactor: Compactor) -> list[ObjectReport]:
    """Bring what the messages announce into the table; return what became of each object, in their order.

    Args:
        messages: of a batch.
        bucket: the processed bucket.
        compactor: brings objects into the table.
    """
    found = [_found(message, bucket) for message in messages]
    wanted = {
        each.key: Announced(each.key, each.size or _LARGEST)
        for announced in found
        for each in announced
        if isinstance(each, Announcement) and not _is_foreign(each.key)
    }
    reports = compactor.handle(list(wanted.values()))
    return [
        _report(message, each, reports)
        for message, announced in zip(messages, found, strict=True)
        for each in announced
    ]


def settle(objects: Sequence[ObjectReport], dead_letters: DeadLetters) -> dict[str, str]:
    """Move what can never be processed; return why messages must stay in the queue, by their ids."""
    stay = {each.message.message_id: each.report.reason for each in objects if each.report.outcome is Outcome.RETRY}
    refused = [each for each in objects if each.report.outcome is Outcome.REFUSED]
    failed = dead_letters.move(refused) if refused else {}
    return stay | {refused[position].message.message_id: reason for position, reason in failed.items()}


def _found(message: Message, bucket: str) -> tuple[Announcement | Refusal, ...]:
    try:
        return announcements(message.body, bucket)
    except MalformedMessageError as error:
        return (Refusal(str(error), message.body),)


def _is_foreign(key: str) -> bool:
    try:
        partition_of(key)
    except ForeignObjectError:
        return True
    return False


def _report(message: Message, each: Announcement | Refusal, reports: Mapping[str, Report]) -> ObjectReport:
    if isinstance(each, Refusal):
        refused = Report(Outcome.REFUSED, refusal=RefusalReason.MALFORMED_MESSAGE)
        return ObjectReport(message, each.message, "", refused)
    foreign = Report(Outcome.REFUSED, refusal=RefusalReason.FOREIGN_KEY)
    return ObjectReport(message, each.message, each.key, reports.get(each.key, foreign))
