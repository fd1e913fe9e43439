"""The command line of `baler find`: a key in, a story out."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.period import Period, PeriodError
from baler.cli.report import printable, quantity
from baler.cli.s3 import s3_client
from baler.cli.stack_outputs import from_stack
from baler.commands.find.dead_letter_search import DeadLetterSearch
from baler.commands.find.landing import LandingBucket
from baler.commands.find.report import document, text
from baler.commands.find.storyteller import Storyteller
from baler.commands.find.subjects import searched, subjects_of
from baler.files.archive.bucket import ArchiveBucket
from baler.files.archive.index import Search
from baler.files.aws.claim_reader import DynamoClaimReader
from baler.files.aws.receipt_reader import DynamoReceiptReader
from baler.files.ledger.ledger_file import LedgerError
from baler.files.places.bundle_inspector import BundleInspector
from baler.files.places.ledger import ConsumerLedger
from baler.files.places.mailbox import MailboxBucket
from baler.files.story.state import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.find.storyteller import FileStory

EPILOG: Final = f"""
**Examples** (with the BALER_... variables set)

    baler find device-7/reading.json

Everything of a device, and what is not as it should be:

    baler find --prefix device-7/ --json | jq -r 'select(.standing == "wrong") | .key'

On the consumer's host, which knows when it was received:

    baler find device-7/reading.json --state /var/lib/baler

A file that is gone from the landing bucket, which is searched for in the archive:

    baler find device-7/reading.json --from 2026-11-02 --to 2026-11-03

{
    exit_codes_help(
        {
            ExitCode.OK: "found, and on its way or arrived",
            ExitCode.CANNOT_PROCEED: "AWS refuses, or the ledger cannot be read",
            ExitCode.NEEDS_ATTENTION: "not found, or something is wrong with a version of it",
            ExitCode.RETRY: "AWS did not answer",
            ExitCode.UNKNOWN: "nothing wrong was seen, but not everything could be read",
        }
    )
}
"""


def find(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    landing_bucket: Annotated[str, from_stack("filesLandingBucket")],
    claim_table: Annotated[str, from_stack("filesClaimTable")],
    archive: Annotated[str, from_stack("filesArchiveBucket")],
    mailbox: Annotated[str, from_stack("filesDistributionBucket")],
    courier_table: Annotated[
        str | None,
        from_stack("filesCourierTable", "Where bundles are pushed: it has the receipts.", optional=True),
    ],
    dead_letter_queue_url: Annotated[
        str | None,
        from_stack("filesDeadLetterQueueUrl", "It is read for files that nothing else explains.", optional=True),
    ],
    key: Annotated[str | None, typer.Argument(help="The file's exact key.")] = None,
    state: Annotated[
        Path | None,
        typer.Option(envvar="BALER_STATE", metavar="DIR", help="The consumer's own folder, which has its ledger."),
    ] = None,
    prefix: Annotated[
        str | None, typer.Option(metavar="TEXT", help="All files whose keys begin with this, in place of KEY.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="With --prefix: this many versions at the most.")] = 100,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Search the archive's index too: bundled since 2026-11-20T09:30 (UTC), or a day, 2026-11-20.",
        ),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="And before, UTC; a day with all its hours.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a version, on a line.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Tell a file's whole story: landed, claimed, archived, in the mailbox, delivered or received, or why not.

    Each version of the file has a story of its own. A file that landed in the last days is found at once; an older one
    is searched for in the archive's index, in the period that --from and --to say.
    """
    if (key is None) == (prefix is None):
        raise typer.BadParameter("Give the file's key, or --prefix for all whose keys begin with it.")
    wanted = key if key is not None else prefix or ""
    try:
        period = Period.parse(start, end)
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        with plain_errors():
            s3 = s3_client()
            landing, bucket = LandingBucket(s3, landing_bucket), ArchiveBucket(s3, archive)
            found = landing.versions(wanted) if prefix is None else landing.below(wanted, limit)
            is_searched = start is not None or end is not None
            result = (
                searched(bucket, wanted, period, as_prefix=prefix is not None)
                if is_searched
                else Search([], unreadable=0)
            )
            subjects = subjects_of(found, result.found)
            dynamodb = client("dynamodb")
            claims = DynamoClaimReader(dynamodb, claim_table)
            inspector = BundleInspector(
                bucket,
                MailboxBucket(s3, mailbox),
                claims,
                None if courier_table is None else DynamoReceiptReader(dynamodb, courier_table),
                None if state is None else ConsumerLedger(state),
            )
            dead_letters = None
            if dead_letter_queue_url is not None:
                dead_letters = DeadLetterSearch(partial(client, "sqs"), dead_letter_queue_url, landing_bucket)
            stories = Storyteller(landing_bucket, claims, inspector, dead_letters, time.time).stories(subjects)
    except LedgerError as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    _show(stories, as_json=as_json)
    if prefix is not None and len(found) == limit:
        typer.echo(f"Only the first {quantity(limit, 'version')}: --limit shows more.", err=True)
    if not stories:
        typer.echo(_not_found(wanted, landing_bucket, is_searched=is_searched), err=True)
    code = _exit_code(stories)
    raise typer.Exit(ExitCode.UNKNOWN if code is ExitCode.OK and result.unreadable else code)


def _show(stories: Sequence[FileStory], *, as_json: bool) -> None:
    for number, story in enumerate(stories):
        if as_json:
            typer.echo(json.dumps(document(story)))
        else:
            typer.echo(f"{'' if number == 0 else chr(10)}{text(story)}")


def _not_found(key: str, landing_bucket: str, *, is_searched: bool) -> str:
    where = "that period of the archive" if is_searched else "the landing bucket"
    hint = (
        "Check the key and the period: bundles are found by when they were made."
        if is_searched
        else "Files stay there for some days: search the archive with --from and --to. A key that was never put, or "
        "was put into another bucket, is nowhere."
    )
    return printable(f"Not found: {key!r} is not in {where} ({landing_bucket}). {hint}")


def _exit_code(stories: Sequence[FileStory]) -> ExitCode:
    standings = {story.state.standing for story in stories}
    if not stories or Standing.WRONG in standings:
        return ExitCode.NEEDS_ATTENTION
    return ExitCode.UNKNOWN if Standing.UNKNOWN in standings else ExitCode.OK
