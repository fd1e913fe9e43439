"""A receiver that keeps the contract of NiFi's ListenHTTP over TLS, and of the flow behind it, as a program.

    python -m sandbox.receivers.listener --certificate server.pem --key server.key --folder out/inbox

It checks the hash, looks for the delivery without noting it, keeps and unpacks the bundle, notes the delivery, and only
then answers 200 with an empty body (docs/receiver-answers.md). It prints a line of JSON once it listens; each line on
standard input is a `Behaviour`, which it confirms, and at the end of input it ends.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from baler.files.unpacking.bad_bundle import BadBundleError
from sandbox.localstack.ports import LOOPBACK
from sandbox.receivers.behaviour import Behaviour
from sandbox.receivers.inbox import ConflictError, Delivery, FullError, Inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

BASE_PATH: Final = "/contentListener"
"""NiFi's own default."""
REQUESTS: Final = "requests.jsonl"
"""In the folder: a line for each request, with its answer."""

# As Jetty has them in NiFi: requests with larger headers are refused, and idle connections closed.
_HEADER_BYTES: Final = 8 * 1024
_IDLE_SECONDS: Final = 30.0
_HANDSHAKE_SECONDS: Final = 10.0
_BLOCK_BYTES: Final = 256 * 1024
_LINGER_SECONDS: Final = 0.5
_LINGER_BLOCKS: Final = 256
# As Java writes them.
_SHORT_NAMES: Final = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}


class _Listener(ThreadingHTTPServer):
    """The server; its attributes are what requests need."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext, folder: Path, behaviour: Behaviour) -> None:
        self.context = context
        self.inbox = Inbox(folder)
        self.behaviour = behaviour
        self._requests = folder / REQUESTS
        self._lock = threading.Lock()
        super().__init__((LOOPBACK, port), _Request)

    def finish_request(self, request: Any, client_address: Any) -> None:
        sock: socket.socket = request
        sock.settimeout(_HANDSHAKE_SECONDS)
        # Who leaves half-way, or does not like the certificate, is gone.
        with suppress(OSError), self.context.wrap_socket(sock, server_side=True) as wire:
            super().finish_request(wire, client_address)

    def log(self, **fields: object) -> None:
        """Write a line about a request."""
        line = json.dumps({"time": time.time(), **fields})
        with self._lock, self._requests.open("a", encoding="utf-8") as log:
            log.write(line + "\n")


class _Request(BaseHTTPRequestHandler):
    """One connection with its requests."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: _Listener  # pyright: ignore[reportIncompatibleVariableOverride]  # it is made by no other

    def setup(self) -> None:
        super().setup()
        self.behaviour = self.server.behaviour
        self._body_bytes = 0

    def handle_one_request(self) -> None:
        self._body_bytes = 0
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Say nothing yet: the body is wanted only once its head was judged."""
        return True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: `log` does."""

    def do_HEAD(self) -> None:
        """Answer whether somebody is there."""
        self._answer(HTTPStatus.OK if self._path == BASE_PATH else HTTPStatus.METHOD_NOT_ALLOWED)

    def do_POST(self) -> None:
        """Take a bundle."""
        self.behaviour = self.server.behaviour
        refusal = self._refusal()
        if refusal is not None:
            self._answer(refusal, rest_unread=True)
            return
        if self.headers.get("Expect", "").lower() == "100-continue" and self.behaviour.knows_expect:
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
        draft = self.server.inbox.draft()
        try:
            digest = self._receive(draft)
            if digest is None:
                self.close_connection = True  # it broke off: nothing is stored
                self._log("cut")
                return
            status = self._judged(draft, digest)
            time.sleep(self.behaviour.delay_seconds)
            if self.behaviour.silent:
                self.close_connection = True
                self._log("silent")
                return
            self._answer(status)
        finally:
            draft.unlink(missing_ok=True)

    def do_GET(self) -> None:
        """Refuse it: only POST and HEAD are taken."""
        self._answer(HTTPStatus.METHOD_NOT_ALLOWED, rest_unread=True)

    do_PUT = do_GET  # noqa: N815 - http.server's names

    @property
    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _refusal(self) -> int | None:
        """Judge a head; the status that refuses it, or None."""
        header_bytes = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        refusals = {
            HTTPStatus.METHOD_NOT_ALLOWED: self._path != BASE_PATH,
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: header_bytes > _HEADER_BYTES,
            HTTPStatus.FORBIDDEN: not self._is_known_subject(),
            HTTPStatus.UNAUTHORIZED: not self._is_known_caller(),
            self.behaviour.status: self.behaviour.status > 0,
            HTTPStatus.EXPECTATION_FAILED: self.behaviour.refuses_expect and "Expect" in self.headers,
            HTTPStatus.LENGTH_REQUIRED: "Content-Length" not in self.headers,
        }
        return next((status for status, applies in refusals.items() if applies), None)

    def _is_known_subject(self) -> bool:
        if not self.behaviour.subjects:
            return True
        wire: Any = self.connection
        certificate: dict[str, Any] = wire.getpeercert() or {}
        names: list[tuple[str, str]] = [pair for parts in certificate.get("subject", ()) for pair in parts]
        subject = ", ".join(f"{_SHORT_NAMES.get(name, name)}={value}" for name, value in reversed(names))
        return re.fullmatch(self.behaviour.subjects, subject) is not None

    def _is_known_caller(self) -> bool:
        behaviour = self.behaviour
        wanted: list[tuple[str, str]] = []
        if behaviour.user:
            pair = base64.b64encode(f"{behaviour.user}:{behaviour.password}".encode()).decode()
            wanted.append(("Authorization", f"Basic {pair}"))
        if behaviour.header:
            wanted.append((behaviour.header, behaviour.token))
        return all(hmac.compare_digest(self.headers.get(name, "").encode(), value.encode()) for name, value in wanted)

    def _receive(self, draft: Path) -> str | None:
        """Write the body to a file and return its hash; None where it broke off."""
        left = int(self.headers["Content-Length"])
        digest = hashlib.sha256()
        with draft.open("wb") as sink:
            while left:
                try:
                    piece = self.rfile.read1(min(left, _BLOCK_BYTES))  # pyright: ignore[reportAttributeAccessIssue]  # it is buffered
                except OSError:
                    return None
                if not piece:
                    return None
                digest.update(piece)
                sink.write(piece)
                left -= len(piece)
                self._body_bytes += len(piece)
        return digest.hexdigest()

    def _judged(self, draft: Path, digest: str) -> int:
        delivery = Delivery(
            self.headers.get("X-Bundle-Id", ""),
            self.headers.get("X-Replay-Id", ""),
            self.headers.get("X-Content-SHA256", ""),
        )
        if digest != delivery.sha256:
            return HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            delivery.check()
            behaviour = self.behaviour
            self.server.inbox.take(draft, delivery, notes_first=behaviour.notes_first, full=not behaviour.keeps)
        except BadBundleError:
            return HTTPStatus.UNPROCESSABLE_ENTITY
        except ConflictError:
            return HTTPStatus.CONFLICT
        except FullError:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return HTTPStatus.OK

    def _answer(self, status: int, *, rest_unread: bool = False) -> None:
        self.send_response(status)
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Basic")
        if self.behaviour.retry_after:
            self.send_header("Retry-After", self.behaviour.retry_after)
        body = b"x" * self._body_bytes if self.behaviour.echoes else b""
        self.send_header("Content-Length", str(len(body)))
        if rest_unread:
            # What follows would be the body, sent or not.
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self._log(status)
        if self.command != "HEAD":
            self.wfile.write(body)
        if rest_unread:
            self._linger()

    def _linger(self) -> None:
        """End the connection as RFC 9112 (9.6) has it, or the kernel may drop the answer with what was not read."""
        wire: Any = self.connection
        wire.shutdown(socket.SHUT_WR)
        wire.settimeout(_LINGER_SECONDS)
        with suppress(OSError):
            for _ in range(_LINGER_BLOCKS):
                if not wire.recv(_BLOCK_BYTES):
                    return

    def _log(self, outcome: int | str) -> None:
        secret = {"authorization", self.behaviour.header.lower()}
        self.server.log(
            method=self.command,
            path=self.path,
            outcome=int(outcome) if isinstance(outcome, int) else outcome,
            body_bytes=self._body_bytes,
            headers=[list(pair) for pair in self.headers.items() if pair[0].lower() not in secret],
        )


def server_context(certificate: Path, key: Path, client_authority: Path | None) -> ssl.SSLContext:
    """Return what the listener shows, and whom it lets in.

    Args:
        certificate: PEM, its own.
        key: PEM.
        client_authority: PEM of those who vouch for clients; None to let in clients without a certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_authority)
    return context


def main(arguments: Sequence[str] | None = None) -> int:
    """Listen until the end of standard input."""
    asked = _parser().parse_args(arguments)
    behaviour = Behaviour(
        subjects=asked.subjects, user=asked.user, password=asked.password, header=asked.header, token=asked.token
    )
    context = server_context(asked.certificate, asked.key, asked.client_ca)
    asked.folder.mkdir(parents=True, exist_ok=True)
    with _Listener(asked.port, context, asked.folder, behaviour) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        _say({"listening": server.server_address[1]})
        for line in sys.stdin:
            server.behaviour = Behaviour.parse(line)
            _say({"behaves": True})
        server.shutdown()
    return 0


def _say(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.receivers.listener", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on the loopback interface; 0 for a free one")
    parser.add_argument("--folder", type=Path, required=True, help="what is received: received/, bundles/, noted/")
    parser.add_argument("--certificate", type=Path, required=True, help="PEM, the listener's own")
    parser.add_argument("--key", type=Path, required=True, help="PEM")
    parser.add_argument("--client-ca", type=Path, help="PEM; clients must then show a certificate that it signed")
    parser.add_argument("--subjects", default="", help="pattern for the subjects of clients, as 'O=Baler, CN=.*'")
    parser.add_argument("--user", default="", help="of basic authentication")
    parser.add_argument("--password", default="")
    parser.add_argument("--header", default="", help="that every request must have, with the value of --token")
    parser.add_argument("--token", default="")
    return parser


if __name__ == "__main__":
    sys.exit(main())
