"""The status is what counts: whatever follows it is read within bounds."""

from __future__ import annotations

import os
import time

import pytest
from harness.scripted_receiver import Peer, answer, sent

from baler.files.courier.answer import Meaning


def test_the_bundle_sent_back_does_not_matter() -> None:
    """NiFi's HandleHttpResponse sends the flow file's content unless the flow has emptied it."""

    def script(peer: Peer) -> None:
        while peer.head():
            peer.body()
            peer.say(answer("200 OK", os.urandom(5_000_000)))

    assert sent(script)[0].meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("framing", ["length", "chunks", "close"])
def test_an_endless_one_is_left_and_the_status_counts(framing: str) -> None:
    heads = {
        "length": b"content-length: 99999999999\r\n\r\n",
        "chunks": b"transfer-encoding: chunked\r\n\r\n",
        "close": b"connection: close\r\n\r\n",
    }
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if framing == "chunks" else b"x" * 65536

    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(b"HTTP/1.1 200 OK\r\n" + heads[framing])
        while True:
            peer.say(piece)

    begun = time.monotonic()
    assert sent(script)[0].meaning is Meaning.ACCEPTED
    assert time.monotonic() - begun < 15


def test_one_that_hangs_or_breaks_off_costs_a_second_at_most() -> None:
    def hangs(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        peer.stays()

    def breaks(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")

    for script in (hangs, breaks):
        begun = time.monotonic()
        assert sent(script)[0].meaning is Meaning.ACCEPTED
        assert time.monotonic() - begun < 15


@pytest.mark.parametrize("status", ["204 No Content", "205 Reset Content", "202 Accepted", "299 Odd"])
def test_every_2xx_is_an_acknowledgement(status: str) -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(f"HTTP/1.1 {status}\r\n\r\n".encode())

    assert sent(script)[0].meaning is Meaning.ACCEPTED
