"""The Lambda handler: wires the aggregator to AWS once per execution environment, and delegates.

The event source mapping asks for partial batch responses (ReportBatchItemFailures): messages that are named in the
answer stay in the queue, the others are deleted.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,  # pyright: ignore[reportUnknownVariableType]  # Powertools leaves the handler's type open
)

from runtime.aggregator.attempt import Stores
from runtime.aggregator.backoff import seconds_until_retry
from runtime.aggregator.batch import Aggregator, Limits, Message, Report
from runtime.aggregator.environment import Environment
from runtime.aggregator.observability import logger, tell, tracer
from runtime.aws.buckets import S3Archive, S3Mailbox
from runtime.aws.claim_table import DynamoClaimTable
from runtime.aws.clients import Clients
from runtime.aws.landing import S3Landing
from runtime.aws.queue import SqsQueue
from runtime.claims.ports import Unavailable
from runtime.claims.protocol import ClaimProtocol

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

_WORKERS: Final = 16

_environment = Environment.read(os.environ)
_clients = Clients.connect(_environment.landing_bucket)
_pool = ThreadPoolExecutor(_WORKERS)
_landing = S3Landing(_clients.landing, _pool, _environment.max_file_bytes, _environment.in_memory_bytes)
_archive = S3Archive(_clients.s3, _environment.archive_bucket)
_mailbox = S3Mailbox(_clients.s3, _environment.distribution_bucket, _environment.archive_bucket)
_queue = SqsQueue(_clients.sqs, _environment.ingest_queue_url)
_aggregator = Aggregator(
    protocol=ClaimProtocol(
        DynamoClaimTable(_clients.claims, _environment.claim_table),
        _archive,
        _mailbox,
        _pool.map,
        time.time,
    ),
    stores=Stores(_landing, _archive, _mailbox),
    limits=Limits(
        landing_bucket=_environment.landing_bucket,
        claim_lifetime_seconds=_environment.claim_lifetime_seconds,
        max_file_bytes=_environment.max_file_bytes,
        max_bundle_bytes=_environment.max_bundle_bytes,
        in_memory_bytes=_environment.in_memory_bytes,
    ),
    clock=time.time,
    entropy=os.urandom,
)
# All messages of a batch failing is an outcome like others, told by the metrics, not an error of the function.
_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class _Failed(Exception):  # noqa: N818 - says so to the batch processor, which logs nothing of it
    """A message that stays in the queue."""


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Process a batch of SQS messages and name those that stay in the queue."""
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    report = _aggregator.handle([_message(record) for record in event["Records"]], deadline)
    tell(report, _environment.stack, time.time())
    _set_backoff(event["Records"], report)

    def settle(record: SQSRecord) -> None:
        if not report.messages[record.message_id].done:
            raise _Failed

    return process_partial_response(event, settle, _processor, context)


def _message(record: dict[str, Any]) -> Message:
    return Message(record["messageId"], record["body"], int(record["attributes"]["SentTimestamp"]) / 1000)


def _set_backoff(records: list[dict[str, Any]], report: Report) -> None:
    now = time.time()
    after: dict[str, int] = {}
    for record in records:
        verdict = report.messages[record["messageId"]]
        if not verdict.done:
            receives = int(record["attributes"]["ApproximateReceiveCount"])
            after[record["receiptHandle"]] = seconds_until_retry(verdict, receives, now, random.random())  # noqa: S311 - spreads retries
    try:
        _queue.see_again(after)
    except Unavailable as error:
        logger.warning("could not set when messages are seen again; the queue's own timeout holds", reason=str(error))
