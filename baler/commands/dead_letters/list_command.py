"""The command lines of `baler dead-letters list` and `show`."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from baler.cli.durations import duration
from baler.cli.report import quantity
from baler.commands.dead_letters.message_selector import MessageSelector
from baler.commands.dead_letters.operator_context import operator_context
from baler.commands.dead_letters.options import (
    AnnouncedBucket,
    AsJson,
    ClaimTable,
    LandingBucket,
    MaxFileMegabytes,
    Queue,
    QueueUrl,
    message_ids,
)
from baler.commands.dead_letters.plain_errors import not_found
from baler.commands.dead_letters.queues import queue_parts
from baler.commands.dead_letters.report import HEADING, document, full_text, row

if TYPE_CHECKING:
    from baler.aws.queue_scan import Depth


def list_letters(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    command: typer.Context,
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    max_file_megabytes: MaxFileMegabytes,
    queue: Queue = None,
    announced_bucket: AnnouncedBucket = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many messages.")] = 100,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show dead letters, each with the reason that is likely now.

    SQS gives out samples in no order, and nothing that another reader has hidden; where messages are not shown, the
    last line says so. To be shown adds one to a message's receives and changes nothing else.
    """
    shown = 0
    parts = queue_parts(command, queue, dead_letter_queue_url, announced_bucket)
    with operator_context(parts, landing_bucket, claim_table, max_file_megabytes) as context:
        depth = context.scan.depth()
        for letter, diagnosed in islice(MessageSelector().diagnosed(context.scan, context.inspector), limit):
            if not as_json and not shown:
                typer.echo(HEADING)
            typer.echo(json.dumps(document(letter, diagnosed)) if as_json else row(letter, diagnosed))
            shown += 1
    typer.echo(_summary(shown, depth), err=True)


def show(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    message: Annotated[str, typer.Argument(help="A message id, or as much of it as the list shows.")],
    command: typer.Context,
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    max_file_megabytes: MaxFileMegabytes,
    queue: Queue = None,
    announced_bucket: AnnouncedBucket = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show one message whole: what is known of it, each file that it announces, its body."""
    selector = MessageSelector(message_ids([message]))
    parts = queue_parts(command, queue, dead_letter_queue_url, announced_bucket)
    with operator_context(parts, landing_bucket, claim_table, max_file_megabytes) as context:
        letter = next(selector.letters(context.scan, context.inspector), None)
        diagnosed = None if letter is None else context.inspector.diagnose(letter)
    if letter is None or diagnosed is None:
        raise not_found(selector.missing)
    typer.echo(
        json.dumps({**document(letter, diagnosed), "body": letter.body}) if as_json else full_text(letter, diagnosed)
    )


def _summary(shown: int, depth: Depth) -> str:
    if not depth.messages and not shown:
        return "No dead letters."
    text = (
        f"{quantity(shown, 'message')}; SQS deletes one {duration(depth.retention.total_seconds())} after it was sent."
    )
    if depth.messages > shown:
        text += f" The queue holds about {depth.messages}: the others are past --limit, or hidden by another reader."
    return text
