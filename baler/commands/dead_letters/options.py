"""The options that the commands share."""

from __future__ import annotations

import re
from typing import Annotated, Final

import typer

from baler.cli.bucket_name import bucket_name
from baler.commands.dead_letters.report import SHORT_ID

_ID: Final = re.compile(rf"[0-9a-f-]{{{SHORT_ID},36}}")

QueueUrl = Annotated[
    str,
    typer.Option(
        envvar="BALER_DEAD_LETTER_QUEUE_URL", metavar="URL", help="The stack's output filesDeadLetterQueueUrl."
    ),
]
IngestUrl = Annotated[
    str, typer.Option(envvar="BALER_INGEST_QUEUE_URL", metavar="URL", help="The stack's output filesIngestQueueUrl.")
]
LandingBucket = Annotated[
    str | None,
    typer.Option(
        envvar="BALER_LANDING_BUCKET",
        metavar="BUCKET",
        parser=bucket_name,
        help="The stack's output filesLandingBucket.",
    ),
]
ClaimTable = Annotated[
    str | None, typer.Option(envvar="BALER_CLAIM_TABLE", metavar="TABLE", help="The stack's output filesClaimTable.")
]
AnnouncedBucket = Annotated[
    str | None,
    typer.Option(
        metavar="BUCKET",
        parser=bucket_name,
        help="Of an event stream or a lake, instead of the two above: the bucket whose objects the messages announce, "
        "the output eventsRawBucket with eventsTransformDeadLetterQueueUrl, eventsProcessedBucket with "
        "eventsCompactionDeadLetterQueueUrl, lakeRawBucket with lakeCurationDeadLetterQueueUrl.",
    ),
]
MaxFileMegabytes = Annotated[
    int | None,
    typer.Option(
        envvar="BALER_MAX_FILE_MEGABYTES",
        min=1,
        help="The stack's baler:filesMaxFileMegabytes, in MiB. "
        "Without it a file is too_large where the function said so.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a message instead of text.")]


def message_ids(named: list[str]) -> list[str]:
    """Check the message ids of a command line: whole, or as much of the beginning as the list shows."""
    for name in named:
        if _ID.fullmatch(name) is None:
            raise typer.BadParameter(f"{name!r} is not a message id, nor its first {SHORT_ID} characters or more.")
    return named
