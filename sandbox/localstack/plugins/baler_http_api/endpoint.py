"""Where LocalStack's gateway answers for HTTP APIs: `/_aws/execute-api/<api id>/...`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import moto.backends
from localstack.http import Response
from localstack.http.request import get_raw_path

from baler_http_api.message import Request, message

if TYPE_CHECKING:
    from localstack.http import Request as HttpRequest
    from localstack.http import Router

    from baler_http_api.gateway import HttpApiGateway
    from baler_http_api.message import Answer

PREFIX = "/_aws/execute-api"

# The server sets them.
_OF_SERVER = frozenset({"content-length"})


class HttpApiEndpoint:
    """Takes requests from LocalStack's router."""

    def __init__(self, gateway: HttpApiGateway) -> None:
        self._gateway = gateway

    def register(self, router: Router) -> None:
        """Take everything below the prefix; a path is not tidied up on the way."""
        rules: tuple[tuple[str, dict[str, Any]], ...] = (
            (f"{PREFIX}/<api_id>", {"strict_slashes": True}),
            (f"{PREFIX}/<api_id>/", {"strict_slashes": True}),
            (f"{PREFIX}/<api_id>/<greedy_path:_path>", {"strict_slashes": True, "merge_slashes": False}),
        )
        for path, options in rules:
            router.add(path, endpoint=self, **options)

    def __call__(self, request: HttpRequest, api_id: str, **_: str) -> Response:
        """Answer a request."""
        found = _api(api_id)
        if found is None:
            return _response(message(404, "Not Found"))
        account, region, api = found
        target = get_raw_path(request).removeprefix(f"{PREFIX}/{api_id}") or "/"
        query = request.query_string.decode("latin-1")
        incoming = Request(
            method=request.method,
            target=f"{target}?{query}" if query else target,
            headers=tuple(request.headers.items()),
            body=request.get_data(),
            source_ip=request.remote_addr or "127.0.0.1",
        )
        return _response(self._gateway.answer(incoming, account, region, api))


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    response.headers.remove("content-type")
    for name, value in answer.headers:
        if name not in _OF_SERVER:
            response.headers.add(name, value)
    return response


def _api(api_id: str) -> tuple[str, str, Any] | None:
    """Return account, region and moto's API."""
    for account, regions in list(moto.backends.get_backend("apigatewayv2").items()):
        for region, backend in list(regions.items()):
            if api_id in backend.apis:
                return account, region, backend.apis[api_id]
    return None
