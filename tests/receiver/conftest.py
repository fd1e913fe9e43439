"""The receiver that the suite is pointed at: the sandbox's listener, or any other.

RECEIVER_URL names another one; https, or http for one without TLS, before which the suite then speaks it.

| variable | for |
| --- | --- |
| RECEIVER_ADDRESS | the IPv4 address to dial, where the URL's name does not resolve |
| RECEIVER_CA | PEM of who signed its certificate; the system's authorities unless given |
| RECEIVER_CLIENT_CERTIFICATE, RECEIVER_CLIENT_KEY | PEM, where it wants a client certificate |
| RECEIVER_USERNAME, RECEIVER_PASSWORD | where it wants basic authentication; ListenHTTP never does |
| RECEIVER_HEADER, RECEIVER_TOKEN | where it wants a header with a token; ListenHTTP never does |
| RECEIVER_CHECKS_HASH=1 | where it refuses a body with another hash; ListenHTTP never does, a flow may |
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from harness.scripted_receiver import MemorySecret
from harness.store_front import store_front

from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.http.endpoint import ReceiverEndpoint
from runtime.files.receivers.http.receiver import HttpReceiver
from sandbox.localstack.ports import LOOPBACK
from sandbox.receivers.running_listener import Listener, running_listener

if TYPE_CHECKING:
    from collections.abc import Generator

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel

# Far more than a busy machine takes.
_SEND_SECONDS = 300.0


@dataclass(frozen=True)
class ContractReceiver:
    """A receiver to be tried.

    Attributes:
        endpoint: where it is.
        secret: what lets the courier in.
        checks_hash: it refuses a body whose hash is not the one that was announced.
        listener: where it is the sandbox's own, whose folder shows what it keeps.
    """

    endpoint: ReceiverEndpoint
    secret: dict[str, str]
    checks_hash: bool
    listener: Listener | None = None

    @contextmanager
    def connected(self, **instead: str) -> Generator[HttpReceiver]:
        """Return the courier's side; fields of the secret that are "" are left out."""
        fields = {name: value for name, value in (self.secret | instead).items() if value}
        versions = [SecretVersion("1", json.dumps(fields), 0.0)]
        receiver = HttpReceiver(self.endpoint, Credentials(MemorySecret(versions), 300))
        try:
            yield receiver
        finally:
            receiver.close()

    def send(self, what: Parcel, **instead: str) -> Answer:
        """Send a bundle over a connection of its own."""
        with self.connected(**instead) as receiver:
            return receiver.send(what, time.time() + _SEND_SECONDS)

    def below(self, target: str) -> ContractReceiver:
        """The same at another path."""
        return replace(self, endpoint=replace(self.endpoint, target=target))


@pytest.fixture(scope="session")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Generator[ContractReceiver]:
    with ExitStack() as stack:
        url = os.environ.get("RECEIVER_URL")
        folder = tmp_path_factory.mktemp("inbox")
        yield stack.enter_context(_given(url) if url else _started(folder))


@contextmanager
def _started(folder: Path) -> Generator[ContractReceiver]:
    with running_listener(folder) as listener:
        endpoint = ReceiverEndpoint.of(listener.url, listener.address)
        yield ContractReceiver(endpoint, listener.secret(), checks_hash=True, listener=listener)


@contextmanager
def _given(url: str) -> Generator[ContractReceiver]:
    fields = {
        "ca_certificate": _file("RECEIVER_CA"),
        "certificate": _file("RECEIVER_CLIENT_CERTIFICATE"),
        "key": _file("RECEIVER_CLIENT_KEY"),
        "username": os.environ.get("RECEIVER_USERNAME", ""),
        "password": os.environ.get("RECEIVER_PASSWORD", ""),
        "header": os.environ.get("RECEIVER_HEADER", ""),
        "token": os.environ.get("RECEIVER_TOKEN", ""),
    }
    checks_hash = bool(os.environ.get("RECEIVER_CHECKS_HASH"))
    parts = urlsplit(url)
    if parts.scheme == "http":
        with store_front(url) as front:
            endpoint = ReceiverEndpoint.of(front.url + parts.path, LOOPBACK)
            yield ContractReceiver(endpoint, fields | {"ca_certificate": front.authority.pem}, checks_hash)
    else:
        address = os.environ.get("RECEIVER_ADDRESS") or str(
            socket.getaddrinfo(parts.hostname, None, socket.AF_INET)[0][4][0]
        )
        yield ContractReceiver(ReceiverEndpoint.of(url, address), fields, checks_hash)


def _file(variable: str) -> str:
    path = os.environ.get(variable)
    return Path(path).read_text(encoding="utf-8") if path else ""
