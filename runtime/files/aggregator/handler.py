"""The Lambda handler: wires the aggregator to AWS once per execution environment, and delegates.

The event source mapping asks for partial batch responses (ReportBatchItemFailures): messages that are named in the
answer stay in the queue, the others are deleted.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from baler.aws.queue import SqsQueue, sibling_url
from baler.daemon_timer import call_at
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.protocol import ClaimProtocol
from baler.store_errors import Unavailable
from runtime.files.aggregator.attempt import Stores
from runtime.files.aggregator.backoff import SOON_SECONDS, seconds_until_retry
from runtime.files.aggregator.batch import Aggregator, BatchLimits, BatchReport, Message
from runtime.files.aggregator.environment import Environment
from runtime.files.aggregator.isolation import Isolation
from runtime.files.aggregator.observability import logger, report_batch, tracer
from runtime.files.aggregator.rejection import move_rejected, note_rejected
from runtime.files.aws.buckets import S3Archive, S3Mailbox
from runtime.files.aws.clients import Clients
from runtime.files.aws.journal import DynamoJournal
from runtime.files.aws.landing import S3Landing
from runtime.files.aws.queue import SqsDeadLetters

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_WORKERS: Final = 16
_RUN_ID_BYTES: Final = 8

# What is left for the answer when the last call is over.
_ANSWER_SECONDS: Final = 0.2

_environment = Environment.read(os.environ)
_clients = Clients.connect(_environment.landing_bucket, _environment.archive_bucket, _environment.distribution_bucket)
_pool = ThreadPoolExecutor(_WORKERS)


@cache
def _warn_of_denied_inserts() -> None:
    """Say it once in the life of the environment, or once for each thread that finds it out at the same time.

    Files are delivered all the same, with 25 times the requests.
    """
    logger.warning("may not insert claims many at once: each is put by itself", right="dynamodb:PartiQLInsert")


def _stores(until: float) -> Stores:
    """Clients and threads stay; each call of the adapters is over by a moment."""
    archive = S3Archive(_clients.archive, _environment.archive_bucket, until)
    mailbox = S3Mailbox(_clients.mailbox, _environment.distribution_bucket, _environment.archive_bucket, until)
    table = DynamoClaimTable(_clients.claims, _environment.claim_table, until, _warn_of_denied_inserts)
    return Stores(
        claims=ClaimProtocol(table, archive, mailbox, concurrently=_pool.map, clock=time.time, pause=time.sleep),
        landing=S3Landing(_clients.landing, _pool, _environment.max_file_bytes, _environment.in_memory_bytes, until),
        archive=archive,
        mailbox=mailbox,
    )


def _journal(until: float) -> DynamoJournal:
    return DynamoJournal(_clients.claims, _environment.claim_table, until)


_isolation = Isolation(
    Aggregator(
        _stores,
        BatchLimits(
            landing_bucket=_environment.landing_bucket,
            claim_lifetime_seconds=_environment.claim_lifetime_seconds,
            max_file_bytes=_environment.max_file_bytes,
            max_bundle_bytes=_environment.max_bundle_bytes,
            in_memory_bytes=_environment.in_memory_bytes,
        ),
        time.time,
        os.urandom,
    ),
    journal=_journal,
    concurrently=_pool.map,
    clock=time.time,
    pause=time.sleep,
    timer=call_at,
    new_run_id=lambda: os.urandom(_RUN_ID_BYTES).hex(),
)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Process a batch of SQS messages and name those that stay in the queue."""
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    messages = [_message(record) for record in event["Records"]]
    report = _isolation.handle(messages, deadline)
    over = deadline - _ANSWER_SECONDS
    _reject(messages, report, over)
    report_batch(report, _environment.stack, time.time())
    stay = [record for record in event["Records"] if not report.settled(record["messageId"])]
    _set_backoff(stay, report, over)
    # All messages of a batch staying is an outcome like others, which the metrics report, not an error of the function.
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in stay]}


def _message(record: dict[str, Any]) -> Message:
    attributes = record["attributes"]
    received = attributes.get("ApproximateFirstReceiveTimestamp")  # only measured with: no file waits for it
    return Message(
        record["messageId"],
        record["body"],
        int(attributes["SentTimestamp"]) / 1000,
        int(attributes["ApproximateReceiveCount"]),
        int(received) / 1000 if received else None,
    )


def _reject(messages: list[Message], report: BatchReport, until: float) -> None:
    """Move what can never be processed to the dead-letter queue."""
    dead_letters = SqsDeadLetters(_clients.sqs, _environment.dead_letter_queue_url, until)
    for message_id, reason in move_rejected(messages, report, dead_letters).items():
        logger.warning("could not move a message to the dead-letter queue", message_id=message_id, error=reason)
    expires_at = int(time.time()) + _environment.claim_lifetime_seconds
    table = DynamoClaimTable(_clients.claims, _environment.claim_table, until)
    if missing := note_rejected(report, table, _pool.map, expires_at):
        logger.warning("could not note all rejected files in the claim table", files=missing)


def _set_backoff(records: list[dict[str, Any]], report: BatchReport, until: float) -> None:
    if not records:
        return
    now = time.time()
    after = {
        record["receiptHandle"]: seconds_until_retry(
            report.messages[record["messageId"]],
            int(record["attributes"]["ApproximateReceiveCount"]),
            now,
            random.random(),  # noqa: S311 - spreads retries
            SOON_SECONDS if record["messageId"] in report.soon else _environment.longest_retry_seconds,
        )
        for record in records
    }
    try:
        # A batch is of one queue, and Lambda may read several for this function.
        url = sibling_url(_environment.ingest_queue_url, records[0]["eventSourceARN"])
        SqsQueue(_clients.sqs, url, until).set_visibility(after)
    except Unavailable as error:
        logger.warning("could not set when messages are seen again; the queue's own timeout holds", reason=str(error))
