"""The command line of `baler send`: a folder in, an exit code out."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.failures import FailureReporter
from baler.cli.file_lock import LockedError, sole_process
from baler.cli.report import failure, printable, stdout_reporter
from baler.cli.s3 import S3RefusedError, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack
from baler.commands.send.landing import LandingError
from baler.commands.send.pace import Pace
from baler.commands.send.report import due, ended
from baler.commands.send.s3_landing import S3Landing
from baler.commands.send.sender import Sender, SendTotals
from baler.commands.send.sent_ledger import SentLedger, SentLedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event

EPILOG: Final = f"""
**Examples**

All files of a folder that were not sent before; the key of each is its path below it:

    baler send /srv/outbox --landing-bucket baler-prod-files-landing-1a2b3c4

As a service, at most 20 files a second, looking for new ones every 5 seconds:

    AWS_PROFILE=external-party baler send /srv/outbox --landing-bucket NAME --prefix party-7/ --rate 20 --poll 5

{
    exit_codes_help(
        {
            ExitCode.OK: "all files are in the bucket; with --poll, a signal stopped it",
            ExitCode.CANNOT_PROCEED: "the bucket, the ledger or the folder refuses",
            ExitCode.NEEDS_ATTENTION: "a file was changed since, its key is taken, or it cannot be an object",
            ExitCode.RETRY: "of some files it is not known, or they were still being written: the same command again",
            ExitCode.STOPPED: "a signal stopped it; the same command goes on",
        }
    )
}
"""


def send(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Whose files are sent, with all folders below.")],
    landing_bucket: Annotated[str, from_stack("filesLandingBucket")],
    prefix: Annotated[str, typer.Option(help="What the keys begin with.")] = "",
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where it keeps what was sent.  [default: DIR's path and .sent.sqlite]"),
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.01, help="Send no more files a second than this.")] = None,
    poll: Annotated[
        float | None,
        typer.Option(envvar="BALER_POLL", metavar="SECONDS", min=0.1, help="Go on, and look for new files so often."),
    ] = None,
    settle: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Leave a file alone for so long after it was written.")
    ] = 2.0,
    resend_changed: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--resend-changed", help="Send a file that was changed since as a new version of its key.")
    ] = False,
    adopt: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--adopt", help="Count a file whose key is taken as sent: after the ledger was lost.")
    ] = False,
    forget: Annotated[
        int | None,
        typer.Option(metavar="DAYS", min=1, help="Forget what was sent so long ago and is not in DIR any more."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,  # noqa: FBT002 - a flag
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Put the files of a folder into the landing bucket, each once, whatever interrupts it.

    Each file goes with its SHA-256, which S3 compares with what arrives, and on the condition that its key has no
    object. A ledger beside the folder knows what was sent. Killed at any moment, the same command goes on: what was
    not sent is, and what was is not again. Files stay where they are; a symlink is not followed.
    """
    report = stdout_reporter(as_json=as_json, times=poll is not None)
    try:
        place = _ledger_of(folder, ledger)
        with ExitStack() as opened:
            opened.enter_context(sole_process(place.with_name(f"{place.name}.lock"), "`baler send`", "stop it first"))
            sent = opened.enter_context(SentLedger(place))
            shutdown = opened.enter_context(Shutdown())
            sender = Sender(
                folder,
                prefix,
                S3Landing(s3_client(attempts=1), landing_bucket),
                sent,
                Pace(rate),
                shutdown.interruption_point,
                report if poll is None else _each_once(report),
                settle,
                resend_changed,
                adopt,
            )
            if dry_run:
                code = _show(sender, report)
            elif poll is None:
                code = _once(sender, shutdown, report)
                _forget(sender, forget)
            else:
                code = _forever(sender, shutdown, report, poll, lambda: _forget(sender, forget))
    except Stopping:
        code = ExitCode.OK if poll is not None else ExitCode.STOPPED
    except (LandingError, SentLedgerError, S3RefusedError, LockedError, OSError) as error:
        if as_json:
            report(failure(str(error)))
        typer.echo(printable(str(error)), err=True)
        code = ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)


def _ledger_of(folder: Path, ledger: Path | None) -> Path:
    """Return the ledger's file, which must not be sent itself."""
    if not folder.is_dir():
        raise typer.BadParameter(f"There is no folder {str(folder)!r}.")
    place = ledger or Path(f"{folder.resolve()}.sent.sqlite")
    if place.resolve().is_relative_to(folder.resolve()):
        raise typer.BadParameter(f"--ledger {str(place)!r} lies in the folder that is sent.")
    return place


# How often one run waits for files that are still being written.
_WAITS: Final = 3


def _once(sender: Sender, shutdown: Shutdown, report: Callable[[Event], None]) -> ExitCode:
    totals = sender.send()
    for _ in range(_WAITS):
        if not totals.young:
            break
        shutdown.wait(sender.settled_seconds)
        again = sender.send()
        again.sent, again.bytes, again.known = totals.sent + again.sent, totals.bytes + again.bytes, totals.known
        totals = again
    report(ended(totals))
    return _code(totals)


def _forever(
    sender: Sender, shutdown: Shutdown, report: Callable[[Event], None], poll: float, forget: Callable[[], None]
) -> ExitCode:
    failures = FailureReporter(report)
    while True:
        try:
            totals = sender.send()
        except LandingError as error:
            failures.report(str(error), retry_seconds=poll)
        else:
            failures.clear(None)
            if totals.sent:
                report(ended(totals))
            forget()
        shutdown.wait(poll)


def _each_once(report: Callable[[Event], None]) -> Callable[[Event], None]:
    """Report what stands in the way of a file once, and not in each pass."""
    reported: set[tuple[str, str]] = set()

    def report_new(event: Event) -> None:
        about = (event.kind, event.text)
        if event.kind != "sent":
            if about in reported:
                return
            reported.add(about)
        report(event)

    return report_new


def _show(sender: Sender, report: Callable[[Event], None]) -> ExitCode:
    totals = SendTotals()
    for each in sender.due(totals):
        report(due(each.file))
        totals.sent += 1
        totals.bytes += each.file.size
    report(ended(totals))
    totals.young = 0
    return _code(totals)


def _code(totals: SendTotals) -> ExitCode:
    if totals.failed or totals.young:
        return ExitCode.RETRY
    if totals.changed or totals.taken or totals.unsendable:
        return ExitCode.NEEDS_ATTENTION
    return ExitCode.OK


def _forget(sender: Sender, days: int | None) -> None:
    """Forget what was sent that long ago and is gone: the ledger grows with what is in the folder, and no further."""
    if days is None:
        return
    old = sender.ledger.sent_before(datetime.now(UTC) - timedelta(days=days))
    # What went under another prefix may well be there: its path is not known here.
    ours = [key for key in old if key.startswith(sender.prefix)]
    gone = [key for key in ours if not (sender.folder / key.removeprefix(sender.prefix)).exists()]
    sender.ledger.forget(gone)
