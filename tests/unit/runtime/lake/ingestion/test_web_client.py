from __future__ import annotations

import gzip
import socket
import ssl
import time
import zlib
from typing import TYPE_CHECKING

import pytest
from harness.scripted_receiver import AUTHORITY, server_context
from harness.scripted_server import Says, answer, chunked, scripted_server, unframed

from runtime.lake.ingestion.ports import WebAnswer, WebError, WebRequest
from runtime.lake.ingestion.web import body, connection
from runtime.lake.ingestion.web.client import WebClient

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = "93.184.215.14"
BODY = b'[{"id": 1}]'


def ask(
    url: str,
    *,
    client: WebClient | None = None,
    seconds: float = 30,
    bytes_max: int = 100_000,
    secret: tuple[tuple[str, str], ...] = (),
) -> WebAnswer:
    origin = "/".join(url.split("/")[:3])
    client = client or WebClient(frozenset({origin}))
    return client.get(WebRequest(url, (("Accept", "application/json"),), secret, time.time() + seconds, bytes_max))


def refused(url: str, *, client: WebClient | None = None, seconds: float = 30, bytes_max: int = 100_000) -> str:
    with pytest.raises(WebError) as caught:
        ask(url, client=client, seconds=seconds, bytes_max=bytes_max)
    return caught.value.reason


def resolving_to(*addresses: str) -> WebClient:
    return WebClient(resolver=lambda _host, _port: list(addresses))


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **__: object) -> socket.socket:
        raise AssertionError("nothing may be connected to")

    monkeypatch.setattr(connection.socket, "create_connection", connect)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (answer(BODY), BODY),
        (chunked(BODY), BODY),
        (unframed(BODY), BODY),
        (answer(b""), b""),
        (answer(gzip.compress(BODY), content_encoding="gzip"), BODY),
        (answer(gzip.compress(BODY[:4]) + gzip.compress(BODY[4:]), content_encoding="GZIP"), BODY),
        (answer(BODY, content_encoding="identity"), BODY),
    ],
)
def test_a_body_comes_as_it_is_but_unpacked(said: Says, expected: bytes) -> None:
    with scripted_server(said) as server:
        found = ask(f"{server.url}/posts?size=3")
    assert (found.status, found.body) == (200, expected)
    head = server.requests[0][0]
    assert head.startswith("GET /posts?size=3 HTTP/1.1\r\n")
    assert f"\r\nhost: {server.url[7:]}\r\n" in head.lower()
    assert "\r\naccept-encoding: gzip\r\n" in head.lower()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Says(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[", hangs_up=True), "not-http-or-cut"),
        (Says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n[", hangs_up=True), "not-http-or-cut"),
        (Says(b"SSH-2.0-OpenSSH\r\n", hangs_up=True), "not-http-or-cut"),
        (Says(b"", hangs_up=True), "not-http-or-cut"),
        (answer(BODY, big="x" * 400_000), "not-http-or-cut"),
        (answer(BODY, content_encoding="br"), "coding-unknown"),
        (answer(BODY, content_encoding="gzip, gzip"), "coding-unknown"),
        (answer(BODY, content_encoding="gzip"), "coding-broken"),
        (answer(gzip.compress(BODY)[:-3], content_encoding="gzip"), "body-cut"),
        (answer(b"x" * 100_001), "too-large"),
        (answer(gzip.compress(b"0" * 10_000_000), content_encoding="gzip"), "too-large"),
        (answer(b"", "302 Found"), "redirect-without-location"),
        (answer(b"", "302 Found", location="/again"), "too-many-redirects"),
    ],
)
def test_what_is_no_answer_has_a_name(said: Says, reason: str) -> None:
    with scripted_server(said) as server:
        assert refused(f"{server.url}/") == reason


def test_a_bomb_is_not_unpacked_beyond_the_bound() -> None:
    unpacked: list[int] = []
    made = zlib.decompressobj

    class Unpacker:
        def __init__(self) -> None:
            self._inner = made(31)

        def decompress(self, data: bytes, bound: int) -> bytes:
            found = self._inner.decompress(data, bound)
            unpacked.append(len(found))
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

    def make(_bits: int) -> Unpacker:
        return Unpacker()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(body.zlib, "decompressobj", make)
        collected = body.Body("gzip", 1000)
        with pytest.raises(WebError, match="too-large"):
            collected.add(gzip.compress(b"0" * 10_000_000))
    assert sum(unpacked) == 1001


@pytest.mark.parametrize("status", ["304 Not Modified", "404 Not Found", "429 Too Many Requests", "503 Busy"])
def test_another_status_comes_without_its_body(status: str) -> None:
    with scripted_server(Says(f"HTTP/1.1 {status}\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n".encode())) as server:
        found = ask(server.url)
    assert (found.status, found.body, found.headers["retry-after"]) == (int(status[:3]), b"", "7")


@pytest.mark.parametrize(
    "said",
    [
        Says(stalls=True),
        Says(b"HTTP/1.1 200 OK\r\n", drips=b"x"),
        Says(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", drips=b" "),
        Says(b"HTTP/1.1 200 OK\r\n\r\n", drips=b" "),
        Says(drips=b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_the_deadline_is_for_the_whole_whatever_drips(said: Says) -> None:
    with scripted_server(said) as server:
        began = time.monotonic()
        assert refused(server.url, seconds=0.2) == "timeout"
        assert time.monotonic() - began < 5


def test_a_name_that_nobody_resolves_in_time_is_left_behind() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        time.sleep(0.5)
        return [PUBLIC]

    began = time.monotonic()
    assert refused("https://api.example/", client=WebClient(resolver=resolver), seconds=0.05) == "look-up-timeout"
    assert time.monotonic() - began < 0.45


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["0.0.0.0"],  # noqa: S104 - what is refused
        ["169.254.169.254"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::a9fe:a9fe"],
        ["100.64.0.1"],
        [PUBLIC, "10.0.0.1"],
        ["10.0.0.1", PUBLIC],
        ["fe80::1%2"],
    ],
)
def test_a_name_with_any_address_that_is_not_public_is_refused_before_a_byte(addresses: list[str]) -> None:
    assert refused("https://api.example/", client=resolving_to(*addresses)) == "address-not-public"


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.example/", "not-https"),
        ("file:///etc/passwd", "not-https"),
        ("gopher://api.example/", "not-https"),
        ("https://user@api.example/", "url-with-user"),
        ("https://api.example@127.0.0.1/", "url-with-user"),
        ("https://2130706433/", "host-unreadable"),
        ("https://0x7f000001/", "host-unreadable"),
        ("https://0x7f.1/", "host-unreadable"),
        ("https://127.1/", "host-unreadable"),
        ("https://0177.0.0.1/", "host-unreadable"),
        ("https://1.2.3.4.5/", "host-unreadable"),
        ("https://api.example./", "host-unreadable"),
        ("https://api%2eexample/", "host-unreadable"),
        ("https:///x", "host-unreadable"),
        ("https://api.example\\@127.0.0.1/", "url-unreadable"),
        ("https://\u24d4xample.com/", "url-unreadable"),
        ("https://api.example:99999/", "url-unreadable"),
        ("https://[::1/", "url-unreadable"),
        ("https://127.0.0.1/", "address-not-public"),
        ("https://169.254.169.254/latest/meta-data", "address-not-public"),
        ("https://[::1]/", "address-not-public"),
        ("https://[::ffff:127.0.0.1]/", "address-not-public"),
        ("https://localhost/", "address-not-public"),
    ],
)
def test_a_url_that_only_looks_public_is_refused_by_name(url: str, reason: str) -> None:
    assert refused(url, client=WebClient()) == reason


class PublicServer:
    """A server that is reached at a public address, as far as the client knows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dialled: list[tuple[str, int]] = []
        self.looked_up: list[str] = []
        self.ports: dict[str, int] = {}
        self.answers: dict[str, Iterator[list[str]]] = {}
        real = socket.create_connection

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            self.dialled.append(address)
            return real(("127.0.0.1", self.ports[address[0]]), timeout=timeout)

        monkeypatch.setattr(connection.socket, "create_connection", connect)

    def resolve(self, host: str, _port: int) -> list[str]:
        self.looked_up.append(host)
        return next(self.answers[host])

    @property
    def client(self) -> WebClient:
        context = ssl.create_default_context(cadata=AUTHORITY.pem)
        return WebClient(context=context, resolver=self.resolve)


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> PublicServer:
    return PublicServer(monkeypatch)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_the_connection_goes_to_the_checked_address_with_the_name_in_sni_and_host(public: PublicServer) -> None:
    names: list[str | None] = []
    context = server_context(name="api.example")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with scripted_server(answer(BODY), tls=context) as server:
        public.ports[PUBLIC] = port_of(server.url)
        # A second look-up would say something else; there is none.
        public.answers["api.example"] = iter([[PUBLIC], ["127.0.0.1"]])
        assert ask("https://api.example/x", client=public.client).body == BODY
    assert (public.dialled, public.looked_up, names) == ([(PUBLIC, 443)], ["api.example"], ["api.example"])
    assert "\r\nhost: api.example\r\n" in server.requests[0][0].lower()


def test_a_certificate_for_another_name_is_not_trusted(public: PublicServer) -> None:
    with scripted_server(answer(BODY), tls=server_context(name="another.example")) as server:
        public.ports[PUBLIC] = port_of(server.url)
        public.answers["api.example"] = iter([[PUBLIC]])
        assert refused("https://api.example/x", client=public.client) == "certificate-not-trusted"
    assert server.requests == []


def test_a_plain_server_is_not_spoken_to(public: PublicServer) -> None:
    with scripted_server(answer(BODY)) as server:
        public.ports[PUBLIC] = port_of(server.url)
        public.answers["api.example"] = iter([[PUBLIC]])
        assert refused("https://api.example/x", client=public.client, seconds=2) in {"tls-failed", "tls-timeout"}


def test_no_proxy_is_asked(public: PublicServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with scripted_server(answer(BODY), tls=server_context(name="api.example")) as server:
        public.ports[PUBLIC] = port_of(server.url)
        public.answers["api.example"] = iter([[PUBLIC]])
        assert ask("https://api.example/x", client=public.client).body == BODY
    assert public.dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    ("location", "addresses", "reason"),
    [
        ("http://api.example/", [PUBLIC], "not-https"),
        ("https://169.254.169.254/", ["169.254.169.254"], "address-not-public"),
        ("https://inner.example/", ["10.0.0.7"], "address-not-public"),
        ("//inner.example/", ["10.0.0.7"], "address-not-public"),
        ("https://user@api.example/", [PUBLIC], "url-with-user"),
        ("https://2130706433/", ["127.0.0.1"], "host-unreadable"),
        ("/again", ["127.0.0.1"], "address-not-public"),
    ],
)
def test_every_hop_is_checked_anew(public: PublicServer, location: str, addresses: list[str], reason: str) -> None:
    redirect = answer(b"", "302 Found", location=location)
    with scripted_server(redirect, tls=server_context(name="api.example")) as server:
        public.ports[PUBLIC] = port_of(server.url)
        public.answers = {host: iter([addresses]) for host in ("inner.example", "169.254.169.254")}
        public.answers["api.example"] = iter([[PUBLIC], addresses])
        assert refused("https://api.example/", client=public.client) == reason
    assert len(server.requests) == 1


def test_what_authenticates_stays_with_the_origin_that_it_is_for(public: PublicServer) -> None:
    paths = {"/": "/next", "/next": "https://other.example/away", "/away": "https://api.example/back"}
    with (
        scripted_server(
            answer(BODY),
            by_path=lambda path: answer(b"", "307 Temporary Redirect", location=paths[path]) if path in paths else None,
            tls=server_context(name="*.example"),
        ) as server,
    ):
        public.ports[PUBLIC] = port_of(server.url)
        public.answers = {host: iter([[PUBLIC]] * 3) for host in ("api.example", "other.example")}
        context = ssl.create_default_context(cadata=AUTHORITY.pem)
        context.check_hostname = False
        client = WebClient(context=context, resolver=public.resolve)
        assert ask("https://api.example/", client=client, secret=(("Authorization", "Bearer t"),)).body == BODY
    sent = [(head.split()[1], "Bearer t" in head) for head, _ in server.requests]
    assert sent == [("/", True), ("/next", True), ("/away", False), ("/back", False)]


def test_the_next_address_is_tried_when_one_refuses(public: PublicServer) -> None:
    other = "93.184.215.15"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        public.ports[PUBLIC] = closed.getsockname()[1]
    with scripted_server(answer(BODY), tls=server_context(name="api.example")) as server:
        public.ports[other] = port_of(server.url)
        public.answers["api.example"] = iter([[PUBLIC, other], [PUBLIC]])
        assert ask("https://api.example/", client=public.client).body == BODY
        assert refused("https://api.example/", client=public.client) == "connection-refused"


@pytest.mark.parametrize("value", ["a\r\nX: y", "\u20ac", ""])
def test_a_secret_that_is_no_header_is_named_and_not_quoted(value: str) -> None:
    with scripted_server(answer(BODY)) as server:
        if not value:
            assert ask(server.url, secret=(("Token", value),)).body == BODY
            return
        with pytest.raises(WebError) as caught:
            ask(server.url, secret=(("Token", value),))
    assert str(caught.value) == "request-unsendable"
    assert caught.value.__suppress_context__


def test_a_host_that_nobody_knows_may_be_known_later() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(WebError) as caught:
        ask("https://api.example/", client=WebClient(resolver=resolver))
    assert (caught.value.reason, caught.value.may_pass) == ("host-unknown", True)
