"""The site on this machine: which file a path gets, what every answer carries, and what goes to the API."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
import pytest
from moto import mock_aws

from components.lake.site.headers import SecurityHeaders
from sandbox.clients_may_leave import ClientsMayLeave
from sandbox.engine.endpoint import Endpoint
from sandbox.errors import SandboxError
from sandbox.site.running_site import running_site

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

BUCKET: Final = "site"
HEADERS: Final = SecurityHeaders(["sha256-" + "A" * 43 + "="])
LONG: Final = b"<!doctype html>" + b"record " * 1000
FILES: Final = {
    "index.html": (b"<!doctype html>start", "text/html; charset=utf-8", "no-cache"),
    "config.json": (b'{"apiUrl": "/api"}', "application/json", "no-cache"),
    "records/index.html": (b"<!doctype html>records", "text/html; charset=utf-8", "no-cache"),
    "records/_/index.html": (LONG, "text/html; charset=utf-8", "no-cache"),
    "records/_/__next.records.$d$id.txt": (b"data", "text/plain; charset=utf-8", "no-cache"),
    "_next/static/a.js": (b"'use strict'", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
}
RECORDS: Final = json.dumps({"records": [], "count": 0, "lastKey": None}).encode()


@dataclass
class Api:
    """An API that notes what it is asked."""

    url: str
    requests: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list[Any])


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Site:
    url: str
    api: Api

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a path as it is: clients that know better resolve dots themselves."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def api() -> Generator[Api]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noted.requests.append((self.command, self.path, dict(self.headers.items())))
            self.send_response(404 if "nobody" in self.path else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "private, max-age=5")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(RECORDS)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(RECORDS)

        do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted = Api(f"http://127.0.0.1:{server.server_address[1]}/_aws/execute-api/abc")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield noted
    server.shutdown()
    server.server_close()
    thread.join()


class _InThisProcess(Endpoint):
    def _client(self, service: str) -> Any:
        session: Any = boto3.Session("test", "test", region_name=self.region)
        return session.client(service)


@pytest.fixture(scope="module")
def site(api: Api) -> Generator[Site]:
    with mock_aws():
        aws = _InThisProcess("http://moto", "us-east-1")
        aws.s3.create_bucket(Bucket=BUCKET)
        for key, (body, content_type, kept) in FILES.items():
            aws.s3.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType=content_type, CacheControl=kept)
        with running_site(aws, bucket=BUCKET, api_url=api.url, headers=HEADERS) as url:
            yield Site(url, api)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "index.html"),
        ("/?utm=1", "index.html"),
        ("/config.json", "config.json"),
        ("/records", "records/index.html"),
        ("/records/?source=a&lastKey=b%2Fc", "records/index.html"),
        ("/records/jsonplaceholder-7/", "records/_/index.html"),
        ("/records/jsonplaceholder-7/__next.records.$d$id.txt?_rsc=1", "records/_/__next.records.$d$id.txt"),
        ("/records/jsonplaceholder-7/__next.records.%24d%24id.txt", "records/_/__next.records.$d$id.txt"),
        ("/_next/static/a.js", "_next/static/a.js"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_path_gets_its_file(site: Site, path: str, key: str, method: str) -> None:
    body, content_type, kept = FILES[key]
    found = site.ask(path, method)
    assert (found.status, found.body) == (200, body if method == "GET" else b"")
    assert (found.headers["content-type"], found.headers["cache-control"]) == (content_type, kept)
    assert found.headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/nowhere/",
        "/_next/static/old.js",
        "/records/a%2Fb/",
        "/records/%2e%2e/config.json",
        "/records/../config.json",
        "/../config.json",
        "/..%2fconfig.json",
        "//config.json",
        "//",
        "/records//",
        "/index.txt",
        "/records/jsonplaceholder-7/index.txt",
        "/api",
        "/%ff.js",
        "/a%00.js",
    ],
)
def test_what_is_not_there_is_a_404_and_no_page(site: Site, path: str) -> None:
    found = site.ask(path)
    assert (found.status, found.headers["content-type"]) == (404, "application/xml")
    assert b"<html" not in found.body


def test_every_answer_carries_the_headers_of_the_distribution(site: Site) -> None:
    wanted = {name.lower(): value for name, value in HEADERS.by_name().items()}
    for path in ("/", "/nowhere", "/_next/static/a.js", "/api/records", "/api/nobody", "/x/../api/records"):
        assert wanted.items() <= site.ask(path).headers.items(), path
    assert wanted.items() <= site.ask("/", "POST").headers.items()


def test_a_file_that_the_client_has_is_not_sent_again(site: Site) -> None:
    tag = site.ask("/records/a-1/").headers["etag"]
    for known in (tag, f"W/{tag}"):
        found = site.ask("/records/b-2/", headers={"If-None-Match": known})
        assert (found.status, found.body, found.headers["etag"]) == (304, b"", known)
    assert site.ask("/", headers={"If-None-Match": tag}).status == 200


def test_a_long_text_is_compressed_for_those_who_can_read_it(site: Site) -> None:
    found = site.ask("/records/a-1/", headers={"Accept-Encoding": "gzip, br"})
    assert (found.headers["content-encoding"], found.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert found.headers["etag"].startswith('W/"')
    assert gzip.decompress(found.body) == LONG
    assert "content-encoding" not in site.ask("/", headers={"Accept-Encoding": "gzip"}).headers


def test_the_api_is_asked_without_the_prefix_and_without_the_host(site: Site) -> None:
    site.api.requests.clear()
    found = site.ask("/api/records?limit=5&lastKey=a%2Fb", headers={"Authorization": "Bearer t", "Connection": "x"})
    assert (found.status, found.body) == (200, RECORDS)
    assert found.headers["cache-control"] == "private, max-age=5"
    [(method, path, headers)] = site.api.requests
    assert (method, path) == ("GET", "/_aws/execute-api/abc/records?limit=5&lastKey=a%2Fb")
    assert headers["Authorization"] == "Bearer t"
    assert headers["Host"] == urlsplit(site.api.url).netloc


def test_what_the_api_says_is_passed_on_as_it_is(site: Site) -> None:
    missing = site.ask("/api/records/nobody")
    assert (missing.status, missing.headers["content-type"], missing.body) == (404, "application/json", RECORDS)
    assert site.ask("/api/records", "HEAD").body == b""
    assert site.ask("/api/records", "OPTIONS").headers["access-control-allow-origin"] == "*"


def test_what_is_no_path_of_the_api_does_not_reach_it(site: Site) -> None:
    site.api.requests.clear()
    found = site.ask("/x/../api/records")
    assert (found.status, json.loads(found.body)["code"]) == (404, "no-such-path")
    assert site.ask("/api/../config.json").status == 404
    assert not site.api.requests


@pytest.mark.parametrize(("path", "method"), [("/", "POST"), ("/api/records", "POST"), ("/", "OPTIONS")])
def test_a_method_that_no_behaviour_names_is_refused(site: Site, path: str, method: str) -> None:
    site.api.requests.clear()
    assert site.ask(path, method).status == 403
    assert not site.api.requests


def test_an_api_that_is_away_is_a_bad_gateway() -> None:
    with (
        mock_aws(),
        running_site(
            _InThisProcess("http://moto", "us-east-1"), bucket="nobodys", api_url="http://127.0.0.1:9", headers=HEADERS
        ) as url,
    ):
        assert Site(url, Api("")).ask("/api/records").status == 502
        # There is no such bucket either.
        assert Site(url, Api("")).ask("/").status == 502


def test_a_port_that_is_taken_is_named(site: Site) -> None:
    port = urlsplit(site.url).port or 0
    endpoint = Endpoint("http://127.0.0.1:9", "us-east-1")
    with (
        pytest.raises(SandboxError, match=str(port)),
        running_site(endpoint, bucket=BUCKET, api_url="http://127.0.0.1:9", headers=HEADERS, port=port),
    ):
        pass


def test_no_answer_says_twice_when_and_by_whom(site: Site) -> None:
    for path in (b"/", b"/api/records"):
        head = _said(site, b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").partition(
            b"\r\n\r\n"
        )[0]
        names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
        assert sorted(names) == sorted(set(names)), head


def _said(site: Site, request: bytes) -> bytes:
    where = urlsplit(site.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        (b"GET /api/records/\xc3\xa9", b"", 400),
        (b"GET /api/records/a\x7fb", b"", 400),
        (b"GET /", b'If-None-Match: "\xc3\xa9"\r\n', 200),
        (b"GET /\xc3\xa9", b"", 404),
        (b"GET /", b"Content-Length: 5\r\n", 403),
        (b"GET /api/records", b"Transfer-Encoding: chunked\r\n", 403),
        (b"PUT /api/records", b"Content-Length: 5\r\n", 403),
        (b"DELETE /", b"", 403),
    ],
)
def test_a_request_that_no_browser_makes_is_answered_and_prints_nothing(
    site: Site, capfd: pytest.CaptureFixture[str], request_line: bytes, headers: bytes, status: int
) -> None:
    answer = _said(site, request_line + b" HTTP/1.1\r\nHost: a\r\n" + headers + b"Connection: close\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_leaves_half_way_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    tried = threading.Event()

    class Server(ClientsMayLeave, ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            super().handle_error(request, client_address)
            tried.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/fault":
                raise ValueError("a fault of ours")
            while True:
                self.wfile.write(bytes(65536))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Write nothing."""

    printed = {}
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        for path in ("/half", "/fault"):
            with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as client:
                client.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
                client.recv(1)
            assert tried.wait(20)
            tried.clear()
            printed[path] = capfd.readouterr().err
        server.shutdown()
        thread.join()
    assert not printed["/half"]
    assert "a fault of ours" in printed["/fault"]
