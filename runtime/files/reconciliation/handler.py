"""The Lambda handler that a schedule invokes every quarter of an hour: carries the daily sweep on.

What a schedule sends says nothing. Who invokes it by hand may send `{"begin": true}` for a sweep now, and with it
`"grace_seconds"`, how recently a file may have landed and be judged all the same.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from baler.aws.session import CONFIG
from baler.emf import Metric, publish
from baler.files import metric_names
from baler.files.aws.claim_reader import DynamoClaimReader
from baler.files.aws.ingest_queue import SqsIngestQueue
from baler.files.aws.landed_versions import S3LandedVersions
from runtime.files.aws.reconciliation_progress import DynamoProgressStore
from runtime.files.reconciliation.reconciler import Reconciler, RunLimits

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from baler.files.landed_file import LandedFile
    from baler.files.reconciliation.judgement import Judgement
    from runtime.files.reconciliation.reconciler import ReconciliationReport

# Lines of one run that name a file; the others are counted only.
_NAMED_MAX: Final = 1_000

_stack = os.environ["STACK"]
_bucket = os.environ["LANDING_BUCKET"]
_table = os.environ["CLAIM_TABLE"]
_queue_urls = os.environ["INGEST_QUEUE_URLS"]
_grace_seconds = float(os.environ["GRACE_SECONDS"])
_limits = RunLimits(
    claim_lifetime_seconds=int(os.environ["CLAIM_LIFETIME_SECONDS"]), queue_max=int(os.environ["QUEUE_MAX"])
)
_s3 = boto3.client("s3", config=CONFIG)
_dynamodb = boto3.client("dynamodb", config=CONFIG)
_sqs = boto3.client("sqs", config=CONFIG)
# Service name and level come from the POWERTOOLS_* variables that the program sets.
logger = Logger()


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Carry the sweep on, publish how far it is, and return the same to whoever invokes it by hand."""
    named = 0

    def name(file: LandedFile, judgement: Judgement) -> None:
        nonlocal named
        named += 1
        if named <= _NAMED_MAX:
            logger.warning("announces a file again", key=file.key, version_id=file.version_id, reason=judgement)

    reconciler = Reconciler(
        S3LandedVersions(_s3, _bucket),
        DynamoClaimReader(_dynamodb, _table),
        SqsIngestQueue(_sqs, _queue_urls),
        DynamoProgressStore(_dynamodb, _table),
        _limits,
        time.time,
        name,
    )
    report = reconciler.run(
        float(event.get("grace_seconds", _grace_seconds)),
        lambda: context.get_remaining_time_in_millis() / 1000,
        begin=event.get("begin") is True,
    )
    _publish(report)
    return {
        "judged": {str(judgement): count for judgement, count in sorted(report.judged.items())},
        "announced_again": report.sent,
        "complete": report.complete,
        "stopped": report.stopped,
        "reconciled_age_seconds": report.age_seconds,
    }


def _publish(report: ReconciliationReport) -> None:
    age = report.age_seconds
    publish(
        metric_names.NAMESPACE,
        [
            Metric(metric_names.ANNOUNCED_AGAIN, MetricUnit.Count, [report.sent]),
            # Not known is no value: silence is an alarm of its own.
            Metric(metric_names.RECONCILED_AGE, MetricUnit.Seconds, [] if age is None else [age]),
        ],
        {metric_names.STACK: _stack},
    )
    counts = {str(judgement): count for judgement, count in sorted(report.judged.items())}
    if report.stopped:
        logger.warning("came to a part of the landing bucket only", stopped=report.stopped, judged=counts)
    elif counts:
        logger.info("compared the landing bucket with the claims", judged=counts, announced_again=report.sent)
