"""Status and headers are read as http.client reads them, only sooner."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest

from baler.aws.http.response import Headers, Response, read_headers

HEADERS = {
    "as S3 sends them": b'Content-Length: 5\r\nETag: "e"\r\nx-amz-version-id: v1\r\n',
    "none": b"",
    "no space, many, tabs, and at the end": b"a:1\r\nb:   2\r\nc:\t3 \t\r\n",
    "no value": b"a:\r\nb: \r\n",
    "a name twice": b"content-length: 5\r\nContent-Length: 6\r\n",
    "colons": b"location: http://a:80/b\r\n",
    "beyond ASCII": "x-amz-meta-name: \u00e9\r\n".encode(),
    "bare line feeds": b"a: 1\nb: 2\n",
    "a line that goes on": b"a: 1\r\n 2\r\nb: 3\r\n",
    "a carriage return within": b"a: 1\rb: 2\r\n",
    "a space before the colon": b"a : 1\r\n",
    "no colon": b"a: 1\r\nwhat\r\nb: 2\r\n",
    "no name": b": 1\r\n",
    "a name beyond ASCII": "\u00e9: 1\r\n".encode(),
    "of a mailbox": b"From a@b\r\na: 1\r\n",
}
STATUS = [
    "HTTP/1.1 200 OK",
    "HTTP/1.0 200 OK",
    "HTTP/0.9 200",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 100 Continue\r\nwhat: ever\r\n\r\nHTTP/1.1 200 OK",
    "HTTP/1.1 102 Processing",
]
FRAMES = [
    "",
    "content-length: 5",
    "content-length: -5",
    "content-length: five",
    "transfer-encoding: Chunked",
    "transfer-encoding: gzip",
    "transfer-encoding: chunked\r\ncontent-length: 5",
    "connection: close\r\ncontent-length: 5",
    "connection: Keep-Alive\r\ncontent-length: 5",
    "keep-alive: timeout=5\r\ncontent-length: 5",
]


class Wire:
    """A connection on which one answer has come."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(self._raw))  # pyright: ignore[reportArgumentType]  # raw enough


def begun(kind: type[http.client.HTTPResponse], raw: bytes, method: str) -> Any:
    wire: Any = Wire(raw)
    response = kind(wire, method=method)
    response.begin()
    return response


@pytest.mark.parametrize("raw", HEADERS.values(), ids=HEADERS.keys())
def test_headers_are_those_that_http_client_finds(raw: bytes) -> None:
    found, expected = io.BytesIO(raw + b"\r\nbody"), io.BytesIO(raw + b"\r\nbody")
    headers, other = read_headers(found), http.client.parse_headers(expected)
    assert list(headers.items()) == list(other.items())
    assert [headers.get(name.upper()) for name in other] == [other.get(name) for name in other]
    assert headers.get("missing", "none") == "none"
    assert headers.defects == other.defects or [*map(type, headers.defects)] == [*map(type, other.defects)]
    assert found.read() == expected.read()


def test_headers_as_s3_sends_them_are_not_left_to_http_client() -> None:
    assert isinstance(read_headers(io.BytesIO(HEADERS["as S3 sends them"] + b"\r\n")), Headers)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("status", STATUS)
def test_an_answer_begins_as_one_of_http_client(status: str, frame: str, method: str) -> None:
    raw = f"{status}\r\n{frame}{frame and chr(13) + chr(10)}\r\nhello".encode()
    ours, theirs = begun(Response, raw, method), begun(http.client.HTTPResponse, raw, method)
    for name in ("version", "status", "code", "reason", "chunked", "length", "will_close"):
        assert getattr(ours, name) == getattr(theirs, name), name
    if not ours.chunked:
        assert ours.read() == theirs.read()


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"HTTP/2 200 OK\r\n\r\n", http.client.UnknownProtocol),
        (b"what?\r\n\r\n", http.client.BadStatusLine),
        (b"", http.client.RemoteDisconnected),
        (b"HTTP/1.1 200 OK\r\na: " + b"x" * 70_000, http.client.LineTooLong),
        (b"HTTP/1.1 200 OK\r\n" + b"a: 1\r\n" * 2000, http.client.HTTPException),
    ],
)
def test_what_is_no_answer_is_refused_as_by_http_client(raw: bytes, error: type[Exception]) -> None:
    for kind in (Response, http.client.HTTPResponse):
        with pytest.raises(error):
            begun(kind, raw, "GET")
