"""One GET, over as many connections as it has redirects."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import h11

from runtime.lake.ingestion.ports import WebAnswer, WebError
from runtime.lake.ingestion.web.body import ACCEPTED, Body
from runtime.lake.ingestion.web.connection import Connection, client_context
from runtime.lake.ingestion.web.target import Target, addresses_of, resolve

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from runtime.lake.ingestion.ports import WebRequest

REDIRECTS_MAX: Final = 3

_HEAD_BYTES: Final = 32 * 1024
_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
# Of one connection, and a source is asked a few times a run: no connection is kept.
_COMMON: Final = (("User-Agent", "baler"), ("Accept-Encoding", ACCEPTED), ("Connection", "close"))


@dataclass(frozen=True, slots=True)
class WebClient:
    """Asks servers of others. Threads may share it.

    Attributes:
        open_origins: origins whose addresses are not checked and which need not be of HTTPS.
        context: of TLS.
        resolver: returns the addresses of a host and port.
    """

    open_origins: frozenset[str] = frozenset()
    context: ssl.SSLContext = field(default_factory=client_context)
    resolver: Callable[[str, int], list[str]] = resolve

    def get(self, request: WebRequest) -> WebAnswer:
        """Ask once, see the port; a redirect is asked as a request of its own, with all checks anew.

        Raises:
            WebError: nothing came back that can be used.
        """
        target = Target.of(request.url, self.open_origins)
        url, first = request.url, target.origin
        for _ in range(REDIRECTS_MAX + 1):
            # Once elsewhere, what authenticates stays away even from a way back: others chose it.
            trusted = target.origin == first
            first = first if trusted else ""
            headers = (*request.headers, *(request.secret_headers if trusted else ()))
            answer = self._ask(target, url, headers, request)
            if answer.status not in _REDIRECTS:
                return answer
            location = answer.headers.get("location", "")
            if not location:
                raise WebError("redirect-without-location", may_pass=False)
            try:
                url = urljoin(url, location)
            except ValueError as error:
                raise WebError("url-unreadable", may_pass=False) from error
            target = Target.of(url, self.open_origins)
        raise WebError("too-many-redirects", may_pass=False)

    def _ask(self, target: Target, url: str, headers: tuple[tuple[str, str], ...], request: WebRequest) -> WebAnswer:
        if time.time() >= request.deadline:
            raise WebError("timeout", may_pass=False)
        addresses = addresses_of(target, self.resolver, request.deadline)
        connection = Connection.open(target, addresses, self.context, request.deadline)
        try:
            return _exchanged(connection, target, url, headers, request.bytes_max)
        except TimeoutError as error:
            raise WebError("timeout", may_pass=False) from error
        except OSError as error:
            raise WebError("connection-cut", may_pass=True) from error
        except (h11.LocalProtocolError, UnicodeEncodeError):  # which quote the value of a header, and so a secret
            raise WebError("request-unsendable", may_pass=False) from None
        except h11.RemoteProtocolError as error:
            raise WebError("not-http-or-cut", may_pass=True) from error
        finally:
            connection.close()


def _exchanged(
    connection: Connection, target: Target, url: str, headers: tuple[tuple[str, str], ...], bytes_max: int
) -> WebAnswer:
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
    head = h11.Request(method="GET", target=target.path, headers=[("Host", target.host_header), *_COMMON, *headers])
    connection.send((http.send(head) or b"") + (http.send(h11.EndOfMessage()) or b""))
    answer: h11.Response | None = None
    body: Body | None = None
    while not isinstance(event := http.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
        if event is h11.NEED_DATA:
            http.receive_data(connection.receive())
        elif isinstance(event, h11.Response):
            answer = event
            if event.status_code != HTTPStatus.OK:
                break  # what it has to say beside is of no use, and may be without end
            body = Body(_joined(event, b"content-encoding"), bytes_max)
        elif isinstance(event, h11.Data) and body is not None:
            body.add(bytes(event.data))
    if answer is None:
        raise h11.RemoteProtocolError("the connection ended before an answer")
    return WebAnswer(answer.status_code, _headers(answer), b"" if body is None else body.whole(), url)


def _headers(answer: h11.Response) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in answer.headers:
        text = value.decode("latin-1")
        key = name.decode("ascii")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _joined(answer: h11.Response, name: bytes) -> str:
    return _headers(answer).get(name.decode("ascii"), "")
