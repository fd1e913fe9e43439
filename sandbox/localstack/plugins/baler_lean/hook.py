"""Puts what is lean where LocalStack has its own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.aws.api import RequestContext
    from localstack.aws.chain import Handler, HandlerChain
    from localstack.http import Response

# Those that answer requests by tables of routes and have none for what is signed for these services, which every other
# request is.
_WITHOUT_ROUTES = ("/s3/aws4_request", "/dynamodb/aws4_request")


@hooks.on_infra_start()
def leave_out_what_nobody_needs() -> None:
    """Spare every request its part."""
    # As late as may be: they load half of the gateway.
    import moto.core.responses  # noqa: PLC0415
    import rolo.gateway.wsgi  # noqa: PLC0415
    from localstack.aws.handlers.internal import LocalstackResourceHandler  # noqa: PLC0415
    from localstack.aws.handlers.legacy import EdgeRouterHandler  # noqa: PLC0415
    from localstack.aws.handlers.logging import ResponseLogger  # noqa: PLC0415

    from baler_lean.headers import KnownHeaders  # noqa: PLC0415

    rolo.gateway.wsgi.Headers = KnownHeaders
    # It inspects a class for each request; classes do not change.
    moto.core.responses.method_names_from_class = cache(moto.core.responses.method_names_from_class)
    # Lines that `LS_LOG` drops, each made with all headers before.
    ResponseLogger.__call__ = _log_nothing
    for routing in (LocalstackResourceHandler, EdgeRouterHandler):
        routing.__call__ = _but_for_services(routing.__call__)


def _log_nothing(*_: Any) -> None:
    """Do nothing."""


def _but_for_services(route: Callable[..., None]) -> Callable[..., None]:
    def routed(handler: Handler, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        signed = context.request.headers.get("Authorization", "")
        if not any(scope in signed for scope in _WITHOUT_ROUTES):
            route(handler, chain, context, response)

    return routed
