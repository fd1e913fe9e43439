"""What ingestion reports about itself: one logger, one tracer, and the metrics of each run (EMF).

Names, counts and reasons are reported, never what a source sent. URLs are not either: a key may be in a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.lake import metric_names
from baler.lake.raw_key import RAW_KEY_ANNOTATION
from runtime.lake.ingestion.outcome import RunOutcome

if TYPE_CHECKING:
    from runtime.lake.ingestion.ingestion import RunReport
    from runtime.lake.ingestion.outcome import SourceReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()

_NOT_FETCHED: Final = frozenset({RunOutcome.BUSY, RunOutcome.DONE, RunOutcome.SUPERSEDED})
_FAILED: Final = frozenset({RunOutcome.FAILED, RunOutcome.INCOMPLETE})


def report_run(report: RunReport, stack: str) -> None:
    """Log and count what became of each source."""
    records = sum(found.records for found in report.sources)
    objects = sum(found.objects for found in report.sources)
    publish(
        metric_names.NAMESPACE,
        [
            Metric(metric_names.RECORDS_INGESTED, MetricUnit.Count, [records]),
            Metric(metric_names.RAW_OBJECTS, MetricUnit.Count, [objects]),
            Metric(metric_names.STALE_EVENTS, MetricUnit.Count, [0]),
        ],
        {metric_names.STACK: stack},
    )
    for found in report.sources:
        _report_source(found, stack)
        for key in found.keys:
            _annotate(key)
    for crash in report.crashes:
        # The kind of an unforeseen error and where it came from, without its words: they may quote what a source sent.
        logger.error("a run of a source crashed", source=crash.source, error=type(crash.error).__name__)


def _annotate(key: str) -> None:
    """Leave the key of a raw object in the trace; here, since runs have threads of their own, which X-Ray does not see.

    S3 hands no trace on to a queue: by the key the trace is found in which curation takes the object up.
    """
    provider: Any = tracer.provider
    with provider.in_subsegment("## raw object"):
        tracer.put_annotation(RAW_KEY_ANNOTATION, key)


def report_stale(age_seconds: float, stack: str) -> None:
    """Count an event that was dropped for its age."""
    publish(
        metric_names.NAMESPACE,
        [Metric(metric_names.STALE_EVENTS, MetricUnit.Count, [1])],
        {metric_names.STACK: stack},
    )
    logger.warning("dropped a stale event of the schedule", age_seconds=round(age_seconds))


def _report_source(found: SourceReport, stack: str) -> None:
    failed = found.outcome in _FAILED
    log = logger.warning if failed or found.outcome is RunOutcome.FENCED else logger.info
    log(
        "ran a source",
        source=found.source,
        outcome=found.outcome.value,
        reason=found.reason,
        records=found.records,
        objects=found.objects,
        failures=found.failures,
    )
    if found.outcome in _NOT_FETCHED:
        return
    dimensions = {metric_names.STACK: stack, metric_names.SOURCE: found.source}
    metrics = [
        Metric(metric_names.RECORDS_INGESTED, MetricUnit.Count, [found.records]),
        Metric(metric_names.RAW_OBJECTS, MetricUnit.Count, [found.objects]),
        Metric(metric_names.SOURCE_RUNS, MetricUnit.Count, [1]),
        Metric(metric_names.SOURCE_FAILURES, MetricUnit.Count, [int(failed)]),
    ]
    # A run that could not write its state does not know how many there were before it.
    if not failed or found.failures:
        metrics.append(Metric(metric_names.FAILURES_IN_A_ROW, MetricUnit.Count, [found.failures]))
    publish(metric_names.NAMESPACE, metrics, dimensions)
    if failed:
        publish(
            metric_names.NAMESPACE,
            [Metric(metric_names.SOURCE_FAILURES, MetricUnit.Count, [1])],
            {**dimensions, metric_names.REASON: found.reason},
        )
