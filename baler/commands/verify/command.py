"""The command line of `baler verify`: days in, what is wrong with the archive out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.s3 import S3Error, S3UnavailableError, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.verify.sample import SampleReader, share_of
from baler.commands.verify.service import Sample, Verification
from baler.files.archive.bucket import ArchiveBucket, RestoreOptions, Tier
from baler.files.unpacking.disk import passes

EPILOG: Final = f"""
**Examples**

Is yesterday's archive intact; and a month, with one bundle in twenty read to its last byte:

    baler verify

    baler verify --from 2026-11-01 --to 2026-11-30 --sample 5%

The same sample once more, with what is in Deep Archive asked for, at the price that the run before named:

    baler verify --from 2026-11-01 --to 2026-11-30 --sample 5% --seed 1a2b3c4d --restore --tier bulk

That a day's register is still the one whose seal an auditor wrote down:

    baler verify --from 2026-11-20 --to 2026-11-20 --seal SEAL

{
    exit_codes_help(
        {
            ExitCode.OK: "every bundle and every page is as it was registered",
            ExitCode.CANNOT_PROCEED: "S3 refuses, or the disk cannot be used",
            ExitCode.NEEDS_ATTENTION: "something was removed, exchanged, damaged, or is not registered",
            ExitCode.RETRY: "S3 did not answer, or the disk is full",
            ExitCode.UNFINISHED: "Deep Archive is awaited: give the same command again, with the seed",
            ExitCode.UNKNOWN: "nothing wrong was seen, but a part of the sample is in Deep Archive",
            ExitCode.STOPPED: "stopped by a signal",
        }
    )
}
"""


def verify(  # noqa: PLR0913 - a parameter is an option of the command line
    *,
    archive: Annotated[str, from_stack("filesArchiveBucket")],
    start: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, 2026-11-20, UTC.  [default: yesterday]")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The last day.  [default: the first, or yesterday]")
    ] = None,
    sample: Annotated[str, typer.Option(metavar="SHARE", help="Read this share of the bundles: 5%.")] = "0%",
    seed: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Take the sample of an earlier run, which named it.")
    ] = None,
    seal: Annotated[
        list[str] | None, typer.Option(metavar="SHA256", help="A page of these days has this seal. Repeatable.")
    ] = None,
    restore: Annotated[bool, typer.Option("--restore", help="Ask Deep Archive for the sample's bundles.")] = False,
    tier: Annotated[
        Tier, typer.Option(help="How Deep Archive restores: standard within 12 hours, bulk within 48 for less.")
    ] = "bulk",
    keep_days: Annotated[int, typer.Option(min=1, help="Days that a restored copy stays readable.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,
) -> None:
    """Check that the archive is intact: that no bundle was removed, exchanged or damaged.

    Every bundle is held against the register, a list for each day whose pages are chained by hashes, and has its
    manifest. A sample is read to the last byte, and every file in it; what that costs is said first. The seal of a
    day's last page proves all of the day: who wrote it down elsewhere can tell that not even the register was changed.
    """
    first, last = _days(start, end)
    try:
        share = share_of(sample)
    except ValueError as error:
        raise typer.BadParameter(f"--sample {error}") from error
    report = stdout_reporter(as_json=as_json)
    options = RestoreOptions(tier, keep_days)
    try:
        with Shutdown() as shutdown, TemporaryDirectory(prefix="baler-verify-") as scratch:
            bucket = ArchiveBucket(s3_client(), archive)
            bucket.check()
            reader = SampleReader(bucket, options if restore else None, Path(scratch), shutdown.interruption_point)
            verification = Verification(
                bucket,
                seal or [],
                Sample(share, seed or token_hex(4), reader, options),
                report,
                shutdown.interruption_point,
            )
            code = verification.run(first, last)
    except Stopping:
        code = ExitCode.STOPPED
    except (S3Error, OSError) as error:
        message = f"The disk of this machine cannot be used ({error})." if isinstance(error, OSError) else str(error)
        if as_json:
            report(failure(message))
        typer.echo(printable(message), err=True)
        may_pass = passes(error) if isinstance(error, OSError) else isinstance(error, S3UnavailableError)
        code = ExitCode.RETRY if may_pass else ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)


def _days(start: str | None, end: str | None) -> tuple[date, date]:
    try:
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        first = yesterday if start is None else date.fromisoformat(start)
        last = first if end is None else date.fromisoformat(end)
    except ValueError as error:
        raise typer.BadParameter(f"A day is written like 2026-11-20 ({error}).") from error
    if last < first:
        raise typer.BadParameter(f"--to {last} is before --from {first}.")
    return first, last
