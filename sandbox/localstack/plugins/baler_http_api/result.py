"""What a function's result means in payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, "Lambda function
response for format 2.0"
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from baler_http_api.message import Answer, message

MOST_BYTES = 6 * 1024 * 1024 + 100
"""Of a result (Lambda quotas, "Invocation payload"); Lambda refuses a larger one, and the gateway answers 500."""

_STATUSES = range(100, 600)
# They describe the connection between function and gateway, or are the gateway's to set.
_NOT_PASSED_ON = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})


class _UnusableResultError(Exception):
    """The result has a shape that the format does not know; the message is for the access log."""


def unusable(reason: str) -> Answer:
    """Return the answer in place of a result that is none."""
    return message(500, "Internal Server Error", reason)


def answer_of(payload: bytes) -> Answer:
    """Return the answer that a function's result stands for."""
    if len(payload) > MOST_BYTES:
        return unusable(f"The function's result of {len(payload)} bytes exceeds {MOST_BYTES}")
    result = json.loads(payload or b"null")
    if not (isinstance(result, dict) and "statusCode" in result):
        # The format infers status, content type and encoding.
        body = result if isinstance(result, str) else json.dumps(result, separators=(",", ":"), ensure_ascii=False)
        return Answer(200, (("content-type", "application/json"),), body.encode())
    try:
        return Answer(_status(result), _headers(result), _body(result))
    except _UnusableResultError as error:
        return unusable(f"The function's result is malformed: {error}")


def _status(result: dict[str, Any]) -> int:
    status = result["statusCode"]
    try:
        number = int(status)
    except (TypeError, ValueError):
        number = 0
    if number not in _STATUSES:
        raise _UnusableResultError(f"statusCode is {status!r}")
    return number


def _headers(result: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    given = result.get("headers") or {}
    if not isinstance(given, dict) or any(isinstance(value, (dict, list)) for value in given.values()):
        raise _UnusableResultError("headers are not texts by name")
    headers = {name.lower(): _text(value) for name, value in given.items()}
    # What a text has without a type of its own.
    headers = {"content-type": "text/plain;charset=UTF-8", **headers}
    passed = [(name, value) for name, value in headers.items() if name not in _NOT_PASSED_ON]
    return (*passed, *(("set-cookie", str(cookie)) for cookie in result.get("cookies") or ()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(result: dict[str, Any]) -> bytes:
    body = result.get("body") or ""
    if not isinstance(body, str):
        raise _UnusableResultError(f"body is a {type(body).__name__} and no text")
    if not result.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _UnusableResultError("body is not base64") from error
