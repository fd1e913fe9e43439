"""Refusals as LocalStack itself would give them: in the protocol of the service, and known to whoever counts errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext
    from localstack.aws.chain import HandlerChain
    from localstack.http import Response

    from baler_wire.refusals import Refusal

BEFORE: Final = "baler.wire.before"
AFTER: Final = "baler.wire.after"
"""Keys of a request's environment that hold what it is refused with, without its effect or with it."""


def join_chain() -> None:
    """Come before every other handler of a parsed request, permissions too, and before those that look at answers."""
    handlers.serve_custom_service_request_handlers.handlers.insert(0, _refuse)
    handlers.run_custom_response_handlers.handlers.insert(0, _fail)


def _refuse(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    if refusal := context.request.environ.get(BEFORE):
        raise _exception(refusal)


def _fail(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    refusal = context.request.environ.get(AFTER)
    if refusal is None or context.service_operation is None:
        return
    error: Any = handlers.handle_service_exception.create_exception_response(_exception(refusal), context)
    response.headers.clear()
    response.update_from(error)


def _exception(refusal: Refusal) -> CommonServiceException:
    return CommonServiceException(
        refusal.code, refusal.message, refusal.status, sender_fault=not refusal.is_services_fault
    )
