"""Deletes dead letters for good, never one without a line in the audit file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.cli.report import quantity
from baler.commands.dead_letters.diagnosis import LOSES_NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.aws.queue_scan import QueueScan
    from baler.commands.dead_letters.audit import AuditLog
    from baler.commands.dead_letters.diagnosis import MessageDiagnosis


@dataclass(slots=True)
class DiscardResult:
    """What a discard did: messages `done`, and those `left` in the queue, by their ids."""

    done: int
    left: list[str]


def question(chosen: Sequence[tuple[ReceivedDeadLetter, MessageDiagnosis]]) -> str:
    """Return what the operator has to confirm; the messages and their keys stand above it."""
    files = sum(len(diagnosed.files) for _, diagnosed in chosen)
    lost = sum(about.diagnosis not in LOSES_NOTHING for _, diagnosed in chosen for about in diagnosed.files)
    warning = f" {lost} of these files can still be delivered, and would be LOST." if lost else ""
    return f"Discard {quantity(len(chosen), 'message')}, announcing {quantity(files, 'file')}, for good?{warning}"


def discard(
    scan: QueueScan, audit: AuditLog, chosen: Sequence[tuple[ReceivedDeadLetter, MessageDiagnosis]]
) -> DiscardResult:
    """Discard messages one by one: hold it, note it, delete it.

    A message that may be in other hands by now, because the operator thought about it for long, is left alone: it
    may be on its way through the pipeline.

    Raises:
        AuditError: a line could not be written; that message and those after it are not discarded.
    """
    result = DiscardResult(0, [])
    for letter, diagnosed in chosen:
        if not scan.hold(letter):
            result.left.append(letter.message_id)
            continue
        audit.discarding(letter, diagnosed)
        if scan.delete([letter]):
            audit.kept(letter)
            result.left.append(letter.message_id)
        else:
            result.done += 1
    return result
