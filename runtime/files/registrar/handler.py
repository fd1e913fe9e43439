"""The Lambda handler that a schedule invokes every quarter of an hour: registers what was archived.

What a schedule sends says nothing. Who invokes it by hand may send `{"from": "2026-11-20"}` to have all days from that
one on looked through, as after the archive was restored or a page was lost.
"""

from __future__ import annotations

import os
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from baler.aws.attempts import unavailable
from baler.aws.session import CONFIG
from baler.emf import Metric, publish
from baler.files import metric_names
from baler.files.aws.archive_objects import S3ArchiveObjects
from baler.files.register.registrar import Registrar

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from baler.files.register.registrar import RegistrarReport

_stack = os.environ["STACK"]
_store = S3ArchiveObjects(boto3.client("s3", config=CONFIG), os.environ["ARCHIVE_BUCKET"], unavailable)
# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Register what is missing, publish how far the register is, and return the same to who invokes it by hand."""
    start = event.get("from")
    report = Registrar(_store, time.time).run(
        lambda: context.get_remaining_time_in_millis() / 1000,
        None if start is None else date.fromisoformat(start),
    )
    age = None if report.open_since is None else max(0.0, time.time() - report.open_since)
    _publish(report, age)
    return {
        "pages": report.pages,
        "bundles": report.bundles,
        "files": report.files,
        "complete": not report.stopped,
        "stopped": report.stopped,
        "register_age_seconds": age,
    }


def _publish(report: RegistrarReport, age: float | None) -> None:
    publish(
        metric_names.NAMESPACE,
        [
            # Not known is no value: silence is an alarm of its own.
            Metric(metric_names.REGISTER_AGE, MetricUnit.Seconds, [] if age is None else [age]),
        ],
        {metric_names.STACK: _stack},
    )
    if report.stopped:
        logger.warning("registered a part of the archive only", stopped=report.stopped, pages=report.pages)
    elif report.pages:
        logger.info("registered what was archived", pages=report.pages, bundles=report.bundles, files=report.files)
