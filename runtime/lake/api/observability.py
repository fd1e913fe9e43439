"""What the API reports about itself: one logger, one tracer, and one line of metrics for each request (EMF).

Neither ids nor what records hold is reported, and no path as it was sent: the gateway's access log has those.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from baler.emf import Metric, publish
from baler.lake import metric_names

if TYPE_CHECKING:
    from baler.store_errors import Unavailable

# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()
tracer = Tracer()


def report_request(operation: str, status: int, milliseconds: float, stack: str) -> None:
    """Count a request and how long it took; the trace can be found by operation and status."""
    tracer.put_annotation("operation", operation)
    tracer.put_annotation("status", str(status))
    publish(
        metric_names.NAMESPACE,
        [
            Metric(metric_names.API_LATENCY, MetricUnit.Milliseconds, [round(milliseconds, 3)]),
            Metric(metric_names.API_ERRORS, MetricUnit.Count, [int(status >= HTTPStatus.INTERNAL_SERVER_ERROR)]),
            Metric(metric_names.REQUESTS, MetricUnit.Count, [1]),
        ],
        {metric_names.STACK: stack},
    )


def report_unavailable(error: Unavailable) -> None:
    """Log that a store did not answer; its words are ours and AWS's codes."""
    logger.error("a store did not answer", reason=str(error))


def report_crash(error: Exception) -> None:
    """Log an error that nobody foresaw: its kind and its place, without its words, which may quote a record."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    logger.error("a request crashed", error=type(error).__name__, where=where)
