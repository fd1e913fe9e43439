"""The options that the commands share: an option has one name, one variable and one meaning in all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from baler.cli.s3 import bucket_name

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
Start = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120."),
]
End = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before, UTC; a day with all its hours.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")]
