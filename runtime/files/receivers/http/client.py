"""Posts to the receiver as one version of its secret allows: connections are kept with it, and end with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.files.receivers.http.answers import answer_of_status
from runtime.files.receivers.http.connections import Connections, NoReplyError, Request
from runtime.files.receivers.http.identity import Identity
from runtime.files.receivers.http.secret import HttpSecret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.files.courier.answer import Answer
    from runtime.files.receivers.http.endpoint import ReceiverEndpoint


@dataclass(frozen=True, slots=True)
class Post:
    """One request.

    Attributes:
        headers: all but those of the endpoint and of the credentials.
        body: read once.
        deadline: when all of it is over, seconds since the epoch.
    """

    headers: list[tuple[str, str]]
    body: Iterable[bytes]
    deadline: float


class HttpClient:
    """A client with one version of the secret.

    Args:
        endpoint: of the receiver.
        text: of the secret.

    Raises:
        UnusableCredentialsError: the secret is not what it should be.
    """

    def __init__(self, endpoint: ReceiverEndpoint, text: str) -> None:
        secret = HttpSecret.parse(text)
        self._target = endpoint.target
        self._headers = secret.headers
        self._connections = Connections(endpoint, Identity.of(secret))

    def post(self, post: Post) -> Answer:
        """Send once, see `Connections.ask`, and say what became of it.

        Raises:
            UnusableCredentialsError: the client's certificate is not valid now.
            Exception: whatever `post.body` raises.
        """
        request = Request("POST", self._target, [*self._headers, *post.headers], post.deadline, post.body)
        try:
            reply = self._connections.ask(request)
        except NoReplyError as error:
            return error.answer
        return answer_of_status(reply.status, reply.headers, time.time())

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()
