"""The command line of `baler redeliver`: what is asked for in, exit code out."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.s3 import S3Error, S3UnavailableError, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.redeliver.quarantine import Quarantine
from baler.commands.redeliver.service import Redelivery
from baler.files.bundle.ids import quarantine_key

EPILOG: Final = f"""
**Examples** (with BALER_STACK set)

What was set aside, since when and why:

    baler redeliver --all --dry-run

All of it, once the receiver is mended:

    baler redeliver --all

One bundle, to see whether the receiver takes it now:

    baler redeliver 20261120T090102345Z-9f86d081884c7d65

{
    exit_codes_help(
        {
            ExitCode.OK: "all that was asked for waits for the courier again, or would",
            ExitCode.CANNOT_PROCEED: "S3 refuses, or that is no mailbox",
            ExitCode.NEEDS_ATTENTION: "a bundle that was named is not in the quarantine; the others are done",
            ExitCode.RETRY: "S3 did not answer for some of it; the same command does the rest",
            ExitCode.UNFINISHED: "the courier is still at some of it; the same command does the rest in a minute",
            ExitCode.STOPPED: "stopped by a signal; the same command does the rest",
        }
    )
}
"""


def redeliver(
    mailbox: Annotated[str, from_stack("filesDistributionBucket")],
    bundles: Annotated[
        list[str] | None, typer.Argument(metavar="BUNDLE_ID", help="Put these bundles back, and no other.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Put back all that is in the quarantine.")] = False,  # noqa: FBT002 - a flag
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; report what would be done.")] = False,  # noqa: FBT002 - a flag
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Put bundles that the receiver refused back into the mailbox, for the courier to send once more.

    For stacks that push (baler:filesDelivery http or s3). A bundle goes back with the same id, so a receiver that has
    it after all knows it. Nothing is put over an object that waits in the mailbox. It may be stopped and repeated at
    any time, and run beside another.
    """
    wanted = _wanted(bundles or [], everything=everything)
    report = stdout_reporter(as_json=as_json)
    try:
        with Shutdown() as shutdown:
            quarantine = Quarantine(s3_client(), s3_client(attempts=1), mailbox)
            redelivery = Redelivery(
                quarantine=quarantine, mailbox=mailbox, dry_run=dry_run, shutdown=shutdown, report=report
            )
            code = redelivery.run(wanted)
    except Stopping:
        code = ExitCode.STOPPED
    except S3Error as error:
        if as_json:
            report(failure(str(error)))
        typer.echo(printable(str(error)), err=True)
        code = ExitCode.RETRY if isinstance(error, S3UnavailableError) else ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)


def _wanted(bundles: list[str], *, everything: bool) -> list[str]:
    """Return the ids that were named; none where all are wanted."""
    if bool(bundles) == everything:
        raise typer.BadParameter("Name bundles, or give --all.")
    for bundle_id in bundles:
        try:
            quarantine_key(bundle_id)
        except ValueError as error:
            raise typer.BadParameter(f"{bundle_id!r} is not a bundle id.") from error
    return bundles
