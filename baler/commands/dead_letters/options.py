"""The options that the commands share."""

from __future__ import annotations

import re
from typing import Annotated, Final

import typer

from baler.cli.bucket_name import bucket_name
from baler.cli.stack_outputs import from_stack
from baler.commands.dead_letters.queues import AnnouncedQueue
from baler.commands.dead_letters.report import SHORT_ID

_ID: Final = re.compile(rf"[0-9a-f-]{{{SHORT_ID},36}}")

QueueUrl = Annotated[str | None, from_stack("filesDeadLetterQueueUrl", optional=True)]
IngestUrl = Annotated[str | None, from_stack("filesIngestQueueUrl", optional=True)]
LandingBucket = Annotated[str | None, from_stack("filesLandingBucket", optional=True)]
ClaimTable = Annotated[str | None, from_stack("filesClaimTable", optional=True)]
Queue = Annotated[
    AnnouncedQueue | None,
    typer.Option(
        help="Another queue of the stack than the file pipeline's, with its dead letters and the bucket it announces."
    ),
]
AnnouncedBucket = Annotated[
    str | None,
    typer.Option(
        metavar="BUCKET",
        parser=bucket_name,
        help="Where no stack is named, and the queue is another than the file pipeline's: the bucket whose objects its "
        "messages announce.",
    ),
]
MaxFileMegabytes = Annotated[
    int | None,
    from_stack(
        "filesMaxFileMegabytes", "Without it a file is too_large where the function said so.", optional=True, min=1
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a message instead of text.")]


def message_ids(named: list[str]) -> list[str]:
    """Check the message ids of a command line: whole, or as much of the beginning as the list shows."""
    for name in named:
        if _ID.fullmatch(name) is None:
            raise typer.BadParameter(f"{name!r} is not a message id, nor its first {SHORT_ID} characters or more.")
    return named
