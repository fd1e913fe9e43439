"""The Lambda handler: wires the compactor to AWS once per execution environment, and delegates.

The queue hands over messages of processed objects and is answered with those that stay in it
(ReportBatchItemFailures). Any other event, the clock's or a person's, asks it to keep the table: to rewrite closed
hours into few files, and to delete what nobody reads any more.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import boto3

from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.table.rows import source_rows
from baler.store_errors import Unavailable
from runtime.events.aws.clients import CompactorClients
from runtime.events.aws.compaction import S3Listing, S3ProcessedStore, SqsCompactionQueues
from runtime.events.aws.event_table import IcebergEventTable
from runtime.events.compactor.compactor import Compactor
from runtime.events.compactor.environment import Environment
from runtime.events.compactor.message_batch import Message, process, settle
from runtime.events.compactor.observability import logger, report_maintenance, report_objects, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_WORKERS: Final = 16
# A commit that begins with less time left may not end: reading, writing and the catalogue's longest answer.
_COMMIT_SECONDS: Final = 45.0
# Left for the messages when the last commit is done.
_SETTLEMENT_SECONDS: Final = 5.0
# When a message that failed for the first time is seen again; later the queue's own timeout holds.
_FIRST_RETRY_SECONDS: Final = 30

_environment = Environment.read(os.environ)
_session = boto3.Session()
_clients = CompactorClients.connect(_session, _environment.processed_bucket)
_pool = ThreadPoolExecutor(_WORKERS)
_table = IcebergEventTable(
    catalogue_of(_session),
    _environment.database,
    S3Listing(_clients.s3),
    name=_environment.table,
    location=f"s3://{_environment.compacted_bucket}/{_environment.table}",
)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Commit the objects of a batch of messages and name those that stay, or keep the table and say what was done.

    Raises:
        Unavailable: a store does not answer, and the next run goes on.
    """
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    if "Records" in event:
        return _commit(event["Records"], deadline)
    conflicts: list[None] = []
    done = _compactor(deadline, conflicts).keep(
        datetime.now(UTC), _environment.compacted_days, open_hours=event.get("open_hours") is True
    )
    report_maintenance(done, _environment.stack, conflicts=len(conflicts))
    return {
        "rewritten_hours": done.rewritten_hours,
        "removed_files": done.removed_files,
        "rows": done.size.rows,
        "files": done.size.files,
    }


def _commit(records: list[dict[str, Any]], deadline: float) -> dict[str, Any]:
    conflicts: list[None] = []
    messages = [_message(record) for record in records]
    objects = process(messages, _environment.processed_bucket, _compactor(deadline, conflicts))
    queues = SqsCompactionQueues(
        _clients.sqs, queue=_environment.queue_url, dead_letters=_environment.dead_letter_queue_url, deadline=deadline
    )
    stay = settle(objects, queues)
    report_objects(objects, stay, _environment.stack, conflicts=len(conflicts), now=time.time())
    left = [record for record in records if record["messageId"] in stay]
    first = [record["receiptHandle"] for record in left if record["attributes"]["ApproximateReceiveCount"] == "1"]
    try:
        queues.set_visibility(dict.fromkeys(first, _FIRST_RETRY_SECONDS))
    except Unavailable as error:
        logger.warning("could not set when messages are seen again; the queue's own timeout holds", reason=str(error))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in left]}


def _compactor(deadline: float, conflicts: list[None]) -> Compactor:
    """Clients and threads stay; what is of one invocation is made anew."""
    return Compactor(
        table=_table,
        store=S3ProcessedStore(
            _clients.processed, _environment.processed_bucket, _pool, deadline - _SETTLEMENT_SECONDS
        ),
        read=source_rows,
        has_time=lambda: time.time() < deadline - _COMMIT_SECONDS,
        on_conflict=lambda: conflicts.append(None),
    )


def _message(record: dict[str, Any]) -> Message:
    attributes = record["attributes"]
    return Message(
        record["messageId"],
        record["body"],
        int(attributes["SentTimestamp"]) / 1000,
        int(attributes["ApproximateReceiveCount"]),
    )
