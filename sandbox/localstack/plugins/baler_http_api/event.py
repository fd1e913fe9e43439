"""The event of a request in payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler_http_api.message import Request

DOMAIN = "amazonaws.com"

_TEXTS = ("text/", "application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")
_TEXT_SUFFIXES = ("+json", "+xml")
# A client's connection to the gateway is no business of the function; the gateway gives `cookie` a field of its own.
_NOT_PASSED_ON = frozenset({"connection", "cookie", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})


@dataclass(frozen=True)
class Accepted:
    """A request that has a route.

    Attributes:
        request: as it came.
        account: that owns the API.
        region: of the API.
        api: id.
        stage: name.
        route_key: of the route.
        parameters: of the path.
        request_id: the gateway's name of the request.
        at: seconds since the epoch.
        stage_variables: of the stage.
        authorizer: what the authorizer found, `{"jwt": ...}`.
    """

    request: Request
    account: str
    region: str
    api: str
    stage: str
    route_key: str
    parameters: Mapping[str, str]
    request_id: str
    at: float
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    authorizer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The API's host name on AWS."""
        return f"{self.api}.execute-api.{self.region}.{DOMAIN}"


def payload(accepted: Accepted) -> dict[str, Any]:
    """Return the event. Fields that would be empty are left out, as AWS does."""
    request = accepted.request
    headers = _headers(accepted)
    path = request.path
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": accepted.route_key,
        "rawPath": path,
        "rawQueryString": request.query,
    }
    cookies = [cookie.strip() for cookie in (request.header("cookie") or "").split(";")]
    if any(cookies):
        event["cookies"] = [cookie for cookie in cookies if cookie]
    event["headers"] = headers
    if query := _query(request.query):
        event["queryStringParameters"] = query
    event["requestContext"] = {
        "accountId": accepted.account,
        "apiId": accepted.api,
        **({"authorizer": dict(accepted.authorizer)} if accepted.authorizer else {}),
        "domainName": accepted.domain,
        "domainPrefix": accepted.api,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": accepted.request_id,
        "routeKey": accepted.route_key,
        "stage": accepted.stage,
        "time": request_time(accepted.at),
        "timeEpoch": int(accepted.at * 1000),
    }
    if accepted.parameters:
        event["pathParameters"] = dict(accepted.parameters)
    if accepted.stage_variables:
        event["stageVariables"] = dict(accepted.stage_variables)
    return event | _body(request)


def request_time(seconds: float) -> str:
    """Return a time as the event and the access log have it, in UTC."""
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(seconds))


def _headers(accepted: Accepted) -> dict[str, str]:
    """Return the headers by name in lower case, several of a name joined by commas, and what the gateway adds."""
    request = accepted.request
    headers: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        if lower not in _NOT_PASSED_ON:
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    before = headers.get("x-forwarded-for")
    trace = headers.get("x-amzn-trace-id") or f"Root=1-{int(accepted.at):08x}-{accepted.request_id.encode().hex()[:24]}"
    return dict(
        sorted(
            {
                **headers,
                "content-length": str(len(request.body)),
                "host": accepted.domain,
                "x-amzn-trace-id": trace,
                "x-forwarded-for": f"{before}, {request.source_ip}" if before else request.source_ip,
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            }.items()
        )
    )


def _query(text: str) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _body(request: Request) -> dict[str, Any]:
    if not request.body:
        return {"isBase64Encoded": False}
    kind = (request.header("content-type") or "text/plain").partition(";")[0].strip().lower()
    if kind.startswith(_TEXTS) or kind.endswith(_TEXT_SUFFIXES):
        try:
            return {"body": request.body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass  # no text after all
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
