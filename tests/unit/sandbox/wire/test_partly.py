"""baler_wire: what LocalStack is asked of a batch that is refused in part, and what its client is answered."""

from __future__ import annotations

import io
import json
import zlib
from typing import Any

import pytest
from baler_wire.partly import partly


class Table:
    """Stands in for LocalStack: answers a BatchWriteItem, or fails."""

    def __init__(self, status: str = "200 OK") -> None:
        self.asked: list[Any] = []
        self._status = status

    def __call__(self, environment: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environment["wsgi.input"].read()
        (length,) = (value for name, value in environment["rolo.headers"] if name.lower() == b"content-length")
        assert int(length) == int(environment["CONTENT_LENGTH"]) == len(body)
        self.asked.append(json.loads(body))
        answer = b'{"UnprocessedItems": {}}'
        start_response(self._status, [("Content-Length", str(len(answer))), ("x-amz-crc32", str(zlib.crc32(answer)))])
        return [answer]


def ask(table: Table, items: list[int], *, refuse: bool) -> tuple[str, dict[str, str], bytes]:
    body = json.dumps({"RequestItems": {"t": items}}).encode()
    environment: dict[str, Any] = {
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "rolo.headers": [(b"Host", b"x"), (b"Content-Length", str(len(body)).encode())],
    }
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        heads.append((status, headers))

    pieces = partly(table, "BatchWriteItem", lambda: refuse)(environment, start)
    (status, headers) = heads[-1]
    return status, dict(headers), b"".join(pieces)


def test_what_is_refused_never_reaches_the_service_and_is_in_the_answer() -> None:
    table = Table()
    status, headers, body = ask(table, [1, 2, 3], refuse=True)
    assert table.asked == [{"RequestItems": {"t": [3]}}]
    assert (status, json.loads(body)) == ("200 OK", {"UnprocessedItems": {"t": [1, 2]}})
    # What is said of the body holds for the new one: botocore compares the checksum.
    assert headers == {"Content-Length": str(len(body)), "x-amz-crc32": str(zlib.crc32(body))}


def test_a_batch_of_one_passes_as_it_is() -> None:
    table = Table()
    assert json.loads(ask(table, [1], refuse=True)[2]) == {"UnprocessedItems": {}}
    assert table.asked == [{"RequestItems": {"t": [1]}}]


@pytest.mark.parametrize("refuse", [True, False])
def test_an_error_stays_what_it_is(*, refuse: bool) -> None:
    status, _, body = ask(Table("400 Bad Request"), [1, 2], refuse=refuse)
    assert (status, json.loads(body)) == ("400 Bad Request", {"UnprocessedItems": {}})
