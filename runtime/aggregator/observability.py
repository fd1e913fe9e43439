"""What the aggregator tells about itself: one logger, one tracer, one set of metrics (Powertools, EMF).

Keys, counts and reasons are told, never the content of a file or of a message. Powertools writes JSON, so a control
character in a hostile key cannot forge a line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from runtime.aggregator.verdict import Outcome

if TYPE_CHECKING:
    from runtime.aggregator.batch import Report
    from runtime.aggregator.verdict import Verdict

# Service name, namespace and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
metrics = Metrics()
tracer = Tracer()


def tell(report: Report) -> None:
    """Log and count what became of a batch."""
    outcomes = Counter(verdict.outcome for verdict in report.files.values())
    metrics.add_metric(name="Files", unit=MetricUnit.Count, value=outcomes[Outcome.BUNDLED])
    metrics.add_metric(name="Duplicates", unit=MetricUnit.Count, value=outcomes[Outcome.DUPLICATE])
    for result in report.results:
        if result.bundle_id:
            metrics.add_metric(name="Bundles", unit=MetricUnit.Count, value=1)
            metrics.add_metric(name="BytesIn", unit=MetricUnit.Bytes, value=result.bytes_in)
            metrics.add_metric(name="BytesOut", unit=MetricUnit.Bytes, value=result.bytes_out)
            logger.info(
                "archived a bundle",
                bundle_id=result.bundle_id,
                files=result.files,
                bytes_in=result.bytes_in,
                bytes_out=result.bytes_out,
            )
        if result.taken_over:
            metrics.add_metric(name="TakenOver", unit=MetricUnit.Count, value=result.taken_over)
        if result.rolled_forward:
            metrics.add_metric(name="RolledForward", unit=MetricUnit.Count, value=result.rolled_forward)
        if result.uncommitted:
            logger.warning("could not note a bundle in the claim table", bundle_id=result.bundle_id)
    for file, verdict in report.files.items():
        if not verdict.done:
            logger.warning(
                "left a file in the queue",
                key=file.key,
                version_id=file.version_id,
                outcome=verdict.outcome,
                reason=verdict.reason,
            )
    for verdict, count in Counter(report.messages.values()).items():
        if not verdict.done:
            _count_by_reason(verdict, count)


def _count_by_reason(verdict: Verdict, count: int) -> None:
    """Count messages that stay in the queue; the reason is a dimension, so each has a metric of its own."""
    name = "Rejected" if verdict.outcome is Outcome.REJECTED else "Retried"
    dimensions = dict(metrics.default_dimensions)
    with single_metric(name=name, unit=MetricUnit.Count, value=count, default_dimensions=dimensions) as metric:
        metric.add_dimension(name="reason", value=str(verdict.reason))
