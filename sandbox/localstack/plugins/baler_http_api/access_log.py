"""The line of a request in the access log.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler_http_api.event import request_time

if TYPE_CHECKING:
    from baler_http_api.event import Accepted
    from baler_http_api.message import Answer

_VARIABLE = re.compile(r"\$context\.([A-Za-z][\w.]*\w)")
_MISSING = "-"


@dataclass(frozen=True)
class Timing:
    """Milliseconds: of all, and of the function, None where it was not invoked."""

    total: int
    integration: int | None = None


def line(template: str, accepted: Accepted, answer: Answer, timing: Timing) -> str:
    """Return the stage's template with the variables of a request; what it has not is `-`."""
    values = _values(accepted, answer, timing)
    # A value may hold a quotation mark, and templates are JSON.
    return _VARIABLE.sub(lambda found: json.dumps(values.get(found[1]) or _MISSING)[1:-1], template)


def _values(accepted: Accepted, answer: Answer, timing: Timing) -> dict[str, str]:
    request = accepted.request
    invoked = timing.integration is not None
    failed_message = answer.error if invoked else ""
    claims = accepted.authorizer.get("jwt", {}).get("claims", {})
    return {
        "accountId": accepted.account,
        "apiId": accepted.api,
        "domainName": accepted.domain,
        "domainPrefix": accepted.api,
        "error.message": json.loads(answer.body)["message"] if answer.error else "",
        "extendedRequestId": accepted.request_id,
        "httpMethod": request.method,
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent") or "",
        "integration.error": failed_message,
        "integration.integrationStatus": str(200 if invoked else ""),
        "integration.latency": str(timing.integration if invoked else ""),
        "integration.status": str(answer.status if invoked else ""),
        "integrationErrorMessage": failed_message,
        "integrationLatency": str(timing.integration if invoked else ""),
        "integrationStatus": str(200 if invoked else ""),
        "authorizer.error": "" if invoked or answer.status != 401 else answer.error,  # noqa: PLR2004 - HTTP's number
        "path": request.path,
        "protocol": "HTTP/1.1",
        "requestId": accepted.request_id,
        "requestTime": request_time(accepted.at),
        "requestTimeEpoch": str(int(accepted.at)),
        "responseLatency": str(timing.total),
        "responseLength": str(len(answer.body)),
        "routeKey": accepted.route_key,
        "stage": accepted.stage,
        "status": str(answer.status),
        **{f"authorizer.claims.{name}": value for name, value in claims.items()},
    }
