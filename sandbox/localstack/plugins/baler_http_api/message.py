"""A request as it came, and the answer to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Request:
    """A request to an API.

    Attributes:
        method: in capitals.
        target: path behind the API's address and the query, as they were sent: `/records/a%20b?limit=1`.
        headers: name and value of each, in order.
        body: its bytes.
        source_ip: of the client.
    """

    method: str
    target: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    @property
    def path(self) -> str:
        """The path as an HTTP API has it: decoded, and cut at a question mark that decoding brings to light.

        AWS does not document it. Live captures: https://github.com/hotsock/voker/pull/8, and `raw_path` in
        https://github.com/hanabu/lambda-web/blob/main/src/request.rs.
        """
        return unquote(self.target.partition("?")[0]).partition("?")[0] or "/"

    @property
    def query(self) -> str:
        """The query as it was sent."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """Return a header's value, those of several joined by commas."""
        values = [value for found, value in self.headers if found.lower() == name.lower()]
        return ",".join(values) if values else None


@dataclass(frozen=True)
class Answer:
    """What the client gets.

    Attributes:
        status: of HTTP.
        headers: name in lower case and value of each, in order.
        body: its bytes.
        error: for the access log: why there is no better answer.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = field(default="", compare=False)

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        """Return the same with more headers."""
        return Answer(self.status, (*self.headers, *headers), self.body, self.error)


def message(status: int, text: str, error: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return an answer of the gateway's own."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Answer(status, (("content-type", "application/json"), *headers), body, error)
