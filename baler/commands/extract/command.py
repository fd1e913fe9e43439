"""The command line of `baler extract`: a key in, a file out."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.period import Period, PeriodError
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.s3 import S3Error, S3RefusedError, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.extract.selection import VersionSelection
from baler.commands.extract.service import Extraction
from baler.files.archive.bucket import ArchiveBucket, RestoreOptions, Tier
from baler.files.archive.file_filter import PATTERN_HELP, FileFilter
from baler.files.archive.index import search
from baler.files.archive.report import refused
from baler.files.unpacking.disk import passes

EPILOG: Final = f"""
**Examples** (with BALER_STACK set)

The newest version of a file that landed in the last days, into the folder `found`:

    baler extract device-7/reading.json --from 2026-11-18 --into found

Every version, from wherever Deep Archive has them, as long as it takes:

    baler extract device-7/reading.json --into found --all --tier bulk --wait

The newest version of everything that a device sent on a day:

    baler extract --pattern 'device-7/*' --archive ARCHIVE --from 2026-11-20 --to 2026-11-20 --into found

{
    exit_codes_help(
        {
            ExitCode.OK: "the files are in the folder",
            ExitCode.CANNOT_PROCEED: "S3 refuses, or the folder cannot be used",
            ExitCode.NEEDS_ATTENTION: "no archived bundle holds it, or one that does is damaged",
            ExitCode.RETRY: "S3 did not answer, or the disk is full",
            ExitCode.UNFINISHED: "Deep Archive is awaited: give the same command again",
            ExitCode.STOPPED: "stopped by a signal",
        }
    )
}
"""


def extract(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    archive: Annotated[str, from_stack("filesArchiveBucket")],
    into: Annotated[
        Path,
        typer.Option(envvar="BALER_INTO", metavar="DIR", help="The folder that gets it; the path in it is the key."),
    ],
    key: Annotated[str | None, typer.Argument(help="The file's exact key.", show_default=False)] = None,
    pattern: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help=PATTERN_HELP)] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="Bundled since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120."
        ),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Bundled before, UTC; a day with all its hours.")
    ] = None,
    version: Annotated[str | None, typer.Option(metavar="ID", help="This version.  [default: the newest]")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every version.")] = False,  # noqa: FBT002 - a flag
    tier: Annotated[
        Tier, typer.Option(help="How Deep Archive restores: standard within 12 hours, bulk within 48 for less.")
    ] = "standard",
    keep_days: Annotated[int, typer.Option(min=1, help="Days that a restored copy stays readable.")] = 7,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for Deep Archive.")] = False,  # noqa: FBT002 - a flag
    poll: Annotated[
        float,
        typer.Option(envvar="BALER_POLL", metavar="SECONDS", min=0.1, help="With --wait: time between tries."),
    ] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Take files out of the archive.

    The bundles of the period are searched for the key, or for keys that fit a pattern; those that hold one are restored
    from Deep Archive if they must be, downloaded, and checked whole against their SHA-256 and their manifest. A file
    whose key cannot be a path, or whose place is taken by another, gets a derived name, which is reported.
    """
    if key is None and not pattern:
        raise typer.BadParameter("Name a key, or --pattern.")
    if version is not None and every:
        raise typer.BadParameter("Name a version or take --all, not both.")
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    report = stdout_reporter(as_json=as_json)
    try:
        with Shutdown() as shutdown:
            bucket = ArchiveBucket(s3_client(), archive)
            bucket.check()
            files = FileFilter.of([] if key is None else [key], pattern)
            result = search(bucket, files, period, report)
            wanted = VersionSelection(version, every).choose(result.found)
            if wanted:
                into.mkdir(parents=True, exist_ok=True)
                extraction = Extraction(bucket, into.resolve(), RestoreOptions(tier, keep_days), shutdown, report)
                code = extraction.run(wanted, wait=wait, poll_seconds=poll)
            else:
                of_it = "" if version is None else f" in version {version!r}"
                report(refused(f"No archived bundle of that time holds {files}{of_it}."))
                code = ExitCode.NEEDS_ATTENTION
            if code is ExitCode.OK and result.unreadable:
                code = ExitCode.NEEDS_ATTENTION
    except Stopping:
        code = ExitCode.STOPPED
    except (S3Error, OSError) as error:
        message = f"Cannot write to {into}: {error}." if isinstance(error, OSError) else str(error)
        if as_json:
            report(failure(message))
        typer.echo(printable(message), err=True)
        may_pass = passes(error) if isinstance(error, OSError) else not isinstance(error, S3RefusedError)
        code = ExitCode.RETRY if may_pass else ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)
