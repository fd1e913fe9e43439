"""The courier's receiver, where that is an HTTP endpoint."""

from __future__ import annotations

import threading
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.http.client import HttpClient, Post
from runtime.files.receivers.repeatable_body import EXPECT_BYTES, RepeatableBody

if TYPE_CHECKING:
    from runtime.files.courier.ports import Parcel
    from runtime.files.receivers.credentials import Credentials, SecretVersion
    from runtime.files.receivers.http.endpoint import ReceiverEndpoint

# The version in force, and the one before.
_CLIENTS_MAX: Final = 2


class HttpReceiver:
    """The Receiver port (see runtime/files/courier/ports.py). Threads may share it.

    Args:
        endpoint: where bundles are sent.
        credentials: of the receiver.
    """

    def __init__(self, endpoint: ReceiverEndpoint, credentials: Credentials) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, HttpClient] = OrderedDict()
        # A receiver said 417: it, or a proxy before it, does not know Expect.
        self._expects = True

    @property
    def credentials_age_seconds(self) -> float | None:
        """How old the credentials in force are; None while none were read."""
        return self._credentials.age_seconds

    def send(self, parcel: Parcel, deadline: float) -> Answer:
        """Send a parcel once; with other credentials once more if the first were refused.

        Args:
            parcel: what is sent; its body is closed afterwards.
            deadline: when all of it is over, seconds since the epoch.

        Raises:
            Exception: whatever the parcel's body raises. The receiver then had less than all of it.
        """
        body = RepeatableBody(parcel.body)
        try:
            return self._credentials.send(
                lambda version: self._attempt(self._client(version), parcel, body, deadline),
                lambda: body.repeatable,
            )
        finally:
            parcel.body.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            clients, self._clients = self._clients, OrderedDict()
        for client in clients.values():
            client.close()

    def _attempt(self, client: HttpClient, parcel: Parcel, body: RepeatableBody, deadline: float) -> Answer:
        expects = self._expects and parcel.size > EXPECT_BYTES
        answer = client.post(Post(_headers(parcel, expects=expects), body, deadline))
        if answer.status != HTTPStatus.EXPECTATION_FAILED or not expects:
            return answer
        self._expects = False
        if not body.repeatable:
            # Said too late: it is about the header, and not about the bundle, which is sent without it the next time.
            return Answer(Meaning.UNREACHABLE, answer.reason, answer.status)
        return client.post(Post(_headers(parcel, expects=False), body, deadline))

    def _client(self, version: SecretVersion) -> HttpClient:
        """Return the client for a version of the secret.

        Raises:
            UnusableCredentialsError: there can be none.
        """
        with self._lock:
            client = self._clients.get(version.version_id)
            if client is None:
                client = self._clients[version.version_id] = HttpClient(self._endpoint, version.text)
            self._clients.move_to_end(version.version_id)
            if len(self._clients) > _CLIENTS_MAX:
                _, old = self._clients.popitem(last=False)
                old.close()
            return client


def _headers(parcel: Parcel, *, expects: bool) -> list[tuple[str, str]]:
    """Return the headers of a bundle, with their names as written here: NiFi keeps the case, and flows depend on it."""
    headers = [
        ("Content-Type", "application/gzip"),
        ("Content-Length", str(parcel.size)),
        ("X-Content-SHA256", parcel.sha256),
        ("X-Bundle-Id", parcel.delivery.bundle_id),
        ("X-File-Count", str(parcel.file_count)),
    ]
    if parcel.delivery.replay_id:
        headers.append(("X-Replay-Id", parcel.delivery.replay_id))
    if expects:
        headers.append(("Expect", "100-continue"))
    return headers
