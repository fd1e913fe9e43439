"""The command line of `baler dead-letters redrive`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from baler.cli.exit_codes import ExitCode
from baler.cli.report import quantity
from baler.commands.dead_letters.diagnosis import Diagnosis
from baler.commands.dead_letters.message_selector import MessageSelector
from baler.commands.dead_letters.operator_context import operator_context
from baler.commands.dead_letters.options import (
    AnnouncedBucket,
    ClaimTable,
    IngestUrl,
    LandingBucket,
    MaxFileMegabytes,
    Queue,
    QueueUrl,
    message_ids,
)
from baler.commands.dead_letters.plain_errors import not_found
from baler.commands.dead_letters.queues import queue_parts
from baler.commands.dead_letters.redrive import Pace, Redrive, RedriveResult
from baler.commands.dead_letters.report import HEADING, row

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from baler.commands.dead_letters.operator_context import OperatorContext


def redrive(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    command: typer.Context,
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    max_file_megabytes: MaxFileMegabytes,
    ingest_queue_url: IngestUrl,
    messages: Annotated[list[str] | None, typer.Argument(help="Message ids, as the list shows them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Send every message.")] = False,  # noqa: FBT002 - a flag
    found: Annotated[
        list[Diagnosis] | None,
        typer.Option(metavar="REASON", help=f"Send those with this likely reason: {', '.join(Diagnosis)}."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="Send at most this many messages a second.")] = 20.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")] = False,  # noqa: FBT002 - a flag
    queue: Queue = None,
    announced_bucket: AnnouncedBucket = None,
) -> None:
    """Send dead letters to the ingest queue again: those named, those with a likely reason, or all.

    To send one twice is harmless: a file that is in a bundle is not bundled again.
    """
    ids = message_ids(messages or [])
    if [bool(ids), bool(found), everything].count(True) != 1:
        raise typer.BadParameter("Choose messages in one way: message ids, or --found REASON, or --all.")
    selector = MessageSelector(ids, found or ())
    parts = queue_parts(command, queue, dead_letter_queue_url, announced_bucket, ingest_queue_url)
    if not parts.ingest_queue_url:
        raise typer.BadParameter("Name the queue that gets the messages with --ingest-queue-url.")
    with operator_context(parts, landing_bucket, claim_table, max_file_megabytes) as context:
        if dry_run:
            moved = RedriveResult()
            _show(context, selector)
        else:
            moved = _send(context, selector, parts.ingest_queue_url, rate)
    if selector.missing:
        raise not_found(selector.missing)
    if moved.returned:
        raise typer.Exit(ExitCode.NEEDS_ATTENTION)
    if not moved.complete:
        raise typer.Exit(ExitCode.RETRY)


def _show(context: OperatorContext, selector: MessageSelector) -> None:
    typer.echo(HEADING)
    shown = 0
    for letter, diagnosed in selector.diagnosed(context.scan, context.inspector):
        typer.echo(row(letter, diagnosed))
        shown += 1
    typer.echo(f"Would send {quantity(shown, 'message')}.")


def _send(context: OperatorContext, selector: MessageSelector, ingest_queue_url: str, rate: float) -> RedriveResult:
    moved = RedriveResult()
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(4)}"
    try:
        with _progress(len(selector.met) or context.scan.depth().messages) as advance:
            job = Redrive(context.sqs, ingest_queue_url, run, Pace(rate), advance)
            job.move(context.scan, selector.letters(context.scan, context.inspector), moved)
    finally:
        # Reported also where the rest could not be sent: it is what the operator goes on from.
        typer.echo(f"Sent {quantity(moved.sent, 'message')} to the ingest queue.")
        for number, what in (
            (moved.refused, "not taken by SQS, still a dead letter"),
            (moved.doubled, "sent, and still a dead letter too, which is harmless"),
            (moved.returned, "sent, and dead again already: show it before you redrive it again"),
        ):
            if number:
                typer.echo(f"{quantity(number, 'message')} {what}.", err=True)
    return moved


@contextmanager
def _progress(total: int) -> Generator[Callable[[int], None]]:
    """Show on a terminal how many of `total` messages, at most, are sent; yields what to call with each few more."""
    columns = (TextColumn("Redriven"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        bar = bars.add_task("", total=total)
        yield lambda done: bars.advance(bar, done)
