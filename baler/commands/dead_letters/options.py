"""The options that the commands share, and what they stand for."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import boto3
import typer

from baler.cli.s3 import bucket_name
from baler.commands.dead_letters.aws import CLIENT, AwsError, explained
from baler.commands.dead_letters.claims import Claims
from baler.commands.dead_letters.finding import Look
from baler.commands.dead_letters.queue import Reading
from baler.commands.dead_letters.report import SHORT_ID

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_MEGABYTE: Final = 1024 * 1024
_ID: Final = re.compile(rf"[0-9a-f-]{{{SHORT_ID},36}}")

QueueUrl = Annotated[
    str,
    typer.Option(
        envvar="BALER_DEAD_LETTER_QUEUE_URL", metavar="URL", help="The stack's output filesDeadLetterQueueUrl."
    ),
]
IngestUrl = Annotated[
    str, typer.Option(envvar="BALER_INGEST_QUEUE_URL", metavar="URL", help="The stack's output filesIngestQueueUrl.")
]
LandingBucket = Annotated[
    str,
    typer.Option(
        envvar="BALER_LANDING_BUCKET",
        metavar="BUCKET",
        parser=bucket_name,
        help="The stack's output filesLandingBucket.",
    ),
]
ClaimTable = Annotated[
    str, typer.Option(envvar="BALER_CLAIM_TABLE", metavar="TABLE", help="The stack's output filesClaimTable.")
]
MaxFileMegabytes = Annotated[
    int | None,
    typer.Option(
        envvar="BALER_MAX_FILE_MEGABYTES",
        min=1,
        help="The stack's filesMaxFileMegabytes, in MiB. Without it a file is too_large where the function said so.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a message instead of text.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """What an operator works with.

    Attributes:
        sqs: a client.
        queue_url: the dead-letter queue.
        look: finds out why messages are there.
    """

    sqs: SQSClient
    queue_url: str
    look: Look

    @classmethod
    def open(cls, queue_url: str, landing_bucket: str, claim_table: str, max_file_megabytes: int | None) -> Desk:
        """Make the clients; endpoint, region and credentials are boto3's own settings.

        Raises:
            AwsError: those are not usable, or the landing bucket is not there.
        """
        try:
            with explained():
                claims = Claims(boto3.client("dynamodb", config=CLIENT), claim_table)
                s3 = boto3.client("s3", config=CLIENT)
                limit = None if max_file_megabytes is None else max_file_megabytes * _MEGABYTE
                look = Look(s3, claims, landing_bucket, limit, time.time)
                look.check()
                return cls(boto3.client("sqs", config=CLIENT), queue_url, look)
        except ValueError as error:
            raise AwsError(f"{error}: check AWS_ENDPOINT_URL and AWS_REGION.") from error

    def reading(self) -> Reading:
        """Begin a look through the queue."""
        return Reading(self.sqs, self.queue_url)


def message_ids(named: list[str]) -> list[str]:
    """Check the message ids of a command line: whole, or so much of the beginning as the list shows."""
    for name in named:
        if _ID.fullmatch(name) is None:
            raise typer.BadParameter(f"{name!r} is not a message id, nor its first {SHORT_ID} characters or more.")
    return named
