"""The command line of `baler dead-letters discard`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable, quantity
from baler.commands.dead_letters.audit import AuditLog, Discarder
from baler.commands.dead_letters.aws import CLIENT
from baler.commands.dead_letters.diagnosis import LOSES_NOTHING, Diagnosis
from baler.commands.dead_letters.discard import discard as discard_chosen
from baler.commands.dead_letters.discard import question
from baler.commands.dead_letters.message_selector import MessageSelector
from baler.commands.dead_letters.operator_context import operator_context
from baler.commands.dead_letters.options import (
    AnnouncedBucket,
    ClaimTable,
    LandingBucket,
    MaxFileMegabytes,
    Queue,
    QueueUrl,
    message_ids,
)
from baler.commands.dead_letters.plain_errors import not_found
from baler.commands.dead_letters.queues import queue_parts
from baler.commands.dead_letters.report import HEADING, row

if TYPE_CHECKING:
    from baler.aws.dead_letter import ReceivedDeadLetter
    from baler.commands.dead_letters.diagnosis import MessageDiagnosis


def discard(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    command: typer.Context,
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    max_file_megabytes: MaxFileMegabytes,
    reason: Annotated[str, typer.Option(help="Why, in your words; it goes into the audit file.")],
    messages: Annotated[list[str] | None, typer.Argument(help="Message ids, as the list shows them.")] = None,
    found: Annotated[
        list[Diagnosis] | None,
        typer.Option(
            metavar="REASON", help=f"Discard those with this likely reason: {', '.join(sorted(LOSES_NOTHING))}."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - a flag
    audit_log: Annotated[
        Path, typer.Option(envvar="BALER_AUDIT_LOG", help="Gets a JSON line a message, before it is deleted.")
    ] = Path("baler-audit.jsonl"),
    queue: Queue = None,
    announced_bucket: AnnouncedBucket = None,
) -> None:
    """Delete dead letters for good, after you confirmed it, with a line in the audit file for each.

    The file that a message announces stays in the landing bucket until it expires there, but nothing delivers it any
    more.
    """
    selector = _selector(message_ids(messages or []), found or [])
    if not reason.strip():
        raise typer.BadParameter("--reason is empty: anyone who reads the audit file will want to know why.")
    if not yes and not at_terminal():
        raise typer.BadParameter("There is no terminal to ask you at: give --yes if you are sure.")
    parts = queue_parts(command, queue, dead_letter_queue_url, announced_bucket)
    with operator_context(parts, landing_bucket, claim_table, max_file_megabytes) as context:
        diagnosed = selector.diagnosed(context.scan, context.inspector)
        chosen = [each for each in diagnosed if not found or each[1].loses_nothing]
        _refuse_unclear(selector)
        if not chosen:
            typer.echo("Nothing to discard.")
            return
        _confirm(chosen, yes=yes)
        who = Discarder.ask(context.session.client("sts", config=CLIENT))
        audit = AuditLog(audit_log, who, parts.dead_letter_queue_url, reason)
        result = discard_chosen(context.scan, audit, chosen)
    typer.echo(f"Discarded {quantity(result.done, 'message')}; the audit lines are in {printable(str(audit_log))}.")
    if result.left:
        typer.echo(f"Not discarded, list them again: {', '.join(result.left)}.", err=True)
        raise typer.Exit(ExitCode.RETRY)


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def _selector(ids: list[str], found: list[Diagnosis]) -> MessageSelector:
    if bool(ids) == bool(found):
        raise typer.BadParameter("Choose messages in one way: message ids, or --found REASON.")
    if risky := sorted(set(found) - LOSES_NOTHING):
        raise typer.BadParameter(
            f"What is {' or '.join(risky)} may still be delivered: name such messages by their ids to discard them."
        )
    return MessageSelector(ids, found)


def _refuse_unclear(selector: MessageSelector) -> None:
    if selector.missing:
        raise not_found(selector.missing)
    if selector.ambiguous:
        typer.echo(f"Fits several messages, write more of it: {', '.join(selector.ambiguous)}.", err=True)
        raise typer.Exit(ExitCode.NEEDS_ATTENTION)


def _confirm(chosen: list[tuple[ReceivedDeadLetter, MessageDiagnosis]], *, yes: bool) -> None:
    """Show what is about to go; ask, unless --yes was given."""
    typer.echo(HEADING)
    for letter, diagnosed in chosen:
        typer.echo(row(letter, diagnosed))
    try:
        agreed = yes or typer.confirm(question(chosen))
    except typer.Abort as abort:
        raise typer.Exit(ExitCode.STOPPED) from abort
    if not agreed:
        raise typer.Exit(ExitCode.NEEDS_ATTENTION)
