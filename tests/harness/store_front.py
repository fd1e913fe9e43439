"""What stands before a store in tests: it speaks TLS for it, and can lose answers, hang, or be away."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sandbox.localstack.ports import LOOPBACK
from sandbox.receivers.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Generator

NAME: Final = "front.premises.example"
_BLOCK_BYTES: Final = 64 * 1024
_ERRORS: Final = (OSError, asyncio.IncompleteReadError)


@dataclass
class StoreFront:
    """A running front. Whatever it is told holds from the next bytes on.

    Attributes:
        authority: who signed its certificate.
        port: where it listens.
        loses_answers: the store gets what is sent, and nobody hears what it says.
        takes_nothing: it takes connections, and nothing that is sent over them.
        away: it ends each connection at once.
    """

    authority: Authority
    port: int = 0
    loses_answers: bool = False
    takes_nothing: bool = False
    away: bool = False

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    async def serve(self, client: _Stream, store: _Stream) -> None:
        """Pass on what two sides say, until one of them ends."""
        ways = [asyncio.create_task(self._pass_on(client, store, answers=False))]
        ways.append(asyncio.create_task(self._pass_on(store, client, answers=True)))
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(self, here: _Stream, there: _Stream, *, answers: bool) -> None:
        with suppress(*_ERRORS):
            while data := await here[0].read(_BLOCK_BYTES):
                while self.takes_nothing and not answers:  # noqa: ASYNC110 - a test's thread sets it
                    await asyncio.sleep(0.02)
                if not (answers and self.loses_answers):
                    there[1].write(data)
                    await there[1].drain()


_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def store_front(url: str, trusted: ssl.SSLContext | None = None) -> Generator[StoreFront]:
    """Serve on a free port, and pass all on to a store.

    Args:
        url: of the store, whose host resolves.
        trusted: how to speak TLS with it; needed if its URL has https.
    """
    upstream = urlsplit(url)
    encrypted = upstream.scheme == "https"
    port = upstream.port or (443 if encrypted else 80)
    front = StoreFront(Authority("fronts of tests"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*front.authority.server(NAME, [LOOPBACK]).write(Path(folder), "front"))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not front.away:
                with suppress(*_ERRORS):
                    tls = trusted if encrypted else None
                    store = await asyncio.open_connection(upstream.hostname, port, ssl=tls)
                    try:
                        await front.serve((reader, writer), store)
                    finally:
                        store[1].transport.abort()
        finally:
            writer.transport.abort()

    async def run() -> None:
        server = await asyncio.start_server(connected, LOOPBACK, 0, ssl=context)
        front.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await ending.wait()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    loop, ending, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    try:
        assert started.wait(20)
        yield front
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(20)
        loop.close()
