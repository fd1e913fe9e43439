"""The options that the commands share: an option has one name, one variable and one meaning in all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from baler.cli.bucket_name import bucket_name

Stream = Annotated[
    str, typer.Option(envvar="BALER_EVENTS_STREAM", metavar="NAME", help="The stack's output eventsStream.")
]
BatchTable = Annotated[
    str, typer.Option(envvar="BALER_EVENTS_BATCH_TABLE", metavar="TABLE", help="The stack's output eventsBatchTable.")
]
RawBucket = Annotated[
    str,
    typer.Option(
        envvar="BALER_EVENTS_RAW_BUCKET",
        metavar="BUCKET",
        parser=bucket_name,
        help="The stack's output eventsRawBucket.",
    ),
]
Database = Annotated[
    str, typer.Option(envvar="BALER_EVENTS_DATABASE", metavar="NAME", help="The stack's output eventsDatabase.")
]
CompactorFunction = Annotated[
    str,
    typer.Option(
        envvar="BALER_EVENTS_COMPACTOR_FUNCTION", metavar="NAME", help="The stack's output eventsCompactorFunction."
    ),
]
ProcessedBucket = Annotated[
    str,
    typer.Option(
        envvar="BALER_EVENTS_PROCESSED_BUCKET",
        metavar="BUCKET",
        parser=bucket_name,
        help="The stack's output eventsProcessedBucket.",
    ),
]
FailureBucket = Annotated[
    str,
    typer.Option(
        envvar="BALER_EVENTS_FAILURE_BUCKET",
        metavar="BUCKET",
        parser=bucket_name,
        help="The stack's output eventsFailureBucket.",
    ),
]
RecoveryFunction = Annotated[
    str,
    typer.Option(
        envvar="BALER_EVENTS_RECOVERY_FUNCTION", metavar="NAME", help="The stack's output eventsRecoveryFunction."
    ),
]
TransformQueue = Annotated[
    str,
    typer.Option(
        envvar="BALER_EVENTS_TRANSFORM_QUEUE_URL", metavar="URL", help="The stack's output eventsTransformQueueUrl."
    ),
]
ProgressTable = Annotated[
    str,
    typer.Option(envvar="BALER_EVENTS_PROGRESS_TABLE", metavar="TABLE", help="The stack's output eventsProgressTable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; report what would be done.")]
PutBack = Annotated[
    bool, typer.Option("--put-back", help="Also put raw objects back that a batch lists and that are gone.")
]
Life = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="SECONDS",
        help="Creation time of the stream that the records are of, where another had its name before: the number "
        "before the first dot in the names of raw objects.",
    ),
]
Start = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120."),
]
End = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before, UTC; a day with all its hours.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")]
