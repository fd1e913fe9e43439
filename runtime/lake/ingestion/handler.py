"""The Lambda handler that the schedule invokes: wires ingestion to AWS once per execution environment, and delegates.

The schedule invokes asynchronously: an invocation that fails is tried twice more, with the same event. It fails where a
store of ours did, and not where a source did, which the next event asks again.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3
from baler.lake.order import read_time
from runtime.lake.aws.raw_bucket import S3RawStore
from runtime.lake.aws.source_secrets import SecretsManagerSecrets
from runtime.lake.aws.source_states import DynamoStates
from runtime.lake.ingestion.environment import Environment
from runtime.lake.ingestion.fetch import Fetcher
from runtime.lake.ingestion.ingestion import StaleEventError, check_age, ingest
from runtime.lake.ingestion.observability import logger, report_run, report_stale, tracer
from runtime.lake.ingestion.source_run import RunTimes, SourceRun
from runtime.lake.ingestion.web.client import WebClient

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_CONFIG: Final = Config(connect_timeout=2.0, read_timeout=3.0, retries={"total_max_attempts": 1})
# Of what is left of the invocation: for puts and states after the fetch, and for the report after those.
_STORE_SECONDS: Final = 12.0
_REPORT_SECONDS: Final = 1.0
# The next run begins after Lambda has ended this one, though clocks differ.
_LEASE_MARGIN_SECONDS: Final = 5.0

_environment = Environment.read(os.environ)
_session = boto3.Session()
_credentials = _session.get_credentials()
if _credentials is None:
    raise NoCredentialsError
_s3 = HttpS3(_session.client("s3", config=_CONFIG), _credentials.get_frozen_credentials, _environment.raw_bucket)
_dynamodb = HttpDynamoDb(_session.client("dynamodb", config=_CONFIG), _credentials.get_frozen_credentials)
_secrets = _session.client("secretsmanager", config=_CONFIG)
_web = WebClient(_environment.open_origins)


class StoresUnavailable(Exception):  # noqa: N818 - what ends the invocation
    """A store of ours failed for some source: the event is worth another try."""


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Fetch all sources for an event of the schedule, and return what became of each to a person who invokes it.

    Raises:
        StoresUnavailable: see there.
        ValueError: the event has no time as EventBridge writes it.
    """
    now = time.time()
    deadline = now + context.get_remaining_time_in_millis() / 1000
    captured_at = read_time(event["time"])
    try:
        check_age(captured_at, now, _environment.stale_seconds)
    except StaleEventError as error:
        report_stale(error.age_seconds, _environment.stack)
        return {"sources": [], "stale": True}
    times = RunTimes(fetch_by=deadline - _STORE_SECONDS, lease_until=deadline + _LEASE_MARGIN_SECONDS)
    report = ingest(_environment.sources, captured_at, times, deadline - _REPORT_SECONDS, _run(deadline))
    report_run(report, _environment.stack)
    if report.worth_retry:
        raise StoresUnavailable
    return {"sources": [asdict(found) for found in report.sources], "stale": False}


def _run(deadline: float) -> SourceRun:
    over = deadline - _REPORT_SECONDS
    return SourceRun(
        fetcher=Fetcher(_web),
        secrets=SecretsManagerSecrets(_secrets, _environment.secrets, over),
        raw=S3RawStore(_s3, _environment.raw_bucket, over),
        states=DynamoStates(_dynamodb, _environment.sources_table, over),
    )
