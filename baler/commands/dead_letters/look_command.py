"""The command lines of `baler dead-letters list` and `show`."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from baler.commands.dead_letters.choice import Choice
from baler.commands.dead_letters.exit_code import not_there, plain_words
from baler.commands.dead_letters.options import (
    AsJson,
    ClaimTable,
    Desk,
    LandingBucket,
    MaxFileMegabytes,
    QueueUrl,
    message_ids,
)
from baler.commands.dead_letters.report import HEADING, age_text, count, document, row, tell, whole

if TYPE_CHECKING:
    from baler.commands.dead_letters.queue import Depth


def list_letters(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    max_file_megabytes: MaxFileMegabytes = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many messages.")] = 100,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show dead letters with the reason that a look at each finds likely now.

    SQS gives out samples in no order, and nothing that another reader has hidden; where messages are not shown, the
    last line says so. Looking adds one to a message's receives and changes nothing else.
    """
    shown = 0
    with plain_words():
        desk = Desk.open(dead_letter_queue_url, landing_bucket, claim_table, max_file_megabytes)
        with desk.reading() as reading:
            depth = reading.depth()
            for letter, finding in islice(Choice().looked_at(reading, desk.look), limit):
                if not as_json and not shown:
                    tell(HEADING)
                tell(json.dumps(document(letter, finding)) if as_json else row(letter, finding))
                shown += 1
    typer.echo(_summary(shown, depth), err=True)


def show(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    message: Annotated[str, typer.Argument(help="A message id, or as much of it as the list shows.")],
    dead_letter_queue_url: QueueUrl,
    landing_bucket: LandingBucket,
    claim_table: ClaimTable,
    max_file_megabytes: MaxFileMegabytes = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show one message whole: what is known of it, each file that it announces, its body."""
    choice = Choice(message_ids([message]))
    with plain_words():
        desk = Desk.open(dead_letter_queue_url, landing_bucket, claim_table, max_file_megabytes)
        with desk.reading() as reading:
            letter = next(choice.letters(reading, desk.look), None)
            finding = None if letter is None else desk.look.of(letter)
    if letter is None or finding is None:
        raise not_there(choice.missing)
    tell(json.dumps({**document(letter, finding), "body": letter.body}) if as_json else whole(letter, finding))


def _summary(shown: int, depth: Depth) -> str:
    if not depth.messages and not shown:
        return "No dead letters."
    text = f"{count(shown, 'message')}; SQS deletes one {age_text(depth.retention)} after it was sent."
    if depth.messages > shown:
        text += f" The queue holds about {depth.messages}: the others are past --limit, or hidden by another reader."
    return text
