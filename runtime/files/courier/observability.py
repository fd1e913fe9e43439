"""What the courier reports about itself: one logger, one tracer, and the metrics of each run (EMF).

Bundle ids, counts and reasons are reported, never the content of a bundle, of a secret, or what a receiver wrote.
"""

from __future__ import annotations

import traceback
from collections import Counter
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.files import metric_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.files.courier.breaker import Breaker
    from runtime.files.courier.run_report import Miss, RunReport

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()


def report_run(report: RunReport, stack: str, now: float, credentials_age_seconds: float | None) -> None:
    """Log and count what became of a run of the stack, or of the part of it that has not been reported yet.

    Args:
        report: the run's.
        stack: a dimension of every metric.
        now: seconds since the epoch.
        credentials_age_seconds: None where this environment has not read them yet.
    """
    age = credentials_age_seconds
    publish(
        metric_names.NAMESPACE,
        [
            # Published by every run: alarms must see a 0 to know that nothing is wrong.
            Metric(metric_names.DELIVERED, MetricUnit.Count, [len(report.delivered)]),
            Metric(metric_names.REFUSED_BUNDLES, MetricUnit.Count, [len(report.refused)]),
            Metric(metric_names.SEND_FAILED, MetricUnit.Count, [len(report.failed)]),
            *_of_breaker(report.breaker, now),
            Metric(
                metric_names.DELIVERY_LATENCY,
                MetricUnit.Seconds,
                [done.latency_seconds for done in report.delivered if done.latency_seconds is not None],
            ),
            Metric(metric_names.CREDENTIALS_AGE, MetricUnit.Seconds, [] if age is None else [round(age)]),
        ],
        {metric_names.STACK: stack},
    )
    _publish_reasons(metric_names.REFUSED_BUNDLES, report.refused, stack)
    _publish_reasons(metric_names.SEND_FAILED, report.failed, stack)
    if report.breaker is not None and report.breaker.cause is not None:
        publish(
            metric_names.NAMESPACE,
            [
                Metric(
                    metric_names.BREAKER_OPEN_SECONDS, MetricUnit.Seconds, [round(report.breaker.open_seconds(now), 3)]
                )
            ],
            {metric_names.STACK: stack, metric_names.REASON: str(report.breaker.cause)},
        )
    _log(report)


def _of_breaker(breaker: Breaker | None, now: float) -> list[Metric]:
    """Nothing where it is not known: the table's failure is an error of the function."""
    if breaker is None:
        return []
    return [
        Metric(metric_names.BREAKER_OPEN, MetricUnit.Count, [int(not breaker.closed)]),
        Metric(metric_names.BREAKER_OPEN_SECONDS, MetricUnit.Seconds, [round(breaker.open_seconds(now), 3)]),
    ]


def _publish_reasons(name: str, misses: Iterable[Miss], stack: str) -> None:
    for reason, count in sorted(Counter(miss.reason for miss in misses).items()):
        publish(
            metric_names.NAMESPACE,
            [Metric(name, MetricUnit.Count, [count])],
            {metric_names.STACK: stack, metric_names.REASON: reason},
        )


def _log(report: RunReport) -> None:
    for error in report.errors:
        # Its type and where it was, not its message, which might quote what a receiver wrote.
        logger.error(
            "an error that nobody expects ended a delivery",
            error=type(error).__name__,
            frames=traceback.format_tb(error.__traceback__),
        )
    for done in report.delivered:
        logger.info(
            "delivered a bundle",
            bundle_id=done.delivery.bundle_id,
            replay_id=done.delivery.replay_id,
            files=done.file_count,
            bytes=done.size,
            attempts=done.attempts,
            status=done.status,
            latency_seconds=done.latency_seconds,
        )
    for bundle_id in report.removed:
        logger.info("removed a bundle that was delivered before", bundle_id=bundle_id)
    _log_misses("the receiver refused a bundle", report.refused)
    _log_misses("could not send a bundle", report.failed)
    _log_misses("set a bundle aside", report.quarantined)
    _log_misses("could not get a bundle out of the mailbox", report.unreadable)
    for change in report.changes:
        logger.warning(
            "the breaker is closed" if change.after.closed else "the breaker is open",
            cause=change.after.cause or change.before.cause,
            reason=change.after.reason or change.before.reason,
            open_seconds=round(change.before.open_seconds(change.at), 3),
        )
    if report.fenced:
        logger.warning("another courier has taken the lease over")


def _log_misses(message: str, misses: Iterable[Miss]) -> None:
    for miss in misses:
        logger.warning(message, bundle_id=miss.bundle_id, reason=miss.reason)
