"""What DynamoDB measures of requests that it throttles (DynamoDB developer guide, "DynamoDB metrics and dimensions").

They are told by their answers, wherever in the gateway those come from.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from baler_dynamodb.inserts import insert_of

from baler_cloudwatch.samples import measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localstack.aws.api import RequestContext
    from localstack.aws.chain import HandlerChain
    from localstack.http import Response

_THROTTLES = ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")
_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
_BAD_REQUEST = 400


def measure_throttles(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """Look at an answer on its way to the client."""
    operation = context.service_operation
    if operation is None or operation.service != "dynamodb" or response.status_code != _BAD_REQUEST:
        return
    if _code(response.data) not in _THROTTLES:
        return
    kind = "Read" if operation.operation in _READS else "Write"
    for table in tables_of(context.service_request or {}):
        about = {"TableName": table}
        measured(context.account_id, context.region, "AWS/DynamoDB", about, {f"{kind}ThrottleEvents": 1})


def tables_of(request: Mapping[str, Any]) -> set[str]:
    """Return the tables of a request, by their names."""
    named = {str(request["TableName"])} if request.get("TableName") else set()
    named |= set(request.get("RequestItems") or ())
    for item in request.get("TransactItems") or ():
        named |= {part["TableName"] for part in item.values() if isinstance(part, dict)}
    inserts = (insert_of(statement) for statement in request.get("Statements") or ())
    named |= {insert[0] for insert in inserts if insert is not None}
    return {name.rpartition("/")[2] for name in named}


def _code(body: bytes) -> str:
    try:
        return str(json.loads(body).get("__type", "")).rpartition("#")[2]
    except (ValueError, AttributeError):
        return ""
