"""Signed requests to one endpoint, tried again while the fault may pass."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, HTTPClientError

from runtime.aws.faults import may_pass
from runtime.aws.lean.connections import Connections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime.aws.lean.connections import Answer
    from runtime.aws.lean.signature import Signer

_ATTEMPTS: Final = 3
# The longest wait before the second attempt, in seconds; twice that before the third.
_BACKOFF_SECONDS: Final = 0.2
# In S3's access log and in CloudTrail.
_AGENT: Final = {"user-agent": "baler"}

Received = TypeVar("Received")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        operation: its name in AWS's words, for errors.
        method, path, query: of HTTP, encoded; the query's parameters are sorted.
        headers: beside those that each request has; names in lower case.
        body: what is sent.
    """

    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


class LeanClient:
    """Sends requests; what the lean clients have in common.

    Args:
        endpoint: a URL; its scheme, host and port count.
        signer: of the service that is there.
        refusal: reads what the service says in a refusal: boto3's `Error`, and what boto3 puts beside it.
    """

    def __init__(self, endpoint: str, signer: Signer, refusal: Callable[[bytes], dict[str, Any]]) -> None:
        self._host = urlsplit(endpoint).netloc
        self._connections = Connections(endpoint)
        self._signer = signer
        self._refusal = refusal

    def ask(self, request: Request, receive: Callable[[Answer], Received]) -> Received:
        """Send a request and return what was received.

        Args:
            request: what is asked.
            receive: takes the answer to a request that was not refused; the body is still to be read.

        Raises:
            ClientError: the service refused.
            HTTPClientError: there was no answer; whether the request took effect is unknown.
        """
        for attempt in range(1, _ATTEMPTS):
            try:
                return receive(self._answer(request))
            except (ClientError, HTTPClientError) as error:
                if not may_pass(error):
                    raise
            time.sleep(random.random() * _BACKOFF_SECONDS * attempt)  # noqa: S311 - spreads retries
        return receive(self._answer(request))

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()

    def _answer(self, request: Request) -> Answer:
        target = f"{request.path}?{request.query}" if request.query else request.path
        # Signed anew for each attempt: credentials may have been renewed meanwhile.
        headers = self._signer.sign(
            request.method, request.path, request.query, {"host": self._host, **request.headers}, request.body
        )
        answer = self._connections.ask(request.method, target, headers | _AGENT, request.body)
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return answer
        response: Any = {**self._refusal(answer.read()), "ResponseMetadata": {"HTTPStatusCode": answer.status}}
        raise ClientError(response, request.operation)
