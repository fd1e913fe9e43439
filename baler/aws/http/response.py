"""http.client's response, whose headers are read as lines of HTTP and not by the parser of e-mail.

That parser took a fifth of the CPU time that a small file costs. Only what it does with lines of the form `name: value`
is done here, to the same effect (a test compares); all else is left to it.
"""

from __future__ import annotations

import http.client
import re
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

# A token of visible ASCII, and a value without line ends; bytes beyond ASCII are ISO 8859-1, as http.client has it.
_LINE: Final = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n]*)\r?\n")
_LINE_BYTES_MAX: Final = 65536
_WITHOUT_BODY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_END: Final = frozenset({b"\r\n", b"\n", b""})


class Headers(http.client.HTTPMessage):
    """The headers of an answer; of those that have one name, the first is found by it, as in any message."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in pairs:
            self.set_raw(name, value)
        self._pairs = pairs
        self._first = {name.lower(): value for name, value in reversed(pairs)}

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return the value of the first of a name, in any case."""
        return self._first.get(name.lower(), failobj)

    def items(self) -> list[tuple[str, str]]:
        """Return all, as they came."""
        return self._pairs


class Response(http.client.HTTPResponse):
    """The response class of a connection."""

    if TYPE_CHECKING:  # the base class's, which its stub leaves out
        _method: str
        code: int

        def _read_status(self) -> tuple[str, int, str]: ...
        def _check_close(self) -> bool: ...

    def begin(self) -> None:
        """Read status and headers, as the base class does, of which all else is the base class's."""
        if self.headers is not None:  # pyright: ignore[reportUnnecessaryComparison]  # it is until this has run
            return
        version, status, reason = self._read_status()
        while status == HTTPStatus.CONTINUE:
            _ = read_headers(self.fp)
            version, status, reason = self._read_status()
        if not version.startswith(("HTTP/1.", "HTTP/0.9")):
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version in {"HTTP/1.0", "HTTP/0.9"} else 11
        self.code = self.status = status
        self.reason = reason.strip()
        self.headers = self.msg = headers = read_headers(self.fp)
        self.chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = None if self.chunked else _length(headers.get("content-length", ""))
        if status in _WITHOUT_BODY or status < HTTPStatus.OK or self._method == "HEAD":
            self.length = 0
        # Without a length, the end of the body is that of the connection.
        self.will_close = self._check_close() or (not self.chunked and self.length is None)


def read_headers(stream: Any) -> http.client.HTTPMessage:
    """Read headers and the empty line after them.

    Raises:
        HTTPException: they are too many, or one is too long; see `http.client`.
    """
    lines: list[bytes] = []
    most: int = http.client._MAXHEADERS  # type: ignore[attr-defined] # noqa: SLF001 # pyright: ignore[reportAttributeAccessIssue]  # see connections.py
    while (line := stream.readline(_LINE_BYTES_MAX + 1)) not in _END:
        if len(line) > _LINE_BYTES_MAX:
            raise http.client.LineTooLong("header line")
        lines.append(line)
        if len(lines) >= most:
            raise http.client.HTTPException(f"got more than {most} headers")
    pairs: list[tuple[str, str]] = []
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            return http.client.parse_headers(BytesIO(b"".join(lines)))
        pairs.append((found[1].decode("ascii"), found[2].decode("iso-8859-1")))
    return Headers(pairs)


def _length(told: str) -> int | None:
    try:
        length = int(told)
    except ValueError:
        return None
    return length if length >= 0 else None
