"""`baler lake versions`: what a record was, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import Event, quantity, stdout_reporter
from baler.commands.lake.options import AsJson, RecordId, VersionsTable  # noqa: TC001 - typer reads them
from baler.lake.aws.version_items import sightings_of
from baler.lake.order import written_time
from baler.lake.versions import versions_of

if TYPE_CHECKING:
    from baler.lake.versions import Version

EPILOG: Final = epilog(
    "lake",
    "versions jsonplaceholder-7",
    "versions jsonplaceholder-7 --json",
    codes={
        ExitCode.OK: "its versions are shown",
        ExitCode.CANNOT_PROCEED: "AWS refused, or the stack keeps no versions",
        ExitCode.NEEDS_ATTENTION: "no version of it is kept",
        ExitCode.RETRY: "AWS did not answer",
    },
)


def versions(
    record: RecordId,
    versions_table: VersionsTable,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """List the versions of a record, oldest first: since when it had which content, and the raw object that has it.

    What it held is not shown: it is in that raw object.
    """
    if not versions_table:
        typer.echo(
            "No table of versions was named. A stack keeps versions from `pulumi config set baler:lakeKeepVersions "
            "true` on, and then has the output lakeVersionsTable.",
            err=True,
        )
        raise typer.Exit(ExitCode.CANNOT_PROCEED)
    report = stdout_reporter(as_json=as_json)
    with plain_errors():
        found = versions_of(sightings_of(client("dynamodb"), versions_table, record))
    for each in found:
        report(version_event(each))
    report(
        Event("done", "bold", f"{record}: {quantity(len(found), 'version')}.", {"id": record, "versions": len(found)})
    )
    raise typer.Exit(ExitCode.OK if found else ExitCode.NEEDS_ATTENTION)


def version_event(version: Version) -> Event:
    """Return how a version is reported."""
    at = written_time(version.order.captured_at)
    fields = {
        "changed_at": at,
        "generation": version.order.generation,
        "fingerprint": version.fingerprint,
        "raw_s3_key": version.raw_s3_key,
    }
    return Event("version", "cyan", f"since {at}  {version.fingerprint[:12]}  {version.raw_s3_key}", fields)
