"""The Lambda handler that the clock invokes each hour, and people for an hour of their choice, or without removing."""

from __future__ import annotations

import math
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import boto3

from baler.aws.session import CONFIG
from baler.store_errors import Unavailable
from runtime.events.aws.raw_versions import S3ProcessedNames, S3RawVersions
from runtime.events.aws.sweep_table import DynamoSweepTable
from runtime.events.sweeper.environment import Environment
from runtime.events.sweeper.observability import logger, report_folder, tracer
from runtime.events.sweeper.raw_lines import sequence_numbers
from runtime.events.sweeper.sweeper import Sweeper
from runtime.events.sweeper.swept_hours import BadSweepError, folders_of, swept_hours

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from runtime.events.sweeper.sweeper import SweepReport

_DAY_SECONDS: Final = 86_400
# Left for the object that is under way, and for the answer.
_RESERVE_SECONDS: Final = 30.0

_environment = Environment.read(os.environ)
_s3 = boto3.client("s3", config=CONFIG)
_dynamodb = boto3.client("dynamodb", config=CONFIG)


class SweepFoundError(Exception):
    """Objects were found that are no orphans, and that no batch lists: somebody is to look. The log names them."""


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sweep the folders that are due, or those of `hour`; with `dry_run` nothing is removed.

    Where a store does not answer, or time runs out, the rest is left to the second sweep of the hour, a week later.

    Raises:
        UntrustedTableError: the protocol's table has lost a batch.
        SweepFoundError: the run is done, and found what no batch covers.
    """
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    dry_run = event.get("dry_run") is True
    try:
        hours = swept_hours(event, datetime.now(UTC), _environment.patience_seconds)
    except BadSweepError as error:
        logger.warning("refused a request", reason=str(error))
        return {"refused": str(error)}
    sweeper = _sweeper(deadline, dry_run=dry_run)
    reports: list[SweepReport] = []
    failure = ""
    try:
        for folder in [folder for hour in hours for folder in folders_of(hour)]:
            report = sweeper.sweep(folder, time.time, deadline - _RESERVE_SECONDS)
            report_folder(folder, report, _environment.stack, dry_run=dry_run)
            reports.append(report)
    except Unavailable as error:
        failure = str(error)
        logger.warning("a store did not answer; the rest is swept a week later", reason=failure)
    return _answer(reports, failure)


def _answer(reports: list[SweepReport], failure: str) -> dict[str, Any]:
    stay = sum(len(report.uncovered) + len(report.unreadable) for report in reports)
    if stay:
        raise SweepFoundError(f"{stay} objects are in no batch, and not provably orphans")
    return {
        "objects": sum(report.objects for report in reports),
        "removed": sum(report.removed for report in reports),
        "finished": not failure and all(report.is_finished for report in reports),
        "failure": failure,
    }


def _sweeper(deadline: float, *, dry_run: bool) -> Sweeper:
    """What is read of the table is kept for one invocation, so it is made anew for each."""
    until = deadline - _RESERVE_SECONDS / 2
    return Sweeper(
        table=DynamoSweepTable(_dynamodb, _environment.progress_table, until),
        raw=S3RawVersions(_s3, _environment.raw_bucket, until),
        processed=S3ProcessedNames(_s3, _environment.processed_bucket, until),
        stream=_environment.stream,
        sequence_numbers=sequence_numbers,
        patience_seconds=_environment.patience_seconds,
        lifetime_seconds=_environment.raw_days * _DAY_SECONDS or math.inf,
        dry_run=dry_run,
    )
