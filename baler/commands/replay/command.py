"""The command line of `baler replay`: what is asked for in, exit code out."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.period import Period, PeriodError
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.s3 import S3Error, S3UnavailableError, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.replay.checkpoint import CheckpointError, ReplayRequest
from baler.commands.replay.selection import Selection, SelectionError
from baler.commands.replay.session import Session
from baler.files.archive.bucket import Tier  # noqa: TC001 - typer reads it
from baler.files.archive.file_filter import PATTERN_HELP, FileFilter
from baler.files.unpacking.disk import passes

EPILOG: Final = f"""
**Examples** (with BALER_STACK set)

What would be done, and what Deep Archive would ask for it; then the same without --dry-run:

    baler replay --from 2026-11-20 --to 2026-11-20 --dry-run

The bundles that hold one file, waiting for Deep Archive as long as it takes:

    baler replay --key device-7/reading.json --from 2026-11-20 --wait

Go on with a replay that is not done yet:

    baler replay --continue replay-20261120T091500Z-1a2b3c4d.jsonl

{
    exit_codes_help(
        {
            ExitCode.OK: "all is in the mailbox, or would be",
            ExitCode.CANNOT_PROCEED: "S3 refuses, or the checkpoint cannot be used",
            ExitCode.NEEDS_ATTENTION: "some of it cannot be replayed; the rest is in the mailbox",
            ExitCode.RETRY: "S3 did not answer, or the disk is full; the checkpoint continues it",
            ExitCode.UNFINISHED: "Deep Archive, or an earlier delivery, is awaited; the checkpoint continues it",
            ExitCode.STOPPED: "stopped by a signal; where anything was begun, the checkpoint continues it",
        }
    )
}
"""


def replay(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    archive: Annotated[str | None, from_stack("filesArchiveBucket", optional=True)],
    mailbox: Annotated[str | None, from_stack("filesDistributionBucket", optional=True)],
    bundles: Annotated[list[str] | None, typer.Argument(metavar="BUNDLE_ID", help="Replay these bundles.")] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="Replay every bundle that holds a file of exactly this key. Repeatable.")
    ] = None,
    pattern: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help=f"Likewise. {PATTERN_HELP}")] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Bundles created since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20 or 20261120.",
        ),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Bundles created before, UTC; a day with all its hours.")
    ] = None,
    tier: Annotated[
        Tier, typer.Option(help="How Deep Archive restores: standard within 12 hours, bulk within 48 for less.")
    ] = "standard",
    keep_days: Annotated[int, typer.Option(min=1, help="Days that a restored copy stays readable.")] = 7,
    max_bundles: Annotated[int, typer.Option(min=1, help="Refuse to replay more than this.")] = 1000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; report what would be done.")] = False,  # noqa: FBT002 - a flag
    wait: Annotated[bool, typer.Option("--wait", help="End when all is done, not when something is awaited.")] = False,  # noqa: FBT002 - a flag
    poll: Annotated[
        float,
        typer.Option(envvar="BALER_POLL", metavar="SECONDS", min=0.1, help="With --wait: time between tries."),
    ] = 60.0,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--continue", metavar="CHECKPOINT", help="Go on with the replay that this file is of."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Put archived bundles into the mailbox once more, to be delivered although they have been.

    Name bundles, or keys of files or patterns of keys, or a period. What is in Deep Archive is restored first. The
    bytes are checked against their SHA-256, and a bundle is put only where the mailbox has none of that name. Each
    bundle is delivered once for a replay, however often the replay is interrupted and continued.
    """
    report = stdout_reporter(as_json=as_json)
    try:
        with Shutdown() as shutdown:
            session = Session(s3_client(), shutdown, report, wait=wait, poll_seconds=poll)
            if checkpoint is not None:
                _nothing_beside_a_checkpoint(bundles, key, pattern, start, end, dry_run)
                code = session.go_on(checkpoint)
            else:
                most = None if dry_run else max_bundles
                selection = Selection(bundles or [], FileFilter.of(key or (), pattern), Period.parse(start, end), most)
                request = ReplayRequest(_named(archive, "--archive"), _named(mailbox, "--mailbox"), (), tier, keep_days)
                if archive == mailbox:
                    raise typer.BadParameter("--archive and --mailbox are two buckets: these are the same one.")
                code = session.dry_run(selection, request) if dry_run else session.begin(selection, request)
    except Stopping:
        code = ExitCode.STOPPED
    except (PeriodError, SelectionError) as error:
        raise typer.BadParameter(str(error)) from error
    except (CheckpointError, S3Error, OSError) as error:
        message = f"The disk of this machine cannot be used ({error})." if isinstance(error, OSError) else str(error)
        if as_json:
            report(failure(message))
        typer.echo(printable(message), err=True)
        may_pass = passes(error) if isinstance(error, OSError) else isinstance(error, S3UnavailableError)
        code = ExitCode.RETRY if may_pass else ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)


def _named(bucket: str | None, option: str) -> str:
    if not bucket:
        raise typer.BadParameter(f"Name the stack (--stack), or the bucket with {option}.")
    return bucket


def _nothing_beside_a_checkpoint(*given: object) -> None:
    if any(given):
        raise typer.BadParameter("--continue takes from its checkpoint what to do: leave that out.")
