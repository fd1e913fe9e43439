"""What the compactor reports about itself: one logger, one tracer, and the metrics of each run (EMF).

Keys, counts and reasons are reported, never the content of an event. Powertools writes JSON, so a control character in
a hostile key cannot forge a line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.events import metric_names
from runtime.events.compactor.compactor import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime.events.compactor.compactor import Maintenance
    from runtime.events.compactor.message_batch import ObjectReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()

# Of a hostile key.
_KEY_CHARACTERS: Final = 512


def report_objects(
    objects: Sequence[ObjectReport], stay: Mapping[str, str], stack: str, *, conflicts: int, now: float
) -> None:
    """Log and count what became of the objects that a batch of messages announces.

    Args:
        objects: of the batch.
        stay: why messages stay in the queue, by their ids.
        stack: a dimension of every metric.
        conflicts: how often a commit was made anew.
        now: seconds since the epoch.
    """
    # An object that is announced twice is in the table once.
    committed = {each.key: each.report.rows for each in objects if each.report.rows is not None}
    rows = sum(len(source.rows) for source in committed.values())
    refusals = Counter(each.report.refusal for each in objects if each.report.refusal is not None)
    metrics = [
        Metric(metric_names.COMPACTED, MetricUnit.Count, [rows]),
        Metric(metric_names.COMPACTED_FILES, MetricUnit.Count, [len(committed)]),
        Metric(metric_names.TABLE_CONFLICTS, MetricUnit.Count, [conflicts]),
    ]
    # What comes again was in the table before: its age says nothing of a delay.
    again = {each.key for each in objects if each.report.replaced}
    delays = [
        max(round(now - source.first_arrival.timestamp(), 3), 0.0)
        for key, source in committed.items()
        if key not in again
    ]
    if delays:
        metrics.append(Metric(metric_names.COMPACTION_DELAY, MetricUnit.Seconds, delays))
    publish(metric_names.NAMESPACE, metrics, {metric_names.STACK: stack})
    for each in objects:
        if each.report.outcome is Outcome.REFUSED:
            reason = each.report.refusal.value if each.report.refusal else ""
            logger.error("refused an object", key=each.key[:_KEY_CHARACTERS], reason=reason)
    for reason, count in Counter(stay.values()).items():
        logger.warning("messages stay in the queue", reason=reason, messages=count)
    logger.info(
        "committed to the table",
        objects=len(committed),
        rows=rows,
        conflicts=conflicts,
        refused=refusals.total(),
    )


def report_maintenance(done: Maintenance, stack: str, *, conflicts: int) -> None:
    """Log and count what a run made of the table.

    Args:
        done: what it did.
        stack: a dimension of every metric.
        conflicts: how often a commit was made anew.
    """
    metrics = [
        Metric(metric_names.REWRITTEN, MetricUnit.Count, [done.rewritten_hours]),
        Metric(metric_names.TABLE_CONFLICTS, MetricUnit.Count, [conflicts]),
    ]
    publish(metric_names.NAMESPACE, metrics, {metric_names.STACK: stack})
    logger.info(
        "kept the table", rewritten_hours=done.rewritten_hours, removed_files=done.removed_files, conflicts=conflicts
    )
