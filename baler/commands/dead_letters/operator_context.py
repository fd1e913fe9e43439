"""What an operator works with: the dead-letter queue while it is scanned, and what finds out why messages are there."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import typer

from baler.aws.queue_scan import QueueScan
from baler.cli.aws_session import aws_session, check_settings
from baler.commands.dead_letters.announced_inspector import AnnouncedMessageInspector
from baler.commands.dead_letters.aws import CLIENT, AwsError
from baler.commands.dead_letters.claim_reader import ClaimReader
from baler.commands.dead_letters.file_inspector import FileInspector
from baler.commands.dead_letters.message_inspector import MessageInspector
from baler.commands.dead_letters.plain_errors import plain_errors

if TYPE_CHECKING:
    from collections.abc import Generator

    import boto3
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from baler.commands.dead_letters.inspector import Inspector
    from baler.commands.dead_letters.queues import QueueParts

_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OperatorContext:
    """What a command works with.

    Attributes:
        session: makes further clients.
        sqs: a client.
        inspector: finds out why messages are there.
        scan: of the dead-letter queue.
    """

    session: boto3.Session
    sqs: SQSClient
    inspector: Inspector
    scan: QueueScan


@dataclass(frozen=True, slots=True)
class _FilesPipeline:
    """What the file pipeline's messages are inspected by."""

    landing_bucket: str
    claim_table: str
    max_file_bytes: int | None

    @classmethod
    def named(cls, landing_bucket: str | None, claim_table: str | None, max_file_megabytes: int | None) -> Self:
        """Return it.

        Raises:
            typer.BadParameter: one of its names is missing.
        """
        if not landing_bucket or not claim_table:
            raise typer.BadParameter(
                "Name the stack, or --landing-bucket and --claim-table; for a queue of the event stream or the lake "
                "--queue, or --announced-bucket."
            )
        limit = None if max_file_megabytes is None else max_file_megabytes * _MEGABYTE
        return cls(landing_bucket, claim_table, limit)

    def inspector(self, session: boto3.Session, s3: S3Client) -> MessageInspector:
        """Return what inspects messages, once the bucket is found to be there."""
        claims = ClaimReader(session.client("dynamodb", config=CLIENT), self.claim_table)
        files = FileInspector(s3, claims, self.landing_bucket, self.max_file_bytes, time.time)
        files.check()
        return MessageInspector(files)


@contextmanager
def operator_context(
    queue: QueueParts, landing_bucket: str | None, claim_table: str | None, max_file_megabytes: int | None
) -> Generator[OperatorContext]:
    """Open the queue; at the end every message that was not deleted is handed back.

    Messages are the event stream's or the lake's where the queue announces a bucket, else the file pipeline's.

    Raises:
        typer.BadParameter: it is not said what the messages announce.
        typer.Exit: AWS, its settings or the audit file refused, then or within the block; a sentence was written.
    """
    announced = queue.announced_bucket
    files = None if announced else _FilesPipeline.named(landing_bucket, claim_table, max_file_megabytes)
    with plain_errors():
        try:
            session = aws_session()
            s3 = session.client("s3", config=CLIENT)
            sqs = session.client("sqs", config=CLIENT)
        except ValueError as error:
            # What botocore raises where an endpoint is no URL.
            raise AwsError(check_settings(error)) from error
        inspector = AnnouncedMessageInspector(s3, announced or "") if files is None else files.inspector(session, s3)
        with QueueScan(sqs, queue.dead_letter_queue_url) as scan:
            yield OperatorContext(session, sqs, inspector, scan)
