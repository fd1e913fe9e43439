"""What the processor reports about itself: one logger, one tracer, and the metrics of each batch (EMF).

Shards, numbers, counts and reasons are reported, never the content of a record or its partition key.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.events import metric_names
from baler.events.rejection_reason import RejectionReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.stream_record import StreamRecord
    from runtime.events.processor.processor import BatchReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()


def report_batch(  # noqa: PLR0913 - of one attempt
    records: Sequence[StreamRecord],
    report: BatchReport,
    stack: str,
    *,
    began_at: float,
    ended_at: float,
    missing: str | None,
) -> None:
    """Log and count what became of a batch.

    Args:
        records: of the batch, at least one.
        report: what became of it.
        stack: a dimension of every metric.
        began_at: when the attempt began, seconds since the epoch.
        ended_at: when it ended, the same.
        missing: why a committed batch is not in the table of batches; None where it is.
    """
    # Published by every attempt: alarms must see a 0 to know that nothing is wrong.
    publish(
        metric_names.NAMESPACE,
        [
            *_of_records(records, report),
            *_of_commit(report),
            *_of_attempt(records, report, began_at),
            Metric(metric_names.UNREPORTED, MetricUnit.Count, [int(missing is not None)]),
        ],
        {metric_names.STACK: stack},
    )
    lag = Metric(metric_names.LAG, MetricUnit.Seconds, [_age(_behind(records, report), ended_at)])
    publish(metric_names.NAMESPACE, [lag], {metric_names.STACK: stack, metric_names.SHARD: records[0].shard_id})
    for reason, count in sorted(Counter(report.reasons).items()):
        publish(
            metric_names.NAMESPACE,
            [Metric(metric_names.REJECTED, MetricUnit.Count, [count])],
            {metric_names.STACK: stack, metric_names.REASON: reason.value},
        )
    if missing is not None:
        logger.warning("could not write a batch into the table of batches", reason=missing)
    _log(records, report)


def _of_records(records: Sequence[StreamRecord], report: BatchReport) -> list[Metric]:
    return [
        Metric(metric_names.RECORDS, MetricUnit.Count, [len(records)]),
        Metric(metric_names.BYTES, MetricUnit.Bytes, [sum(len(record.data) for record in records)]),
        Metric(metric_names.DROPPED, MetricUnit.Count, [report.dropped]),
    ]


def _of_commit(report: BatchReport) -> list[Metric]:
    done = report.committed
    return [
        Metric(metric_names.EVENTS, MetricUnit.Count, [done.events if done else 0]),
        Metric(metric_names.OBJECTS, MetricUnit.Count, [len(done.objects) if done else 0]),
        Metric(metric_names.REJECTED, MetricUnit.Count, [done.rejections if done else 0]),
        Metric(metric_names.SET_ASIDE, MetricUnit.Count, [report.reasons.count(RejectionReason.KILLS)]),
    ]


def _of_attempt(records: Sequence[StreamRecord], report: BatchReport, began_at: float) -> list[Metric]:
    return [
        Metric(metric_names.BATCH_AGE, MetricUnit.Seconds, [_age(records[0], began_at)]),
        Metric(metric_names.UNCOMMITTED, MetricUnit.Count, [int(report.lowest_failure is not None)]),
        Metric(metric_names.UNAVAILABLE, MetricUnit.Count, [int(report.failure is not None)]),
    ]


def _behind(records: Sequence[StreamRecord], report: BatchReport) -> StreamRecord:
    """Return the first record that is to come again, or the last one where none is."""
    left = report.lowest_failure
    return records[-1] if left is None else next(each for each in records if each.sequence_number >= left)


def _age(record: StreamRecord, now: float) -> float:
    """Return an age in seconds; the stream's clock may be ahead of ours."""
    return round(max(now - record.arrived_at, 0.0), 3)


def _log(records: Sequence[StreamRecord], report: BatchReport) -> None:
    span: dict[str, Any] = {
        "shard_id": records[0].shard_id,
        "first": records[0].sequence_number,
        "last": records[-1].sequence_number,
    }
    if report.failure is not None:
        logger.warning("a store did not answer; the batch comes again", reason=str(report.failure), **span)
    elif report.committed is None and report.lowest_failure is not None:
        logger.warning("another attempt moved the frontier, or nothing can be read yet; the batch comes again", **span)
    for reason, count in sorted(Counter(report.reasons).items()):
        logger.warning("rejected records", reason=reason.value, records=count, **span)
    if report.committed is not None:
        logger.info(
            "committed a batch",
            events=report.committed.events,
            rejections=report.committed.rejections,
            objects=len(report.committed.objects),
            dropped=report.dropped,
            deferred=report.lowest_failure,
            **span,
        )
