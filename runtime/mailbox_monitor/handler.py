"""The Lambda handler that a schedule invokes every minute: counts what waits in the mailbox and publishes it (EMF).

It publishes zeros of an empty mailbox, so that no data means that it did not run, or that S3 did not answer it. It
keeps no state and changes nothing: a run that is repeated, or that overlaps another, tells what is there once more.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from runtime import metric_names
from runtime.aws.clients import CONFIG
from runtime.emf import Metric, publish
from runtime.mailbox_monitor.census import take_census
from runtime.mailbox_monitor.listing import mailbox_pages

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_stack = os.environ["STACK"]
_bucket = os.environ["DISTRIBUTION_BUCKET"]
_s3 = boto3.client("s3", config=CONFIG)
# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()


@logger.inject_lambda_context
def handle(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish what waits in the mailbox, and return the same to whoever invokes it by hand."""
    census = take_census(
        mailbox_pages(_s3, _bucket), time.time(), lambda: context.get_remaining_time_in_millis() / 1000
    )
    publish(
        [
            Metric(metric_names.MAILBOX_OBJECTS, MetricUnit.Count, [census.objects]),
            Metric(metric_names.MAILBOX_BYTES, MetricUnit.Bytes, [census.size]),
            Metric(metric_names.MAILBOX_OLDEST_AGE, MetricUnit.Seconds, [round(census.oldest_age, 3)]),
        ],
        {metric_names.STACK: _stack},
    )
    if not census.complete:
        logger.warning("counted a part of the mailbox only; there is more", objects=census.objects)
    if census.foreign:
        logger.warning("objects that are no bundles are in the mailbox; nobody collects them", objects=census.foreign)
    return asdict(census)
