"""The command line of `baler audit`: a period in, what is lost or twice out."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.period import Period, PeriodError
from baler.cli.report import printable, stdout_reporter
from baler.cli.s3 import s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import from_stack, ingest_lanes
from baler.commands.audit.report import summary
from baler.commands.audit.service import Audit
from baler.commands.audit.workspace import workspace
from baler.files.archive.bucket import ArchiveBucket
from baler.files.aws.claim_reader import DynamoClaimReader
from baler.files.aws.ingest_queue import SqsIngestQueue
from baler.files.aws.landed_versions import S3LandedVersions
from baler.files.aws.receipt_reader import DynamoReceiptReader
from baler.files.ledger.ledger_file import LedgerError
from baler.files.places.bundle_inspector import BundleInspector
from baler.files.places.ledger import ConsumerLedger
from baler.files.places.mailbox import MailboxBucket
from baler.files.reconciliation.announcer import Announcer

if TYPE_CHECKING:
    from baler.files.landed_file import LandedFile
    from baler.files.reconciliation.judgement import Judgement

EPILOG: Final = f"""
**Examples** (with the stack named, or the BALER_... variables set)

A day:

    baler audit --from 2026-11-25 --to 2026-11-25

All that landed since yesterday evening; what is missing is sent to the queue again:

    baler audit --from 2026-11-25T18:00 --repair

On the consumer's host, whose ledger says what was received:

    baler audit --from 2026-11-25 --state /var/lib/baler --json

{
    exit_codes_help(
        {
            ExitCode.OK: "nothing is lost and nothing is twice",
            ExitCode.CANNOT_PROCEED: "AWS refuses, or the ledger cannot be read",
            ExitCode.NEEDS_ATTENTION: "something is lost, twice, set aside or dead, beside what --repair has sent",
            ExitCode.RETRY: "AWS did not answer, or the disk is full",
            ExitCode.UNFINISHED: "(with --repair) all that is missing was sent, or will be when the queue has room: "
            "audit again in some minutes",
            ExitCode.UNKNOWN: "nothing wrong was seen, but not every bundle could be read",
            ExitCode.STOPPED: "stopped by a signal",
        }
    )
}
"""

_QUEUE_MAX: Final = 18_000
"""Messages in the queue above which nothing is sent: half an hour's worth at the expected 10 files/s, as of
reconciliation (components/files/reconciliation.py)."""


def audit(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    landing_bucket: Annotated[str, from_stack("filesLandingBucket")],
    claim_table: Annotated[str, from_stack("filesClaimTable")],
    archive: Annotated[str, from_stack("filesArchiveBucket")],
    mailbox: Annotated[str, from_stack("filesDistributionBucket")],
    ingest_queue_url: Annotated[str | None, from_stack("filesIngestQueueUrl", "For --repair.", optional=True)],
    courier_table: Annotated[
        str | None,
        from_stack("filesCourierTable", "Where bundles are pushed: it has the receipts.", optional=True),
    ],
    start: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="Landed since: 2026-11-20T09:30 (UTC), or a day, 2026-11-20."),
    ],
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="Landed before, UTC; a day with all its hours.  [default: now]"),
    ] = None,
    prefix: Annotated[str, typer.Option(metavar="TEXT", help="Only files whose keys begin with this.")] = "",
    state: Annotated[
        Path | None,
        typer.Option(envvar="BALER_STATE", metavar="DIR", help="The consumer's own folder, which has its ledger."),
    ] = None,
    repair: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--repair", help="Send what is missing or unfinished to the ingest queue again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Compare what landed with the archive, the mailbox and whoever received it: is anything lost, or twice?

    It names each file that is missing, unfinished, dead, set aside, gone on the way or bundled twice, and counts the
    others. What the landing bucket does not keep any more cannot be missed. It needs about 250 bytes of the temporary
    folder's disk for each file. It changes nothing without --repair, and a file that is sent twice is bundled once.
    """
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    if repair and ingest_queue_url is None:
        raise typer.BadParameter("--repair needs --ingest-queue-url, or the stack.")
    now = datetime.fromtimestamp(time.time(), UTC)
    first, last = period.start or now, min(period.end or now, now)
    report = stdout_reporter(as_json=as_json)
    began = time.monotonic()
    try:
        with plain_errors(), Shutdown() as shutdown, workspace(landing_bucket) as space:
            s3, dynamodb = s3_client(), client("dynamodb")
            mailbox_bucket = MailboxBucket(s3, mailbox)
            mailbox_bucket.check()
            announcer = None
            if repair and ingest_queue_url is not None:
                announcer = Announcer(
                    SqsIngestQueue(client("sqs"), ingest_lanes(ingest_queue_url)), _QUEUE_MAX, _nobody_else
                )
            run = Audit(
                landed=S3LandedVersions(s3_client(), landing_bucket, prefix),
                inspector=BundleInspector(
                    ArchiveBucket(s3, archive),
                    mailbox_bucket,
                    DynamoClaimReader(dynamodb, claim_table),
                    None if courier_table is None else DynamoReceiptReader(dynamodb, courier_table),
                    None if state is None else ConsumerLedger(state),
                ),
                space=space,
                announcer=announcer,
                start=first,
                end=last,
                clock=time.time,
                shutdown=shutdown,
                report=report,
            )
            tally = run.run()
    except Stopping:
        raise typer.Exit(ExitCode.STOPPED) from None
    except LedgerError as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    except sqlite3.Error as error:
        folder = tempfile.gettempdir()
        typer.echo(f"The temporary folder {folder} cannot be used ({error}): name another by TMPDIR.", err=True)
        raise typer.Exit(ExitCode.RETRY) from error
    report(summary(tally, first, last, time.monotonic() - began))
    raise typer.Exit(tally.exit_code(repair=repair))


def _nobody_else(_file: LandedFile, _judgement: Judgement) -> None:
    """Each file is reported with its state."""
