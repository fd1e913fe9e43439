"""Lets LocalStack answer a part of a batch, and refuses the rest: between its server and its gateway."""

from __future__ import annotations

import io
import json
import zlib
from typing import TYPE_CHECKING, Any

from baler_wire.batches import answered, places, without

if TYPE_CHECKING:
    from collections.abc import Callable

    Application = Callable[[dict[str, Any], Any], Any]

_OK = "200"


def partly(application: Application, operation: str, choose: Callable[[], bool]) -> Application:
    """Return what answers as an application does to a batch of which some entries are refused.

    Args:
        application: takes the request.
        operation: one of `batches.OPERATIONS`, whose request is JSON.
        choose: called for each entry, tells whether it is refused.
    """

    def apply(environment: dict[str, Any], start_response: Any) -> list[bytes]:
        sent = environment["wsgi.input"].read()
        request = json.loads(sent)
        refused = places(operation, request, choose)
        _put_body(environment, json.dumps(without(operation, request, refused)).encode() if refused else sent)
        (status, headers), body = whole_answer(application, environment)
        if refused and status.startswith(_OK):
            body = json.dumps(answered(operation, request, refused, json.loads(body))).encode()
            headers = _about(headers, body)
        start_response(status, headers)
        return [body]

    return apply


def whole_answer(application: Application, environment: dict[str, Any]) -> tuple[tuple[str, Any], bytes]:
    """Return the head and all of the body of an application's answer."""
    heads: list[tuple[str, Any]] = []
    pieces = application(environment, lambda status, headers, _error=None: heads.append((status, headers)))
    body = b"".join(pieces)
    if close := getattr(pieces, "close", None):
        close()
    return heads[-1], body


def _put_body(environment: dict[str, Any], body: bytes) -> None:
    length = str(len(body))
    environment["wsgi.input"] = io.BytesIO(body)
    environment["CONTENT_LENGTH"] = environment["HTTP_CONTENT_LENGTH"] = length
    # LocalStack reads these in place of the environment's.
    environment["rolo.headers"] = [
        (name, length.encode() if name.lower() == b"content-length" else value)
        for name, value in environment["rolo.headers"]
    ]


def _about(headers: list[tuple[str, str]], body: bytes) -> list[tuple[str, str]]:
    """Return headers with what they say of the body; botocore compares DynamoDB's checksum."""
    said = {"content-length": str(len(body)), "x-amz-crc32": str(zlib.crc32(body))}
    return [(name, said.get(name.lower(), value)) for name, value in headers]
