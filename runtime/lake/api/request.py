"""A request as API Gateway's HTTP APIs hand it over: payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_STAGE: Final = "$default"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        method: of HTTP.
        path: without the stage, as the gateway gives it.
        query: names and values, decoded, in their order; bytes that are no UTF-8 are U+FFFD.
        if_none_match: the header, or "".
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    if_none_match: str = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Request:
        """Read an event.

        The query is read from its own text: the gateway's decoded parameters join what is there twice by a comma.

        Raises:
            KeyError: it is no event of an HTTP API.
        """
        context = event["requestContext"]
        path: str = event["rawPath"]
        stage: str = context.get("stage", _DEFAULT_STAGE)
        if stage != _DEFAULT_STAGE:
            path = path.removeprefix(f"/{stage}")
        return cls(
            method=context["http"]["method"],
            path=path or "/",
            query=tuple(parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True)),
            if_none_match=event.get("headers", {}).get("if-none-match", ""),
        )
