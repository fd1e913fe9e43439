"""Invokes a route's function, as API Gateway: under its name, for one route of one API, with a time limit."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from localstack.aws.connect import connect_to

from baler_http_api.event import payload
from baler_http_api.message import message
from baler_http_api.result import answer_of, unusable
from baler_http_api.routes import DEFAULT

if TYPE_CHECKING:
    from baler_http_api.event import Accepted
    from baler_http_api.message import Answer

_INVOKE = re.compile(r"^arn:aws:apigateway:[^:]*:lambda:path/[^/]+/functions/(?P<function>.+)/invocations$")
_LONGEST_MILLISECONDS = 30_000


def function_of(uri: str) -> str:
    """Return the ARN of a function, alias or version, which an integration may name in either of two ways."""
    found = _INVOKE.match(uri)
    return found["function"] if found else uri


def invoke(accepted: Accepted, uri: str, milliseconds: int | None) -> Answer:
    """Return the function's answer, or the gateway's in its place.

    Args:
        accepted: the request.
        uri: of the integration.
        milliseconds: how long the function may take, AWS's 30 s where the integration does not say.
    """
    client = _client(accepted.account, accepted.region, min(milliseconds or _LONGEST_MILLISECONDS, 30_000) / 1000)
    as_gateway = client.request_metadata(service_principal="apigateway", source_arn=_source(accepted))
    try:
        result = as_gateway.invoke(FunctionName=function_of(uri), Payload=json.dumps(payload(accepted)))
        content = result["Payload"].read()
    except ReadTimeoutError:
        # What HTTP APIs say of a function that takes too long; REST APIs say 504.
        return message(503, "Service Unavailable", "The function did not answer in time")
    except ClientError as error:
        return unusable(f"The function could not be invoked: {error.response['Error']['Code']}")
    if result.get("FunctionError"):
        return unusable(f"The function returned an error: {_error_type(content)}")
    return answer_of(content)


def _source(accepted: Accepted) -> str:
    """Return the ARN that the function's permission must let pass."""
    path = accepted.route_key.partition(" ")[2]
    route = DEFAULT if accepted.route_key == DEFAULT else f"{accepted.request.method}{path}"
    return f"arn:aws:execute-api:{accepted.region}:{accepted.account}:{accepted.api}/{accepted.stage}/{route}"


@lru_cache(maxsize=64)
def _client(account: str, region: str, seconds: float) -> Any:
    config = Config(read_timeout=seconds, retries={"total_max_attempts": 1}, max_pool_connections=100)
    return connect_to(aws_access_key_id=account, region_name=region, config=config).lambda_


def _error_type(content: bytes) -> str:
    """Return the kind of an error; its text may be a file's or a record's content."""
    try:
        return str(json.loads(content).get("errorType", "unknown"))
    except (ValueError, AttributeError):
        return "unknown"
