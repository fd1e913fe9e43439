"""The dead-letter queues that a stack has beside the file pipeline's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import typer

from baler.cli import stack
from baler.cli.stack_outputs import output_of_stack


class AnnouncedQueue(StrEnum):
    """A queue whose messages announce objects of one bucket."""

    TRANSFORM = "events-transform"
    COMPACTION = "events-compaction"
    CURATION = "lake-curation"


@dataclass(frozen=True, slots=True)
class QueueParts:
    """What belongs to a queue.

    Attributes:
        dead_letter_queue_url: of its dead letters.
        ingest_queue_url: its own, where it was asked for.
        announced_bucket: whose objects its messages announce; None of the file pipeline's.
    """

    dead_letter_queue_url: str
    ingest_queue_url: str | None
    announced_bucket: str | None


_OUTPUTS: Final = {
    AnnouncedQueue.TRANSFORM: ("eventsTransformDeadLetterQueueUrl", "eventsTransformQueueUrl", "eventsRawBucket"),
    AnnouncedQueue.COMPACTION: (
        "eventsCompactionDeadLetterQueueUrl",
        "eventsCompactionQueueUrl",
        "eventsProcessedBucket",
    ),
    AnnouncedQueue.CURATION: ("lakeCurationDeadLetterQueueUrl", "lakeCurationQueueUrl", "lakeRawBucket"),
}
_SAID_BY_QUEUE: Final = ("dead_letter_queue_url", "ingest_queue_url", "announced_bucket")


def queue_parts(
    command: typer.Context,
    queue: AnnouncedQueue | None,
    dead_letter_queue_url: str | None,
    announced_bucket: str | None = None,
    ingest_queue_url: str | None = None,
) -> QueueParts:
    """Return the queue that a command is about: one of the stack's by its kind, whatever variables say, or as given.

    Raises:
        typer.BadParameter: its kind was given and a part of it too, no stack is named, or it has no such queue.
    """
    if queue is not None:
        return _of_stack(queue, command)
    if not dead_letter_queue_url:
        raise typer.BadParameter(f"Name the stack (--stack, {stack.VARIABLE}, baler.toml), or --dead-letter-queue-url.")
    return QueueParts(dead_letter_queue_url, ingest_queue_url, announced_bucket)


def _of_stack(queue: AnnouncedQueue, command: typer.Context) -> QueueParts:
    for parameter in _SAID_BY_QUEUE:
        source = command.get_parameter_source(parameter)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"--queue says what --{parameter.replace('_', '-')} is: leave one of them out.")
    dead, own, bucket = (output_of_stack(output) for output in _OUTPUTS[queue])
    if not dead or not own or not bucket:
        raise typer.BadParameter(f"Stack {stack.required()!r} has no queue {queue}.")
    return QueueParts(dead, own, bucket)
