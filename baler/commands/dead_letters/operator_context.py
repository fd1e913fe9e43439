"""What an operator works with: the dead-letter queue while it is scanned, and what finds out why messages are there."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.cli.aws_session import aws_session, check_settings
from baler.commands.dead_letters.aws import CLIENT, AwsError
from baler.commands.dead_letters.claim_reader import ClaimReader
from baler.commands.dead_letters.file_inspector import FileInspector
from baler.commands.dead_letters.message_inspector import MessageInspector
from baler.commands.dead_letters.plain_errors import plain_errors
from baler.commands.dead_letters.queue_scan import QueueScan

if TYPE_CHECKING:
    from collections.abc import Generator

    import boto3
    from mypy_boto3_sqs import SQSClient

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
    inspector: MessageInspector
    scan: QueueScan


@contextmanager
def operator_context(
    queue_url: str, landing_bucket: str, claim_table: str, max_file_megabytes: int | None
) -> Generator[OperatorContext]:
    """Open the queue; at the end every message that was not deleted is handed back.

    Raises:
        typer.Exit: AWS, its settings or the audit file refused, then or within the block; a sentence was written.
    """
    limit = None if max_file_megabytes is None else max_file_megabytes * _MEGABYTE
    with plain_errors():
        try:
            session = aws_session()
            dynamodb = session.client("dynamodb", config=CLIENT)
            s3 = session.client("s3", config=CLIENT)
            sqs = session.client("sqs", config=CLIENT)
        except ValueError as error:
            # What botocore raises where an endpoint is no URL.
            raise AwsError(check_settings(error)) from error
        files = FileInspector(s3, ClaimReader(dynamodb, claim_table), landing_bucket, limit, time.time)
        files.check()
        with QueueScan(sqs, queue_url) as scan:
            yield OperatorContext(session, sqs, MessageInspector(files), scan)
