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

from baler.commands.dead_letters.choice import Choice
from baler.commands.dead_letters.exit_code import ExitCode, not_there, plain_words
from baler.commands.dead_letters.found import Found
from baler.commands.dead_letters.options import (
    ClaimTable,
    Desk,
    IngestUrl,
    LandingBucket,
    MaxFileMegabytes,
    QueueUrl,
    message_ids,
)
from baler.commands.dead_letters.redrive import Moved, Pace, Redrive
from baler.commands.dead_letters.report import HEADING, count, row, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from baler.commands.dead_letters.queue import Reading


def redrive(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    dead_letter_queue_url: QueueUrl,
    ingest_queue_url: IngestUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    messages: Annotated[list[str] | None, typer.Argument(help="Message ids, as the list shows them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Send every message.")] = False,  # noqa: FBT002 - a flag
    found: Annotated[
        list[Found] | None,
        typer.Option(metavar="REASON", help=f"Send those with this likely reason: {', '.join(Found)}."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="Send at most so many messages a second.")] = 20.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")] = False,  # noqa: FBT002 - a flag
    max_file_megabytes: MaxFileMegabytes = None,
) -> None:
    """Send dead letters to the ingest queue again: those named, those with a likely reason, or all.

    To send one twice is harmless: a file that is in a bundle is not bundled again.
    """
    ids = message_ids(messages or [])
    if [bool(ids), bool(found), everything].count(True) != 1:
        raise typer.BadParameter("Say which, in one way: message ids, or --found REASON, or --all.")
    choice = Choice(ids, found or ())
    with plain_words():
        desk = Desk.open(dead_letter_queue_url, landing_bucket, claim_table, max_file_megabytes)
        with desk.reading() as reading:
            if dry_run:
                moved = Moved()
                _show(desk, reading, choice)
            else:
                moved = _send(desk, reading, choice, ingest_queue_url, rate)
    if choice.missing:
        raise not_there(choice.missing)
    if not moved.complete:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _show(desk: Desk, reading: Reading, choice: Choice) -> None:
    tell(HEADING)
    shown = 0
    for letter, finding in choice.looked_at(reading, desk.look):
        tell(row(letter, finding))
        shown += 1
    tell(f"Would send {count(shown, 'message')}.")


def _send(desk: Desk, reading: Reading, choice: Choice, ingest_queue_url: str, rate: float) -> Moved:
    moved = Moved()
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(4)}"
    try:
        with _progress(len(choice.met) or reading.depth().messages) as advance:
            job = Redrive(desk.sqs, ingest_queue_url, run, Pace(rate), advance)
            job.move(reading, choice.letters(reading, desk.look), moved)
    finally:
        # Told also where the rest could not be sent: it is what the operator goes on from.
        tell(f"Sent {count(moved.sent, 'message')} to the ingest queue.")
        for number, what in (
            (moved.refused, "not taken by SQS, still a dead letter"),
            (moved.doubled, "sent, and still a dead letter too, which is harmless"),
            (moved.returned, "sent, and dead again already: show it before you redrive it again"),
        ):
            if number:
                typer.echo(f"{count(number, 'message')} {what}.", err=True)
    return moved


@contextmanager
def _progress(total: int) -> Generator[Callable[[int], None]]:
    """Show on a terminal how many of `total` messages, at most, are sent; yields what to call with each few more."""
    columns = (TextColumn("Redriven"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        bar = bars.add_task("", total=total)
        yield lambda done: bars.advance(bar, done)
