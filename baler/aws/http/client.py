"""Signed requests to one endpoint, and what the service refused."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from baler.aws.http.connections import Connections, StaleConnectionError
from baler.aws.http.sockets import TimeLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from baler.aws.http.connections import Answer
    from baler.aws.http.signature import Signer

# AWS's advice for calls that are mostly answered within milliseconds: give up early and ask again.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html
SILENCE_SECONDS: Final = 2.0
# So often at most does a kept connection fail without a cost; the next failure is a failure.
_STALE_MAX: Final = 2
# Of an error document; S3's and DynamoDB's have some hundred bytes.
_REFUSAL_BYTES: Final = 64 * 1024
# In S3's access log and in CloudTrail.
_AGENT: Final = {"user-agent": "baler"}

Received = TypeVar("Received")
Copied = TypeVar("Copied")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        operation: its name in AWS's words, for errors.
        method, path, query: of HTTP, encoded; the query's parameters are sorted.
        headers: beside those that each request has; names in lower case.
        body: what is sent; of a file what is left to read.
        sha256: of the body, hexadecimal; needed for a file.
        silence_seconds: how long the service may say nothing.
    """

    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes | IO[bytes] = b""
    sha256: str = ""
    silence_seconds: float = SILENCE_SECONDS


class HttpClient:
    """Sends requests, each once.

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
        self._deadline = math.inf

    def until(self, deadline: float) -> Self:
        """Return a client on the same connections, whose calls end by then (seconds since the epoch)."""
        return _copy(self, _deadline=deadline)

    def ask(self, request: Request, receive: Callable[[Answer], Received]) -> Received:
        """Send a request and return what was received.

        A connection that was kept and turns out to be dead costs no more than the time to find out: the request is
        sent again at once. A refusal after that says so as boto3 would, by `RetryAttempts` in its metadata.

        Args:
            request: what is asked.
            receive: takes the answer to a request that was not refused; the body is still to be read.

        Raises:
            ClientError: the service refused, or redirected.
            BotoCoreError: as `Connections.ask`.
        """
        for stale in range(_STALE_MAX):
            try:
                return receive(self._answer(request, stale))
            except StaleConnectionError:
                if not isinstance(request.body, bytes):
                    request.body.seek(0)
        try:
            return receive(self._answer(request, _STALE_MAX))
        except StaleConnectionError as error:
            raise HTTPClientError(error=error) from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()

    def _answer(self, request: Request, earlier: int) -> Answer:
        target = f"{request.path}?{request.query}" if request.query else request.path
        digest = request.sha256 or hashlib.sha256(request.body).hexdigest()  # pyright: ignore[reportArgumentType]  # a file has its hash
        # Signed anew for each attempt: credentials may have been renewed meanwhile.
        headers = self._signer.sign(
            request.method, request.path, request.query, {"host": self._host, **request.headers}, digest
        )
        limit = TimeLimit(request.silence_seconds, self._deadline)
        try:
            answer = self._connections.ask(request.method, target, headers | _AGENT, request.body, limit)
        except BotoCoreError as error:
            if earlier and not isinstance(error, HTTPClientError):  # "never sent" is true of this attempt alone
                raise HTTPClientError(error=error) from error
            raise
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            answer.earlier = earlier
            return answer
        raise self._refused(request, answer, earlier)

    def _refused(self, request: Request, answer: Answer, earlier: int) -> ClientError:
        response = self._refusal(answer.read(_REFUSAL_BYTES))
        error: dict[str, str] = response["Error"]
        # As boto3: the status where there is no document, as after a HEAD or from something before the service.
        error["Code"] = error.get("Code") or str(answer.status)
        if answer.status < HTTPStatus.BAD_REQUEST:
            elsewhere = answer.headers.get("x-amz-bucket-region") or answer.headers.get("location") or "elsewhere"
            error["Message"] = f"redirected ({answer.status}) to {elsewhere}; a signed request is never sent on"
        response["ResponseMetadata"] = {
            "HTTPStatusCode": answer.status,
            "HTTPHeaders": {name.lower(): value for name, value in answer.headers.items()},
            "RetryAttempts": earlier,
        }
        refused: Any = response
        return ClientError(refused, request.operation)


class Service:
    """The calls of one service; what the clients of this package have in common.

    Args:
        client: sends their requests.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def until(self, deadline: float) -> Self:
        """Return a client on the same connections, whose calls end by then (seconds since the epoch)."""
        return _copy(self, _client=self._client.until(deadline))

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._client.close()


def _copy(original: Copied, **changed: object) -> Copied:
    """Return a shallow copy but for some attributes. copy.copy takes ten times as long, and each file needs one."""
    copied = object.__new__(type(original))
    copied.__dict__.update(original.__dict__, **changed)
    return copied
