"""`python -m benchmarks.floor.dynamodb.server`: listens on a free port, prints it, serves until input ends."""

from __future__ import annotations

import asyncio
import re
import sys
import zlib
from email.utils import formatdate
from typing import Final, cast
from uuid import uuid4

import orjson

from benchmarks.floor.dynamodb.operations import Tables
from benchmarks.floor.dynamodb.refusals import MalformedError, RefusedError, UnsignedError

_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_TARGET: Final = re.compile(rb"\r\nx-amz-target:[ \t]*([^\r]*)", re.IGNORECASE)
_SIGNED: Final = re.compile(rb"\r\nauthorization:[ \t]*AWS4-HMAC-SHA256 ", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_STATUS: Final = {True: b"200 OK", False: b"400 Bad Request"}


class Connection(asyncio.Protocol):
    """One client's. Requests may come in any pieces, and the next one before the answer to the last."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        received = self._received + data if self._received else data
        while (end := received.find(_END)) >= 0:
            head = received[:end]
            length = _LENGTH.search(head)
            body_end = end + len(_END) + (int(length[1]) if length else 0)
            if len(received) < body_end:
                break
            self._answer(head, received[end + len(_END) : body_end])
            received = received[body_end:]
        self._received = received

    def _answer(self, head: bytes, body: bytes) -> None:
        assert self._transport is not None  # noqa: S101 - data come after the connection
        self._transport.write(answer(self._tables, head, body))
        if _CLOSE.search(head):
            self._transport.close()


def answer(tables: Tables, head: bytes, body: bytes) -> bytes:
    """Return the answer to a request, with the checksum that DynamoDB sends."""
    try:
        document = tables.answer(_target(head), _parsed(body))
        is_done = True
    except RefusedError as error:
        document, is_done = error.document, False
    content = orjson.dumps(document)
    return (
        b"HTTP/1.1 %b\r\nServer: Server\r\nDate: %b\r\nContent-Type: application/x-amz-json-1.0\r\n"
        b"Content-Length: %d\r\nConnection: keep-alive\r\nx-amzn-RequestId: %b\r\nx-amz-crc32: %d\r\n\r\n%b"
    ) % (
        _STATUS[is_done],
        formatdate(usegmt=True).encode(),
        len(content),
        uuid4().hex.upper().encode(),
        zlib.crc32(content),
        content,
    )


def _target(head: bytes) -> str:
    if not _SIGNED.search(head):
        raise UnsignedError
    found = _TARGET.search(head)
    return found[1].decode("latin-1") if found else ""


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedError from error


async def _serve() -> None:
    tables = Tables()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(tables), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
