"""The Lambda handler that `baler events redrive` and `replay` invoke, and nothing else does.

It does as much as its time allows and answers what is left; the command calls again. A call that is made twice, or
whose answer is lost, finds what the first one committed.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import boto3

from baler.aws.session import CONFIG
from baler.events.aws.coverage_table import DynamoCoverageTable
from baler.events.parsing.parse import parse
from baler.store_errors import Unavailable
from runtime.events.aws.batch_table import DynamoBatchTable
from runtime.events.aws.clients import ProcessorClients
from runtime.events.aws.failure_store import S3FailureStore
from runtime.events.aws.processing import RESERVE_SECONDS, Processing
from runtime.events.aws.stream_source import KinesisSource
from runtime.events.recovery.environment import Environment
from runtime.events.recovery.observability import logger, report_call, tracer
from runtime.events.recovery.recoverer import Recoverer
from runtime.events.recovery.recovery import Recovery
from runtime.events.recovery.request import BadRequestError, recovery_request
from runtime.events.recovery.restoration import Restoration

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from baler.events.stream.committed_batch import CommittedBatch

# A report that hangs must not take the time of the rest.
_NOTE_SECONDS: Final = 3.0

_environment = Environment.read(os.environ)
_clients = ProcessorClients.connect(_environment.raw_bucket)
_s3 = boto3.client("s3", config=CONFIG)
# Its queries are no calls of the lean client.
_dynamodb = boto3.client("dynamodb", config=CONFIG)
_processing = Processing(
    _clients,
    raw_bucket=_environment.raw_bucket,
    progress_table=_environment.progress_table,
    raw_days=_environment.raw_days,
)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Recover what a request names, and answer as `Recoverer.answer` says."""
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    try:
        request = recovery_request(event, datetime.now(UTC))
    except BadRequestError as error:
        logger.warning("refused a request", reason=str(error))
        return {"refused": str(error)}
    answer = _recoverer(deadline).answer(request, deadline)
    report_call(answer, _environment.stack, run=str(request.terms.run), dry_run=request.terms.dry_run)
    return answer


def _recoverer(deadline: float) -> Recoverer:
    """Wire one, with the deadline of an invocation."""
    until = deadline - RESERVE_SECONDS
    table = DynamoCoverageTable(_dynamodb, _environment.progress_table, until, batch_days=_processing.batch_days)
    recovery = Recovery(table, lambda over: _processing.processor(deadline, over), _note, time.time)
    failures = S3FailureStore(_s3, _environment.failure_bucket, until)
    source = KinesisSource(_clients.kinesis, _environment.stream, until)
    restoration = Restoration(table, _processing.store(deadline), parse)
    return Recoverer(_environment.stream, failures, source, recovery, restoration, time.time)


def _note(batch: CommittedBatch) -> None:
    """Write into the table of batches what was committed; nothing rests on it."""
    until = time.time() + _NOTE_SECONDS
    try:
        DynamoBatchTable(_clients.tables, _environment.batch_table, _environment.batch_days, until).put(batch)
    except Unavailable as error:
        logger.warning("could not write a batch into the table of batches", reason=str(error))
