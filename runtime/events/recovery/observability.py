"""What recovery reports about itself: one logger, one tracer, and the metrics of each call (EMF)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.events import metric_names

if TYPE_CHECKING:
    from collections.abc import Mapping

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()


def report_call(answer: Mapping[str, Any], stack: str, *, run: str, dry_run: bool) -> None:
    """Log and count what a call did."""
    if "refused" in answer:
        logger.warning("refused a recovery", run=run, reason=answer["refused"])
        return
    if answer["failure"]:
        logger.warning("a store did not answer; the call can be made again", run=run, reason=answer["failure"])
    if answer.get("expired"):
        logger.error("records have expired that nothing had committed", run=run)
    numbers = {name: answer[name] for name in ("records", "recovered", "events", "rejections", "left", "beyond")}
    logger.info("would recover" if dry_run else "recovered", run=run, **numbers)
    if not dry_run:
        recovered = Metric(metric_names.RECOVERED, MetricUnit.Count, [answer["recovered"]])
        publish(metric_names.NAMESPACE, [recovered], {metric_names.STACK: stack})
