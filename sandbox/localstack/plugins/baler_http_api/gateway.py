"""The way of a request through an API: stage, preflight, route, throttle, authorizer, function, headers, log."""

from __future__ import annotations

import base64
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from baler_cloudwatch.samples import measured

from baler_http_api import access_log, cors
from baler_http_api.event import Accepted
from baler_http_api.integration import invoke
from baler_http_api.issuers import Issuers
from baler_http_api.log_delivery import Line, LogDelivery
from baler_http_api.message import message
from baler_http_api.routes import DEFAULT, choose
from baler_http_api.throttle import Throttle, limit_of
from baler_http_api.tokens import Demands, ForbiddenError, IssuerError, UnauthorizedError, verify

if TYPE_CHECKING:
    from baler_http_api.message import Answer, Request

MOST_BYTES = 10 * 1024 * 1024
"""Of a request (quotas of HTTP APIs)."""

_HEADER_SOURCE = "$request.header."
_ROUTELESS = "-"
_OPEN = (None, "", "NONE")


class HttpApiGateway:
    """What all APIs share."""

    def __init__(self) -> None:
        self._throttle = Throttle(time.monotonic)
        self._issuers = Issuers(time.monotonic)
        self._log = LogDelivery()
        self._log.start()

    def answer(self, request: Request, account: str, region: str, api: Any) -> Answer:
        """Answer a request.

        Args:
            request: it, with the path behind the API's address.
            account: that owns the API.
            region: of the API.
            api: moto's.
        """
        stage, path = _stage_of(api, request.path)
        if stage is None:
            return message(404, "Not Found")
        started = time.monotonic()
        accepted = Accepted(
            request=request,
            account=account,
            region=region,
            api=api.api_id,
            stage=stage.name,
            route_key=_ROUTELESS,
            parameters={},
            request_id=base64.b32encode(uuid.uuid4().bytes).decode().rstrip("=")[:16],
            at=time.time(),
            stage_variables=stage.stage_variables or {},
        )
        answer, milliseconds = _before_routes(request, api, path), None
        if answer is None:
            accepted, answer, milliseconds = self._routed(accepted, api, stage, path)
            answer = cors.with_headers(api.cors_configuration or {}, request, answer)
        answer = answer.with_headers(("apigw-requestid", accepted.request_id))
        total = int((time.monotonic() - started) * 1000)
        self._write_log(stage, accepted, answer, access_log.Timing(total, milliseconds))
        _measure(accepted, answer, total, milliseconds)
        return answer

    def _routed(self, accepted: Accepted, api: Any, stage: Any, path: str) -> tuple[Accepted, Answer, int | None]:
        """Return the request as it became, its answer, and how long its function took (milliseconds)."""
        chosen = choose(list(api.routes.values()), accepted.request.method, path)
        if chosen is None:
            return accepted, message(404, "Not Found", "no route"), None
        route, parameters = chosen
        accepted = replace(accepted, route_key=route.route_key, parameters=parameters)
        limit = limit_of(route.route_key, stage.default_route_settings or {}, stage.route_settings or {})
        if not self._throttle.admits((api.api_id, stage.name, route.route_key), limit):
            return accepted, message(429, "Too Many Requests", "throttled"), None
        authorizer, refused = self._authorized(accepted, api, route)
        if refused:
            return accepted, refused, None
        accepted = replace(accepted, authorizer=authorizer)
        integration = api.integrations.get((route.target or "").removeprefix("integrations/"))
        if integration is None:
            return accepted, message(500, "Internal Server Error", "the route has no integration"), None
        before = time.monotonic()
        answer = invoke(accepted, integration.integration_uri, integration.timeout_in_millis)
        return accepted, answer, int((time.monotonic() - before) * 1000)

    def _authorized(self, accepted: Accepted, api: Any, route: Any) -> tuple[dict[str, Any], Answer | None]:
        """Return what the event says of who asks, and the answer to who may not."""
        if route.authorization_type in _OPEN:
            return {}, None
        if route.authorization_type != "JWT":
            reason = f"the sandbox knows no authorization by {route.authorization_type}"
            return {}, message(500, "Internal Server Error", reason)
        authorizer = api.authorizers[route.authorizer_id]
        demands = Demands(
            issuer=authorizer.jwt_config["issuer"],
            audiences=authorizer.jwt_config.get("audience", ()),
            scopes=route.authorization_scopes or (),
        )
        source = authorizer.identity_source
        named = source[0] if isinstance(source, list) else source
        value = accepted.request.header(named.removeprefix(_HEADER_SOURCE))
        try:
            return {"jwt": verify(value, demands, self._issuers.keys, accepted.at)}, None
        except UnauthorizedError as error:
            challenge = f'Bearer scope="" error="invalid_token" error_description="{error}"' if value else "Bearer"
            return {}, message(401, "Unauthorized", str(error), (("www-authenticate", challenge),))
        except ForbiddenError as error:
            return {}, message(403, "Forbidden", str(error))
        except IssuerError as error:
            return {}, message(500, "Internal Server Error", str(error))

    def _write_log(self, stage: Any, accepted: Accepted, answer: Answer, timing: access_log.Timing) -> None:
        settings = stage.access_log_settings or {}
        if settings.get("destinationArn"):
            text = access_log.line(settings.get("format", ""), accepted, answer, timing)
            self._log.put(Line(accepted.account, accepted.region, settings["destinationArn"], text, accepted.at))


def _measure(accepted: Accepted, answer: Answer, total: int, integration: int | None) -> None:
    """Put samples of a request, each 0 where it was no error.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    """
    values = {
        "Count": 1,
        "4xx": int(answer.status // 100 == 4),  # noqa: PLR2004 - HTTP's classes
        "5xx": int(answer.status // 100 == 5),  # noqa: PLR2004 - see above
        "Latency": total,
        "IntegrationLatency": integration,
        "DataProcessed": len(accepted.request.body) + len(answer.body),
    }
    for about in ({"ApiId": accepted.api}, {"ApiId": accepted.api, "Stage": accepted.stage}):
        measured(accepted.account, accepted.region, "AWS/ApiGateway", about, values)


def _before_routes(request: Request, api: Any, path: str) -> Answer | None:
    """Return the answer to what takes no route.

    A preflight that takes a route with an authorizer is asked for a token, as the guide says of `$default`
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html, "with a $default route and an
    authorizer"); the gateway answers all others.
    """
    configuration = api.cors_configuration or {}
    if cors.is_preflight(configuration, request):
        chosen = choose(list(api.routes.values()), request.method, path)
        if chosen is None or chosen[0].authorization_type in _OPEN:
            return cors.preflight(configuration, request)
    if len(request.body) > MOST_BYTES:
        return message(413, "Request Entity Too Large", "the request is too large")
    return None


def _stage_of(api: Any, path: str) -> tuple[Any, str]:
    """Return the stage of a path and the rest of it: `$default` is served from the root, others below their name."""
    first, _, rest = path.removeprefix("/").partition("/")
    if first in api.stages:
        return api.stages[first], f"/{rest}"
    return api.stages.get(DEFAULT), path
