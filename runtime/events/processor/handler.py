"""The Lambda handler: wires the processor to AWS once per execution environment, and delegates.

The event source mapping asks for partial batch responses (ReportBatchItemFailures): what lies before the sequence
number in the answer is done, the rest of the batch comes again. An exception halves the batch
(BisectBatchOnFunctionError), so whatever may pass is an answer.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

from baler.events.lambda_event import stream_records
from baler.events.stream.shard_key import ShardKey
from baler.store_errors import Unavailable
from runtime.events.aws.batch_table import DynamoBatchTable
from runtime.events.aws.clients import ProcessorClients
from runtime.events.aws.processing import ANSWER_SECONDS, RESERVE_SECONDS, Processing
from runtime.events.aws.stream_life import StreamLife
from runtime.events.processor.environment import Environment
from runtime.events.processor.observability import logger, report_batch, tracer
from runtime.events.processor.processor import BatchReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from baler.events.stream_record import StreamRecord

# A report that hangs must not hold the shard up.
_NOTE_SECONDS: Final = 3.0

_environment = Environment.read(os.environ)
_clients = ProcessorClients.connect(_environment.raw_bucket)
_life = StreamLife(_clients.kinesis, _environment.stream)
_processing = Processing(
    _clients,
    raw_bucket=_environment.raw_bucket,
    progress_table=_environment.progress_table,
    raw_days=_environment.raw_days,
)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Process a batch of one shard, and name the record from which on it comes again.

    Raises:
        ForeignEventError: the mapping is not the stack's.
    """
    began_at = time.time()
    deadline = began_at + context.get_remaining_time_in_millis() / 1000
    records = stream_records(event, _environment.stream)
    report, missing = _process(records, deadline)
    report_batch(records, report, _environment.stack, began_at=began_at, ended_at=time.time(), missing=missing)
    failures = [] if report.lowest_failure is None else [{"itemIdentifier": report.lowest_failure}]
    return {"batchItemFailures": failures}


def _process(records: Sequence[StreamRecord], deadline: float) -> tuple[BatchReport, str | None]:
    """Return what became of a batch, and why it is missing in the table of batches if it is."""
    try:
        created_at = _life.created_at(deadline - RESERVE_SECONDS)
    except Unavailable as error:
        return BatchReport(records[0].sequence_number, failure=error), None
    shard = ShardKey(_environment.stream, created_at, records[0].shard_id)
    report = _processing.processor(deadline).handle(shard, records, deadline)
    return report, _note(shard, records, report, deadline)


def _note(shard: ShardKey, records: Sequence[StreamRecord], report: BatchReport, deadline: float) -> str | None:
    """Write into the table of batches what was committed: here, or by an attempt that may have died before it did so.

    That one is the batch that ends with the last record that was dropped, if one does. Return why it failed.
    """
    until = min(deadline - ANSWER_SECONDS, time.time() + _NOTE_SECONDS)
    batches = DynamoBatchTable(_clients.tables, _environment.batch_table, _environment.batch_days, until)
    try:
        if report.dropped:
            earlier = _processing.table(until).batch(shard, records[report.dropped - 1].sequence_number)
            if earlier is not None:
                batches.put(earlier)
        if report.committed is not None:
            batches.put(report.committed)
    except Unavailable as error:
        return str(error)
    return None
