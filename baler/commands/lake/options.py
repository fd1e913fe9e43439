"""The options that the commands share: an option has one name, one variable and one meaning in all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from baler.cli.stack_outputs import from_stack
from baler.lake.ids import RECORD_ID, SOURCE_NAME, source_of


def record_name(text: str) -> str:
    """Return a record's id.

    Raises:
        typer.BadParameter: no record has such an id.
    """
    example = "It is <source>-<id> of letters, digits and hyphens, at most 128 of them: jsonplaceholder-7."
    if not RECORD_ID.fullmatch(text):
        raise typer.BadParameter(f"{text[:140]!r} is no record's id. {example}")
    try:
        source_of(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no record's id: it begins with no source's name. {example}") from error
    return text


def source_name(text: str) -> str:
    """Return a source's name.

    Raises:
        typer.BadParameter: no source can have that name.
    """
    if not SOURCE_NAME.fullmatch(text):
        raise typer.BadParameter(
            f"{text[:40]!r} is no source's name: 1 to 32 of a-z, 0-9 and single hyphens between them."
        )
    return text


RecordId = Annotated[str, typer.Argument(metavar="ID", parser=record_name, help="Of a record, as the API shows it.")]
RecordsTable = Annotated[str, from_stack("lakeRecordsTable")]
CountersTable = Annotated[str, from_stack("lakeCountersTable")]
SourcesTable = Annotated[str, from_stack("lakeSourcesTable")]
VersionsTable = Annotated[str | None, from_stack("lakeVersionsTable", optional=True)]
RawBucket = Annotated[str, from_stack("lakeRawBucket")]
CurationQueue = Annotated[str, from_stack("lakeCurationQueueUrl")]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", parser=source_name, help="Of this source alone. Repeatable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; report what would be done.")]
Start = Annotated[str | None, typer.Option("--from", metavar="DAY", help="Since: 2026-11-20 or 20261120, UTC.")]
End = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="The last day, UTC, with all its hours; today if left out.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")]
