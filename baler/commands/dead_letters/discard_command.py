"""The command line of `baler dead-letters discard`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baler.commands.dead_letters.audit import AuditLog, Discarder
from baler.commands.dead_letters.aws import CLIENT
from baler.commands.dead_letters.choice import Choice
from baler.commands.dead_letters.discard import discard as discard_chosen
from baler.commands.dead_letters.discard import question
from baler.commands.dead_letters.exit_code import ExitCode, not_there, plain_words
from baler.commands.dead_letters.found import LOSES_NOTHING, Found
from baler.commands.dead_letters.options import (
    ClaimTable,
    Desk,
    LandingBucket,
    MaxFileMegabytes,
    QueueUrl,
    message_ids,
)
from baler.commands.dead_letters.report import HEADING, count, row, tell

if TYPE_CHECKING:
    from baler.commands.dead_letters.finding import Finding
    from baler.commands.dead_letters.queue import DeadLetter


def discard(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    reason: Annotated[str, typer.Option(help="Why, in your words; it goes into the audit file.")],
    messages: Annotated[list[str] | None, typer.Argument(help="Message ids, as the list shows them.")] = None,
    found: Annotated[
        list[Found] | None,
        typer.Option(
            metavar="REASON", help=f"Discard those with this likely reason: {', '.join(sorted(LOSES_NOTHING))}."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - a flag
    audit_log: Annotated[
        Path, typer.Option(envvar="BALER_AUDIT_LOG", help="Gets a JSON line a message, before it is deleted.")
    ] = Path("baler-audit.jsonl"),
    max_file_megabytes: MaxFileMegabytes = None,
) -> None:
    """Delete dead letters for good, after you confirmed it, with a line in the audit file for each.

    The file that a message announces stays in the landing bucket until it expires there, but nothing delivers it any
    more.
    """
    choice = _choice(message_ids(messages or []), found or [])
    if not reason.strip():
        raise typer.BadParameter("--reason is empty: whoever reads the audit file will want to know why.")
    if not yes and not at_terminal():
        raise typer.BadParameter("There is no terminal to ask you at: say --yes if you are sure.")
    with plain_words():
        desk = Desk.open(dead_letter_queue_url, landing_bucket, claim_table, max_file_megabytes)
        with desk.reading() as reading:
            chosen = [each for each in choice.looked_at(reading, desk.look) if not found or each[1].loses_nothing]
            _refuse_unclear(choice)
            if not chosen:
                tell("Nothing to discard.")
                return
            _confirm(chosen, yes=yes)
            who = Discarder.ask(desk.session.client("sts", config=CLIENT))
            result = discard_chosen(reading, AuditLog(audit_log, who, dead_letter_queue_url, reason), chosen)
    tell(f"Discarded {count(result.done, 'message')}; the audit lines are in {audit_log}.")
    if result.left:
        typer.echo(f"Not discarded, look at them again: {', '.join(result.left)}.", err=True)
        raise typer.Exit(ExitCode.INCOMPLETE)


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def _choice(ids: list[str], found: list[Found]) -> Choice:
    if bool(ids) == bool(found):
        raise typer.BadParameter("Say which, in one way: message ids, or --found REASON.")
    if risky := sorted(set(found) - LOSES_NOTHING):
        raise typer.BadParameter(
            f"What is {' or '.join(risky)} may still be delivered: name such messages by their ids to discard them."
        )
    return Choice(ids, found)


def _refuse_unclear(choice: Choice) -> None:
    if choice.missing:
        raise not_there(choice.missing)
    if choice.ambiguous:
        typer.echo(f"Fits several messages, write more of it: {', '.join(choice.ambiguous)}.", err=True)
        raise typer.Exit(ExitCode.NOT_DONE)


def _confirm(chosen: list[tuple[DeadLetter, Finding]], *, yes: bool) -> None:
    """Show what is about to go; ask, unless told not to."""
    tell(HEADING)
    for letter, finding in chosen:
        tell(row(letter, finding))
    if not yes and not typer.confirm(question(chosen)):
        raise typer.Exit(ExitCode.NOT_DONE)
