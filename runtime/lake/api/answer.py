"""Answers: one shape for errors, validators for caches, and nothing that a browser could take for a page."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.lake.api.problems import ApiError
    from runtime.lake.api.request import Request

ALLOWED: Final = "GET, HEAD, OPTIONS"
"""Methods of every path."""
_ALWAYS: Final = {
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    # The gateway's CORS headers depend on it, and a browser's cache must not give one page's to another's.
    "vary": "Origin",
}
_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the gateway.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        body: JSON, or "".
    """

    status: int
    headers: Mapping[str, str]
    body: str = ""

    def for_gateway(self) -> dict[str, Any]:
        """Return it in payload format 2.0."""
        return {
            "statusCode": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "isBase64Encoded": False,
        }

    def for_method(self, method: str) -> Answer:
        """Return it as a method wants it: HEAD has all but the body."""
        return replace(self, body="") if method == "HEAD" else self


def content(request: Request, body: str, cache_control: str, same_as: str = "") -> Answer:
    """Return a document, or that the client has it already.

    Args:
        request: may name what the client has (If-None-Match); it is compared weakly, as RFC 9110 (13.1.2) has it, since
            CloudFront makes a tag weak when it compresses.
        body: JSON. A lone surrogate, which UTF-8 has not, is written as JSON's escape.
        cache_control: how long it may be used without asking.
        same_as: what has to be equal for two bodies to say the same, where that is not the body itself; the tag is
            weak then.
    """
    data = body.encode("utf-8", "backslashreplace")
    tag = f"W/{_tag(same_as.encode())}" if same_as else _tag(data)
    headers = {"etag": tag, "cache-control": cache_control, "vary": _ALWAYS["vary"]}
    if _is_known(tag, request.if_none_match):
        return Answer(HTTPStatus.NOT_MODIFIED, headers)
    return Answer(HTTPStatus.OK, _ALWAYS | headers, data.decode())


def refusal(error: ApiError) -> Answer:
    """Return the one shape of errors; the gateway's own have its `message` too."""
    body = json.dumps({"message": error.message, "code": error.problem.code})
    return Answer(error.problem.status, {**_ALWAYS, "cache-control": "no-store", **error.headers}, body)


def options() -> Answer:
    """Return what may be done; preflights of browsers never come here, since the gateway answers them."""
    return Answer(HTTPStatus.NO_CONTENT, {"allow": ALLOWED})


def _tag(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()[:_TAG_BYTES]
    return f'"{base64.urlsafe_b64encode(digest).decode().rstrip("=")}"'


def _is_known(tag: str, if_none_match: str) -> bool:
    if not if_none_match:
        return False
    opaque = tag.removeprefix("W/")
    known = [each.strip() for each in if_none_match.split(",")]  # no tag of ours has a comma
    return "*" in known or any(each.removeprefix("W/") == opaque for each in known)
