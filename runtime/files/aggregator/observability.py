"""What the aggregator reports about itself: one logger, one tracer, and the metrics of each batch (EMF).

Keys, counts and reasons are reported, never the content of a file or of a message. Powertools writes JSON, so a control
character in a hostile key cannot forge a line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.files import metric_names
from runtime.files.aggregator.file_outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.files.aggregator.attempt import AttemptResult
    from runtime.files.aggregator.batch import BatchReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()


def report_batch(report: BatchReport, stack: str, now: float) -> None:
    """Log and count what became of a batch of the stack; `now` is in seconds since the epoch."""
    publish(
        metric_names.NAMESPACE,
        [*_of_files(report), *_of_messages(report, now), *_of_bundles(report.results), *_of_latency(report)],
        {metric_names.STACK: stack},
    )
    left = Counter((outcome.kind, outcome.reason) for outcome in report.messages.values() if not outcome.done)
    for (outcome, reason), count in left.items():
        name = metric_names.REJECTED if outcome is Outcome.REJECTED else metric_names.RETRIED
        dimensions = {metric_names.STACK: stack, metric_names.REASON: str(reason)}
        publish(metric_names.NAMESPACE, [Metric(name, MetricUnit.Count, [count])], dimensions)
    _log(report)


def _of_files(report: BatchReport) -> list[Metric]:
    """Published with every batch, so that a quiet metric is 0 while there is any traffic."""
    outcomes = Counter(outcome.kind for outcome in report.files.values())
    return [
        Metric(metric_names.FILES, MetricUnit.Count, [outcomes[Outcome.BUNDLED]]),
        Metric(metric_names.DUPLICATES, MetricUnit.Count, [outcomes[Outcome.DUPLICATE]]),
        Metric(metric_names.TAKEN_OVER, MetricUnit.Count, [sum(result.taken_over for result in report.results)]),
        Metric(metric_names.ROLLED_FORWARD, MetricUnit.Count, [sum(made.rolled_forward for made in report.results)]),
    ]


def _of_messages(report: BatchReport, now: float) -> list[Metric]:
    """Published with every batch: alarms must see a 0 to know that nothing is stuck."""
    rejected = sum(outcome.kind is Outcome.REJECTED for outcome in report.messages.values())
    # SQS's clock may be ahead of ours.
    oldest = max((now - sent_at for sent_at in report.left.values()), default=0.0)
    return [
        Metric(metric_names.REJECTED, MetricUnit.Count, [rejected]),
        Metric(metric_names.OLDEST_LEFT_AGE, MetricUnit.Seconds, [round(max(oldest, 0.0), 3)]),
    ]


def _of_bundles(results: Sequence[AttemptResult]) -> list[Metric]:
    """A value for each bundle."""
    made = [result for result in results if result.bundle_id]
    return [
        Metric(metric_names.BUNDLES, MetricUnit.Count, [1 for _ in made]),
        Metric(metric_names.BYTES_IN, MetricUnit.Bytes, [bundle.bytes_in for bundle in made]),
        Metric(metric_names.BYTES_OUT, MetricUnit.Bytes, [bundle.bytes_out for bundle in made]),
        Metric(
            metric_names.COMPRESSION_RATIO,
            MetricUnit.NoUnit,
            [round(bundle.bytes_in / bundle.bytes_out, 3) for bundle in made],
        ),
    ]


def _of_latency(report: BatchReport) -> list[Metric]:
    """A value for each file."""
    seconds = MetricUnit.Seconds
    return [
        Metric(metric_names.EVENT_DELAY, seconds, [late.event_delay for late in report.latencies]),
        Metric(metric_names.QUEUE_WAIT, seconds, [late.queue_wait for late in report.latencies]),
        Metric(metric_names.PROCESSING, seconds, [late.processing for late in report.latencies]),
        Metric(metric_names.LATENCY, seconds, [late.total for late in report.latencies]),
    ]


def _log(report: BatchReport) -> None:
    for error in report.errors:
        logger.error("an error that nobody expects; the files that it came with stay in the queue", exc_info=error)
    for result in report.results:
        if result.bundle_id:
            logger.info(
                "archived a bundle",
                bundle_id=result.bundle_id,
                files=result.files,
                bytes_in=result.bytes_in,
                bytes_out=result.bytes_out,
                **_timeline(result),
            )
        if result.uncommitted:
            logger.warning("could not note a bundle in the claim table", bundle_id=result.bundle_id)
    for file, outcome in report.files.items():
        if not outcome.done:
            logger.warning(
                "did not bundle a file",
                key=file.key,
                version_id=file.version_id,
                outcome=outcome.kind,
                reason=outcome.reason,
            )


def _timeline(result: AttemptResult) -> dict[str, Any]:
    """Return where the time of the files went, lists in the bundle's order; `loadtest/timeline.py` reads it."""
    if "mailbox" not in result.steps:
        return {}  # it did not come into the mailbox here
    own = result.latencies[-result.files :]
    return {
        "delivered_at": round(max(result.delivered_at.values()), 3),
        "processing": own[0].processing,
        "steps": result.steps,
        "queue_wait": [late.queue_wait for late in own],
        "batch_wait": [late.batch_wait for late in own],
    }
