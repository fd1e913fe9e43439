"""The Lambda handler that the HTTP API calls: wires the API to AWS once per execution environment, and delegates.

Every request has an answer of the one shape: where the function would fail, the gateway would make one of its own.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import boto3

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.session import CONFIG, credentials_of
from baler.store_errors import Unavailable
from runtime.lake.api.answer import refusal
from runtime.lake.api.api import OTHER, Answered, Api
from runtime.lake.api.environment import Environment
from runtime.lake.api.observability import logger, report_crash, report_request, report_unavailable, tracer
from runtime.lake.api.ports import Stores
from runtime.lake.api.problems import ApiError, Problem
from runtime.lake.api.request import Request
from runtime.lake.aws.counter_reads import DynamoCounters
from runtime.lake.aws.paging_key import DynamoPagingKey
from runtime.lake.aws.record_reads import DynamoRecords

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Of what is left of the invocation, for the answer that says so.
_ANSWER_SECONDS: Final = 0.5
_RETRY_SECONDS: Final = 2
# Calls at the same time: what two sources are asked for when everything is counted.
_WORKERS: Final = 8

_environment = Environment.read(os.environ)
_session = boto3.Session()
_dynamodb = HttpDynamoDb(_session.client("dynamodb", config=CONFIG), credentials_of(_session))
_paging_key = DynamoPagingKey(_dynamodb, _environment.sources_table)
_pool = ThreadPoolExecutor(_WORKERS)
_api = Api(_environment.sources, _environment.retention_days)


@logger.inject_lambda_context(log_event=False)  # whatever the environment says
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request.

    Raises:
        KeyError: the event is none of an HTTP API.
    """
    started = time.perf_counter()
    request = Request.of(event)
    now = time.time()
    answered = _answered(request, now, now + context.get_remaining_time_in_millis() / 1000 - _ANSWER_SECONDS)
    milliseconds = (time.perf_counter() - started) * 1000
    report_request(answered.operation, answered.answer.status, milliseconds, _environment.stack)
    return answered.answer.for_gateway()


def _answered(request: Request, now: float, deadline: float) -> Answered:
    stores = Stores(
        records=DynamoRecords(_dynamodb, _environment.records_table, deadline, _pool),
        counters=DynamoCounters(_dynamodb, _environment.counters_table, deadline, _pool),
        paging_key=_paging_key.until(deadline),
    )
    try:
        return _api.answer(request, stores, now)
    except Unavailable as error:
        report_unavailable(error)
        told = ApiError(
            Problem.UNAVAILABLE,
            "a store of ours did not answer in time; ask again in some seconds",
            {"retry-after": str(_RETRY_SECONDS)},
        )
    except Exception as error:  # noqa: BLE001 - the answer is of the one shape, and the log says what it was
        report_crash(error)
        told = ApiError(Problem.INTERNAL, "a fault of ours, which is in the log; asking again may not help")
    return Answered(OTHER, refusal(told).for_method(request.method))
