"""The options that the commands share: an option has one name, one variable and one meaning in all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from baler.cli.stack_outputs import from_stack

Stream = Annotated[str, from_stack("eventsStream")]
BatchTable = Annotated[str, from_stack("eventsBatchTable")]
RawBucket = Annotated[str, from_stack("eventsRawBucket")]
Database = Annotated[str, from_stack("eventsDatabase")]
CompactorFunction = Annotated[str, from_stack("eventsCompactorFunction")]
ProcessedBucket = Annotated[str, from_stack("eventsProcessedBucket")]
FailureBucket = Annotated[str, from_stack("eventsFailureBucket")]
RecoveryFunction = Annotated[str, from_stack("eventsRecoveryFunction")]
TransformQueue = Annotated[str, from_stack("eventsTransformQueueUrl")]
ProgressTable = Annotated[str, from_stack("eventsProgressTable")]
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
