"""What the sweeper reports about itself: one logger, one tracer, and the metrics of each run (EMF)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.events import metric_names
from runtime.events.sweeper.sweeper import Fate

if TYPE_CHECKING:
    from runtime.events.sweeper.sweeper import SweepReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()

_NAMED_AT_MOST = 20


def report_folder(folder: str, report: SweepReport, stack: str, *, dry_run: bool) -> None:
    """Log what became of a folder, and count it unless it is a dry run. Keys name no content of events."""
    for fate, keys in ((Fate.UNCOVERED, report.uncovered), (Fate.UNREADABLE, report.unreadable)):
        if keys:
            named = keys[:_NAMED_AT_MOST]
            logger.error("objects that no batch lists stay", fate=fate, folder=folder, count=len(keys), keys=named)
    if not report.is_finished:
        logger.warning("a folder could not be swept to its end in time", folder=folder, objects=report.objects)
    if dry_run or report.removed:
        logger.info(
            "would remove orphans" if dry_run else "removed orphans",
            folder=folder,
            objects=report.objects,
            removed=report.removed,
        )
    if not dry_run and report.removed:
        swept = Metric(metric_names.SWEPT, MetricUnit.Count, [report.removed])
        publish(metric_names.NAMESPACE, [swept], {metric_names.STACK: stack})
