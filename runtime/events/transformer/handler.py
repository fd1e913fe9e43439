"""The Lambda handler: wires the transformer to AWS once per execution environment, and delegates.

The event source mapping asks for partial batch responses (ReportBatchItemFailures): messages that are named in the
answer stay in the queue, the others are deleted.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from baler.events.aws.progress_table import DynamoProgressTable
from baler.store_errors import Unavailable
from runtime.events.aws.clients import TransformerClients
from runtime.events.aws.processed_store import S3ProcessedTarget
from runtime.events.aws.raw_store import S3RawSource
from runtime.events.aws.transform_queues import SqsTransformQueues
from runtime.events.transformer.delay import seconds_until_retry
from runtime.events.transformer.environment import Environment
from runtime.events.transformer.message_batch import Message, MessageBatch
from runtime.events.transformer.object_content import ObjectTransform
from runtime.events.transformer.observability import logger, report_objects, tracer
from runtime.events.transformer.settlement import settle
from runtime.events.transformer.transformer import Transformer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_WORKERS: Final = 8
# Left for the messages when the last object is done, and for the answer when the last message is sent.
_SETTLEMENT_SECONDS: Final = 3.0
_ANSWER_SECONDS: Final = 0.2

_environment = Environment.read(os.environ)
_clients = TransformerClients.connect(_environment.raw_bucket, _environment.processed_bucket)
_pool = ThreadPoolExecutor(_WORKERS)
_batch = MessageBatch(_environment.raw_bucket, time.time, _pool.map)
_transform = ObjectTransform(_environment.thresholds, time.time)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Process a batch of SQS messages, and name those that stay in the queue."""
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    records: list[dict[str, Any]] = event["Records"]
    objects = _batch.process([_message(record) for record in records], _transformer(deadline - _SETTLEMENT_SECONDS))
    queues = SqsTransformQueues(
        _clients.sqs,
        queue=_environment.queue_url,
        dead_letters=_environment.dead_letter_queue_url,
        deadline=deadline - _ANSWER_SECONDS,
    )
    stay = settle(objects, queues, random.random)
    report_objects(objects, stay, _environment.stack, time.time())
    left = [record for record in records if record["messageId"] in stay]
    _set_backoff(left, queues)
    # All messages of a batch staying is an outcome like others, which the metrics report, not an error of the function.
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in left]}


def _message(record: dict[str, Any]) -> Message:
    attributes = record["attributes"]
    return Message(
        record["messageId"],
        record["body"],
        int(attributes["SentTimestamp"]) / 1000,
        int(attributes["ApproximateReceiveCount"]),
    )


def _transformer(until: float) -> Transformer:
    """Clients and threads stay; each call of the adapters is over by a moment."""
    return Transformer(
        table=DynamoProgressTable(_clients.tables, _environment.progress_table, until),
        source=S3RawSource(_clients.raw, _environment.raw_bucket, until),
        target=S3ProcessedTarget(_clients.processed, _environment.processed_bucket, until),
        stream=_environment.stream,
        transform=_transform,
        patience_seconds=_environment.patience_seconds,
    )


def _set_backoff(records: list[dict[str, Any]], queues: SqsTransformQueues) -> None:
    after = {
        record["receiptHandle"]: seconds_until_retry(
            int(record["attributes"]["ApproximateReceiveCount"]),
            random.random(),  # noqa: S311 - spreads retries
        )
        for record in records
    }
    try:
        queues.set_visibility(after)
    except Unavailable as error:
        logger.warning("could not set when messages are seen again; the queue's own timeout holds", reason=str(error))
