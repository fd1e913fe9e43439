"""Cross-origin requests: the API's configuration answers them, whatever a function says.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baler_http_api.message import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler_http_api.message import Request

_OURS = "access-control-"
_ANY = "*"
_SCHEMES = ("https://*", "http://*")


def is_preflight(configuration: Mapping[str, Any], request: Request) -> bool:
    """Tell whether the gateway answers a request itself."""
    return bool(
        configuration
        and request.method == "OPTIONS"
        and request.header("origin")
        and request.header("access-control-request-method")
    )


def preflight(configuration: Mapping[str, Any], request: Request) -> Answer:
    """Return the answer to a preflight; to an origin that is not allowed it has no headers."""
    headers = _headers(configuration, request.header("origin"))
    if not headers:
        return Answer(204)
    for key, name in (("allowMethods", "methods"), ("allowHeaders", "headers")):
        if configuration.get(key):
            headers.append((f"access-control-allow-{name}", ",".join(configuration[key])))
    if configuration.get("maxAge") is not None:
        headers.append(("access-control-max-age", str(configuration["maxAge"])))
    return Answer(204, tuple(headers))


def with_headers(configuration: Mapping[str, Any], request: Request, answer: Answer) -> Answer:
    """Return an answer with the headers that the configuration gives it, and none of the function's."""
    if not configuration:
        return answer
    kept = tuple(header for header in answer.headers if not header[0].startswith(_OURS))
    return Answer(answer.status, (*kept, *_headers(configuration, request.header("origin"))), answer.body, answer.error)


def _headers(configuration: Mapping[str, Any], origin: str | None) -> list[tuple[str, str]]:
    allowed = configuration.get("allowOrigins") or []
    if origin is None or not _is_allowed(origin, allowed):
        return []
    headers = [("access-control-allow-origin", _ANY if _ANY in allowed else origin)]
    if _ANY not in allowed:
        headers.append(("vary", "origin"))
    if configuration.get("allowCredentials"):
        headers.append(("access-control-allow-credentials", "true"))
    if configuration.get("exposeHeaders"):
        headers.append(("access-control-expose-headers", ",".join(configuration["exposeHeaders"])))
    return headers


def _is_allowed(origin: str, allowed: list[str]) -> bool:
    origin = origin.lower()
    return any(
        pattern in {_ANY, origin} or (pattern in _SCHEMES and origin.startswith(pattern[:-1]))
        for pattern in map(str.lower, allowed)
    )
