"""The Lambda handler: wires the compactor to AWS once per execution environment, and delegates.

The queue hands over messages of processed objects and is answered with those that stay in it
(ReportBatchItemFailures). Any other event, the clock's or a person's, asks it to keep the table: to rewrite closed
hours into few files, and to delete what nobody reads any more.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import boto3

from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.queue_message import Message
from baler.events.retries import SOONER_RETRIES_SECONDS
from baler.events.table.rows import source_rows
from baler.store_errors import Unavailable
from runtime.events.aws.clients import CompactorClients
from runtime.events.aws.compaction import S3Listing, S3ProcessedStore, SqsCompactionQueues
from runtime.events.aws.event_table import IcebergEventTable
from runtime.events.compactor.compactor import Compactor
from runtime.events.compactor.environment import Environment
from runtime.events.compactor.message_batch import process, settle
from runtime.events.compactor.observability import logger, report_maintenance, report_objects, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_WORKERS: Final = 16
# A commit that begins with less time left may not end: reading, writing and the catalogue's longest answer.
_COMMIT_SECONDS: Final = 45.0
# Left for the messages when the last commit is done.
_SETTLEMENT_SECONDS: Final = 5.0
# Before something is tried again that failed: on average half of it.
_PAUSE_SECONDS: Final = 2.0

_environment = Environment.read(os.environ)
_session = boto3.Session()
_clients = CompactorClients.connect(_session, _environment.processed_bucket)
_pool = ThreadPoolExecutor(_WORKERS)
_catalogue = catalogue_of(_session)
_table = IcebergEventTable(
    _catalogue,
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
    # Minutes lie between two runs, in which a connection dies without a sign. On each that did, a call would wait.
    _catalogue.close()
    _clients.s3.close()
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
    messages = [Message.of(record) for record in records]
    objects = process(messages, _environment.processed_bucket, _compactor(deadline, conflicts))
    queues = SqsCompactionQueues(
        _clients.sqs, queue=_environment.queue_url, dead_letters=_environment.dead_letter_queue_url, deadline=deadline
    )
    stay = settle(objects, queues)
    report_objects(objects, stay, _environment.stack, conflicts=len(conflicts), now=time.time())
    left = [record for record in records if record["messageId"] in stay]
    try:
        queues.set_visibility(_seen_again(left))
    except Unavailable as error:
        logger.warning("could not set when messages are seen again; the queue's own timeout holds", reason=str(error))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in left]}


def _seen_again(records: list[dict[str, Any]]) -> dict[str, int]:
    """Return after how many seconds messages that failed are seen again, by handle; of others the queue decides."""
    found: dict[str, int] = {}
    for record in records:
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        if receives <= len(SOONER_RETRIES_SECONDS):
            found[record["receiptHandle"]] = SOONER_RETRIES_SECONDS[receives - 1]
    return found


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
        pause=lambda: time.sleep(_PAUSE_SECONDS * random.random()),  # noqa: S311 - spreads retries
    )
