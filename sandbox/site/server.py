"""Serves the site's bucket and the API as CloudFront does: same paths, same headers, one host."""

from __future__ import annotations

import gzip
import http.client
import re
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.clients_may_leave import ClientsMayLeave
from sandbox.localstack.ports import LOOPBACK
from sandbox.site.paths import api_path, is_for_api, key_of, rewritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mypy_boto3_s3 import S3Client

# As long as CloudFront waits for an origin unless it is set otherwise (CloudFront quotas, response timeout).
_ORIGIN_SECONDS: Final = 30.0
# Of one connection, and not of all that belongs to an answer (RFC 9110, section 7.6.1).
_HOP_BY_HOP: Final = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# What is said here of every answer, once.
_OWN: Final = {"content-length", "date", "server"}
# Smaller answers are not compressed (CloudFront developer guide, "Serve compressed files").
_LEAST_COMPRESSED_BYTES: Final = 1_000
_COMPRESSED: Final = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
_TAGS: Final = re.compile(r"[\x20-\x7e]+")
_GONE: Final = {"NoSuchKey", "404"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of one of the two origins."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Origins:
    """What is served.

    Attributes:
        s3: who may read the bucket.
        bucket: the site's.
        api_url: of the HTTP API, without a slash at the end.
        headers: what each answer carries beside its own.
    """

    s3: S3Client
    bucket: str
    api_url: str
    headers: Mapping[str, str]


class SiteServer(ClientsMayLeave, ThreadingHTTPServer):
    """The server, on the loopback interface."""

    daemon_threads = True
    # A browser keeps its connections open: nobody waits for it to let go of them.
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, origins: Origins) -> None:
        self.origins = origins
        super().__init__((LOOPBACK, port), _Request)


class _Request(BaseHTTPRequestHandler):
    server: SiteServer  # pyright: ignore[reportIncompatibleVariableOverride]  # what http.server itself makes of it
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file, or with what the API says."""
        if self._has_body():
            self.do_POST()
            return
        path, query = self._target()
        if is_for_api(path):
            self._send(self._of_api(path, query))
        else:
            self._send(self._of_site(path))

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self.do_GET()

    def do_OPTIONS(self) -> None:
        """Let the API answer; a file has no options."""
        if self._has_body():
            self.do_POST()
            return
        path, query = self._target()
        self._send(self._of_api(path, query) if is_for_api(path) else _refusal())

    def do_POST(self) -> None:
        """Refuse it, as CloudFront does where a behaviour does not name the method."""
        self.close_connection = True  # its body was not read
        self._send(_refusal())

    do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - http.server's names

    def _has_body(self) -> bool:
        """Tell whether a body follows, with which CloudFront refuses a GET.

        See CloudFront developer guide, "GET requests that include a body".
        """
        return self.headers.get("Content-Length", "0").strip() != "0" or "Transfer-Encoding" in self.headers

    def _target(self) -> tuple[str, str]:
        """Return path and query as they were sent; `self.path` has two slashes in front made one."""
        path, _, query = self.requestline.split()[1].partition("?")
        return path, query

    def _of_site(self, path: str) -> Answer:
        key = key_of(rewritten(path)) if path.startswith("/") else None
        return _missing() if key is None else _file(self.server.origins, key, self.headers.get("If-None-Match"))

    def _of_api(self, path: str, query: str) -> Answer:
        stripped = api_path(path)
        if stripped is None:
            return Answer(
                HTTPStatus.NOT_FOUND,
                {"Content-Type": "application/json"},
                b'{"message":"There is nothing at this path.","code":"no-such-path"}',
            )
        wanted = f"{stripped}?{query}" if query else stripped
        return _of_origin(self.server.origins.api_url, self.command, wanted, self.headers.items())

    def _send(self, answer: Answer) -> None:
        body, headers = answer.body, {name.title(): value for name, value in answer.headers.items()}
        if _compressible(headers, body) and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            if headers.get("Etag", "").startswith('"'):
                # Other bytes than the origin's, and the same for whoever reads them.
                headers["Etag"] = f"W/{headers['Etag']}"
        headers |= {name.title(): value for name, value in self.server.origins.headers.items()}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status not in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status not in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT):
            self.wfile.write(body)

    def version_string(self) -> str:
        """Say nothing of this machine's Python."""
        return "site"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has above
        """Write nothing: what runs beside this prints to the same terminal."""


def _file(origins: Origins, key: str, known: str | None) -> Answer:
    """Return a file of the bucket, or that it is the one that the client has."""
    # What no tag can be is none that S3 knows, and botocore could not send it.
    asked: Any = {"IfNoneMatch": known.removeprefix("W/")} if known and _TAGS.fullmatch(known) else {}
    try:
        found = origins.s3.get_object(Bucket=origins.bucket, Key=key, **asked)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "304":
            return Answer(HTTPStatus.NOT_MODIFIED, {"ETag": known or ""})
        return _missing() if code in _GONE else _unreachable(f"S3: {code}")
    except BotoCoreError as error:
        return _unreachable(str(error))
    return Answer(
        HTTPStatus.OK,
        {
            "Content-Type": found["ContentType"],
            "Cache-Control": found.get("CacheControl", ""),
            "ETag": found["ETag"],
            "Last-Modified": found["ResponseMetadata"]["HTTPHeaders"].get("last-modified", ""),
        },
        found["Body"].read(),
    )


def _of_origin(url: str, method: str, path: str, headers: Iterable[tuple[str, str]]) -> Answer:
    """Return what the API answers to a request with these headers but the host's."""
    origin = urlsplit(url)
    connection = http.client.HTTPConnection(origin.hostname or "", origin.port, timeout=_ORIGIN_SECONDS)
    passed = {name: value for name, value in headers if name.lower() not in {*_HOP_BY_HOP, "host"}}
    try:
        connection.request(method, origin.path + path, headers=passed)
        answer = connection.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in {*_HOP_BY_HOP, *_OWN}}
        return Answer(answer.status, kept, answer.read())
    except (ValueError, http.client.InvalidURL):  # characters of a path or a header that http.client does not send
        return _unreadable()
    except (OSError, http.client.HTTPException) as error:
        return _unreachable(str(error))
    finally:
        connection.close()


def _compressible(headers: Mapping[str, str], body: bytes) -> bool:
    return (
        len(body) >= _LEAST_COMPRESSED_BYTES
        and "Content-Encoding" not in headers
        and headers.get("Content-Type", "").startswith(_COMPRESSED)
    )


def _missing() -> Answer:
    """Return S3's own answer, which CloudFront passes on."""
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>'
    return Answer(HTTPStatus.NOT_FOUND, {"Content-Type": "application/xml"}, body)


def _refusal() -> Answer:
    return Answer(HTTPStatus.FORBIDDEN, {"Content-Type": "text/plain"}, b"This method is not taken here.\n")


def _unreadable() -> Answer:
    """Return what CloudFront says to a request that is none."""
    return Answer(HTTPStatus.BAD_REQUEST, {"Content-Type": "text/plain"}, b"This is no request.\n")


def _unreachable(reason: str) -> Answer:
    return Answer(HTTPStatus.BAD_GATEWAY, {"Content-Type": "text/plain"}, f"{reason}\n".encode())
