"""Deletes dead letters for good, never one without a line in the audit file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.commands.dead_letters.found import LOSES_NOTHING
from baler.commands.dead_letters.report import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.dead_letters.audit import AuditLog
    from baler.commands.dead_letters.finding import Finding
    from baler.commands.dead_letters.queue import DeadLetter, Reading


@dataclass(slots=True)
class Discarded:
    """What a discard did: messages `done`, and those `left` in the queue, by their ids."""

    done: int
    left: list[str]


def question(chosen: Sequence[tuple[DeadLetter, Finding]]) -> str:
    """Return what the operator has to confirm; the messages and their keys stand above it."""
    files = sum(len(finding.files) for _, finding in chosen)
    lost = sum(about.found not in LOSES_NOTHING for _, finding in chosen for about in finding.files)
    warning = f" {lost} of these files can still be delivered, and would be LOST." if lost else ""
    return f"Discard {count(len(chosen), 'message')}, announcing {count(files, 'file')}, for good?{warning}"


def discard(reading: Reading, audit: AuditLog, chosen: Sequence[tuple[DeadLetter, Finding]]) -> Discarded:
    """Discard messages one by one: hold it, note it, delete it.

    A message that may be in other hands by now, because the operator thought about it for long, is left alone: it
    may be on its way through the pipeline.

    Raises:
        AuditError: a line could not be written; that message and those after it are not discarded.
    """
    result = Discarded(0, [])
    for letter, finding in chosen:
        if not reading.hold(letter):
            result.left.append(letter.message_id)
            continue
        audit.discarding(letter, finding)
        if reading.delete([letter]):
            audit.kept(letter)
            result.left.append(letter.message_id)
        else:
            result.done += 1
    return result
