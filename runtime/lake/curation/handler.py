"""The Lambda handler behind curation's queue: wires curation to AWS once per execution environment, and delegates.

The event source mapping asks for partial batch responses (ReportBatchItemFailures): messages that are named in the
answer stay in the queue, the others are deleted.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import boto3

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3
from baler.aws.http.sqs import HttpSqs
from baler.aws.session import CONFIG, credentials_of
from baler.lake.retention import Retention
from runtime.lake.aws.curation_bucket import S3CurationBucket
from runtime.lake.aws.curation_queues import SqsCurationQueues
from runtime.lake.aws.record_table import DynamoRecordTable, Tables
from runtime.lake.aws.version_table import DynamoVersionTable
from runtime.lake.curation.curator import Curator
from runtime.lake.curation.environment import Environment
from runtime.lake.curation.message_batch import MessageBatch
from runtime.lake.curation.observability import logger, report_batch, traced, tracer, warn
from runtime.lake.curation.queue_message import Message
from runtime.lake.curation.reading import reader_of
from runtime.lake.curation.settlement import Settlement

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from runtime.lake.curation.curator import Report

# Left for the messages when the last raw object is done, and for the answer when the last message is sent.
_SETTLEMENT_SECONDS: Final = 4.0
_ANSWER_SECONDS: Final = 0.2

_environment = Environment.read(os.environ)
_session = boto3.Session()
_credentials = credentials_of(_session)
_s3 = HttpS3(_session.client("s3", config=CONFIG), _credentials, _environment.raw_bucket)
_dynamodb = HttpDynamoDb(_session.client("dynamodb", config=CONFIG), _credentials)
_sqs = HttpSqs(_session.client("sqs", config=CONFIG), _credentials)
_retention = Retention(_environment.retention_days)
_tables = Tables(_environment.records_table, _environment.counters_table, _retention)
_read = reader_of(_environment.sources)


class _SystemClock:
    """The Clock port."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Curate what a batch of SQS messages announces, and name those that stay in the queue."""
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    over = deadline - _SETTLEMENT_SECONDS
    curator = _curator(over)

    def curate(key: str, version: str | None, until: float) -> Report:
        with traced(key):
            return curator.handle(key, version, until)

    queues = SqsCurationQueues(
        _sqs,
        queue=_environment.queue_url,
        dead_letters=_environment.dead_letter_queue_url,
        deadline=deadline - _ANSWER_SECONDS,
    )
    settlement = Settlement(queues, random.random, warn)
    batch = MessageBatch(_environment.raw_bucket, curate, time.time, over)
    reports = batch.process([Message.of(record) for record in event["Records"]], settlement)
    report_batch(reports, settlement.stay, _environment.stack, time.time())
    # All messages of a batch staying is an outcome like others, which the metrics report, not an error of the function.
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in settlement.stay]}


def _curator(until: float) -> Curator:
    """Clients stay; each call of the adapters is over by a moment."""
    bucket = S3CurationBucket(_s3, _environment.raw_bucket, until)
    return Curator(
        raw=bucket,
        read=_read,
        table=DynamoRecordTable(_dynamodb, _tables, until),
        versions=_versions(until),
        aside=bucket,
        clock=_SystemClock(),
        random=random.random,
        new_token=lambda: uuid.uuid4().hex,
        retention=_retention,
    )


def _versions(until: float) -> DynamoVersionTable | None:
    table = _environment.versions_table
    return None if table is None else DynamoVersionTable(_dynamodb, table, until, retention=_retention)
