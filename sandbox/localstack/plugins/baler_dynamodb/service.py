"""DynamoDB from moto, which LocalStack brings: its own provider downloads DynamoDB Local and Java.

Conditional puts, transactions (`one_step`), TTL settings and point-in-time recovery work; items whose TTL has passed
stay or go as the profile of the wire says (`expiry`), and of PartiQL INSERT alone is DynamoDB's (`inserts`). What AWS
refuses is refused before moto is asked (`requests`); a transaction has one effect by its token (`done`), and fails
where a test wants it (`faults`).
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from localstack.aws.api import CommonServiceException
from localstack.aws.api.dynamodb import (
    DynamodbApi,
    IdempotentParameterMismatchException,
    TransactionCanceledException,
)
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider

from baler_dynamodb.done import DoneTransactions, OtherContentError
from baler_dynamodb.faults import Faults, cancellation_reasons
from baler_dynamodb.queries import check_boundaries
from baler_dynamodb.requests import check_distinct, check_request, refusals_in_transaction
from baler_dynamodb.schemas import schemas_of
from baler_dynamodb.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.aws.api import RequestContext

    Handler = Callable[[RequestContext, Any], Any]

FAULTS = Faults()
"""What tests ask for (`hook`)."""

_one_at_a_time = threading.Lock()
"""From the look for a token to its note; moto's transactions are one step anyway."""
_done = DoneTransactions(time.monotonic)


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """Return the service: no operation is implemented here, so that every one falls to moto behind the checks."""
    return Service.for_provider(DynamodbApi(), dispatch_table_factory=_dispatch)


def _dispatch(provider: object) -> dict[str, Handler]:
    handlers = {name: _checked(name, handler) for name, handler in MotoFallbackDispatcher(provider).items()}
    handlers["TransactWriteItems"] = _checked("TransactWriteItems", _transaction(handlers["TransactWriteItems"]))
    handlers["BatchGetItem"] = _repeating_options(handlers["BatchGetItem"])
    return handlers


def _checked(operation: str, handler: Handler) -> Handler:
    def checked(context: RequestContext, request: Any) -> Any:
        schemas = schemas_of(context.account_id, context.region)
        try:
            check_request(operation, request, schemas)
            if operation == "Query":
                check_boundaries(request, schemas)
        except RefusedError as error:
            raise CommonServiceException("ValidationException", str(error), 400, sender_fault=True) from error
        return handler(context, request)

    return checked


def _transaction(handler: Handler) -> Handler:
    def transaction(context: RequestContext, request: Any) -> Any:
        token = request.get("ClientRequestToken") and (
            context.account_id,
            context.region,
            request["ClientRequestToken"],
        )
        fault = FAULTS.take(_tables(request))
        if fault:
            _cancel(cancellation_reasons(fault.reasons, len(request["TransactItems"])))
        with _one_at_a_time:
            return _once(handler, context, request, token)

    return transaction


def _once(handler: Handler, context: RequestContext, request: Any, token: tuple[str, ...] | None) -> Any:
    try:
        answer = _done.answer(token, request) if token else None
    except OtherContentError:
        text = "The request uses the same client token as a previous, but non-identical request."
        raise IdempotentParameterMismatchException(text) from None
    if answer is None:
        answer = _committed(handler, context, request)
        if token:
            _done.add(token, request, answer)
    return answer


def _committed(handler: Handler, context: RequestContext, request: Any) -> Any:
    schemas = schemas_of(context.account_id, context.region)
    try:
        check_distinct(request, schemas)
    except RefusedError as error:
        raise CommonServiceException("ValidationException", str(error), 400, sender_fault=True) from error
    refusals = refusals_in_transaction(request, schemas)
    if any(refusals):
        _cancel([{"Code": "ValidationError", "Message": text} if text else {"Code": "None"} for text in refusals])
    return handler(context, request)


def _cancel(reasons: list[dict[str, str]]) -> None:
    codes = ", ".join(reason["Code"] for reason in reasons)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    raise TransactionCanceledException(text, CancellationReasons=reasons)


def _tables(request: Any) -> set[str]:
    return {action["TableName"] for item in request["TransactItems"] for action in item.values() if action}


def _repeating_options(handler: Handler) -> Handler:
    """Return BatchGetItem whose unprocessed keys come with what is to be read of them; moto gives the keys alone."""

    def batch(context: RequestContext, request: Any) -> Any:
        answer = handler(context, request)
        for table, left in (answer.get("UnprocessedKeys") or {}).items():
            asked = request["RequestItems"][table]
            left.update({name: value for name, value in asked.items() if name != "Keys" and value is not None})
        return answer

    return batch
