"""The Lambda handler that a schedule invokes every minute: inspects the path of files, and counts the mailbox (EMF).

It publishes zeros where all is well, so that no data means that it did not run, or that AWS did not answer it. It keeps
no state and changes nothing: a run that is repeated, or that overlaps another, publishes what is there once more.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from baler.aws.session import CONFIG
from baler.emf import Metric, publish
from baler.files import metric_names
from baler.files.bundle.ids import PREFIX, QUARANTINE_PREFIX, quarantined_bundle_id
from runtime.files.aws import path_inspection
from runtime.files.aws.path_inspection import Inspector
from runtime.files.mailbox_monitor.listing import mailbox_pages
from runtime.files.mailbox_monitor.mailbox_stats import count_mailbox
from runtime.files.mailbox_monitor.observability import publish_inspection
from runtime.files.mailbox_monitor.path import IngestPath, read_lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

_stack = os.environ["STACK"]
_bucket = os.environ["DISTRIBUTION_BUCKET"]
# A consumer that pulls keeps what it refuses itself: nobody sets bundles aside in the mailbox.
_pushed = os.environ["DELIVERY"] != "pull"
_s3 = boto3.client("s3", config=CONFIG)
_inspector = Inspector(
    IngestPath(
        bucket=os.environ["LANDING_BUCKET"],
        lanes=read_lanes(os.environ["INGEST_LANES"]),
        alias_arn=os.environ["AGGREGATOR_ALIAS_ARN"],
    ),
    boto3.client("s3", config=path_inspection.CONFIG),
    boto3.client("sqs", config=path_inspection.CONFIG),
    boto3.client("lambda", config=path_inspection.CONFIG),
)
# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
def handle(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish what is wrong with the path and what waits in the mailbox, and return both to a person who invokes it.

    The path comes first: it takes seconds, and a mailbox that cannot be counted ends the run with an error. What was
    set aside comes last: it waits for somebody, and a minute more or less does not matter.
    """

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    found = _inspector.inspect()
    publish_inspection(found, _stack)
    if found.faults:
        logger.error("files do not get through", faults=found.faults)
    stats = count_mailbox(mailbox_pages(_s3, _bucket, PREFIX), time.time(), seconds_left)
    publish(
        metric_names.NAMESPACE,
        [
            Metric(metric_names.MAILBOX_OBJECTS, MetricUnit.Count, [stats.objects]),
            Metric(metric_names.MAILBOX_BYTES, MetricUnit.Bytes, [stats.size]),
            Metric(metric_names.MAILBOX_OLDEST_AGE, MetricUnit.Seconds, [round(stats.oldest_age, 3)]),
        ],
        {metric_names.STACK: _stack},
    )
    if not stats.complete:
        logger.warning("counted a part of the mailbox only; there is more", objects=stats.objects)
    if stats.foreign:
        logger.warning("objects that are no bundles are in the mailbox; nobody collects them", objects=stats.foreign)
    answer = {**asdict(stats), **asdict(found)}
    return {**answer, "quarantined": _count_quarantined(seconds_left)} if _pushed else answer


def _count_quarantined(seconds_left: Callable[[], float]) -> int:
    """Publish how many bundles were set aside, and return it; a lower bound where there are very many."""
    pages = mailbox_pages(_s3, _bucket, QUARANTINE_PREFIX)
    found = count_mailbox(pages, time.time(), seconds_left, quarantined_bundle_id)
    publish(
        metric_names.NAMESPACE,
        [Metric(metric_names.QUARANTINED, MetricUnit.Count, [found.objects])],
        {metric_names.STACK: _stack},
    )
    return found.objects
