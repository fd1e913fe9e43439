"""The command line of `baler ls`: a period in, its files out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.period import Period, PeriodError
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.s3 import S3Error, S3RefusedError, explained, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.ls.lines import Lines
from baler.commands.ls.listing import Landed, Listing
from baler.commands.ls.mailbox_states import MailboxStates
from baler.files.archive.bucket import ArchiveBucket
from baler.files.archive.catalogue import Catalogue
from baler.files.archive.file_filter import PATTERN_HELP, FileFilter
from baler.files.aws.archive_objects import S3ArchiveObjects

_DEFAULT_SPAN: Final = timedelta(hours=1)

EPILOG: Final = f"""
**Examples**

What arrived between two and three:

    baler ls --landed --from 2026-11-20T14:00 --to 2026-11-20T15:00

The bundles of a day that hold a device's readings, and how many of each:

    baler ls --from 2026-11-20 --to 2026-11-20 --prefix device-7/ --pattern '*.json' --bundles

{
    exit_codes_help(
        {
            ExitCode.OK: "listed",
            ExitCode.CANNOT_PROCEED: "S3 refuses",
            ExitCode.NEEDS_ATTENTION: "listed, and a bundle is missing, was exchanged, or its manifest cannot be read",
            ExitCode.RETRY: "S3 did not answer",
            ExitCode.STOPPED: "stopped by a signal",
        }
    )
}
"""


def ls(  # noqa: PLR0913 - a parameter is an option of the command line
    *,
    archive: Annotated[str, from_stack("filesArchiveBucket")],
    mailbox: Annotated[str | None, from_stack("filesDistributionBucket", "Tells what waits there.", optional=True)],
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Bundled since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120.  [default: an hour ago]",
        ),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Bundled before, UTC; a day with all its hours.")
    ] = None,
    landed: Annotated[
        bool, typer.Option("--landed", help="--from and --to say when files landed, not when they were bundled.")
    ] = False,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="Files whose key begins so.")] = "",
    pattern: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help=PATTERN_HELP)] = None,
    bundles: Annotated[bool, typer.Option("--bundles", help="A line for each bundle instead of each file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,
) -> None:
    """List the files of a period: when each landed, its size, its state, its bundle and its key.

    A bundle is archived; or asleep, in Deep Archive; or waiting, in the mailbox as well; or quarantined there; or
    missing, or exchanged, if the register has it and the archive does not, or has another.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    period = Period(period.since(_DEFAULT_SPAN, datetime.now(UTC)), period.end)
    report = stdout_reporter(as_json=as_json)
    lines = Lines(report, as_json=as_json)
    try:
        with Shutdown() as shutdown:
            client = s3_client()
            bucket = ArchiveBucket(client, archive)
            bucket.check()
            listing = Listing(
                catalogue=Catalogue(bucket, lines.report),
                mailbox=MailboxStates(S3ArchiveObjects(client, mailbox, explained, "mailbox") if mailbox else None),
                files=FileFilter.of((), pattern, prefix),
                landed=Landed.of(period) if landed else None,
                by_bundle=bundles,
                lines=lines,
                interruption_point=shutdown.interruption_point,
            )
            code = listing.run(Landed.bundled(period) if landed else period)
    except Stopping:
        lines.flush()
        code = ExitCode.STOPPED
    except S3Error as error:
        lines.flush()
        if as_json:
            report(failure(str(error)))
        typer.echo(printable(str(error)), err=True)
        code = ExitCode.CANNOT_PROCEED if isinstance(error, S3RefusedError) else ExitCode.RETRY
    raise typer.Exit(code)
