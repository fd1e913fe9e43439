"""Receivers that hang, break off, or speak something else."""

from __future__ import annotations

import time

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    CONTINUE,
    HUGE,
    LARGE,
    SMALL,
    Peer,
    accepts,
    http_receiver,
    scripted_receiver,
    sent,
    soon,
)

from baler.files.courier.answer import Answer, Meaning
from baler.store_errors import Unavailable


@pytest.mark.requirement("PUSH-AVAIL-02", "PUSH-NFR-08")
@pytest.mark.parametrize("silent", ["before the handshake", "after the head", "after the body", "amid an answer"])
def test_the_deadline_ends_it_wherever_the_receiver_stands_still(silent: str) -> None:
    def script(peer: Peer) -> None:
        peer.head()
        if silent in {"after the body", "amid an answer"}:
            peer.body()
        if silent == "amid an answer":
            peer.say(b"HTTP/1.1 200 OK\r\ncontent-le")
        # What was sent and is not read keeps it from hearing that the courier left.
        peer.stays(3 if silent == "after the head" else 20)

    data = HUGE if silent == "after the head" else SMALL
    with (
        scripted_receiver(script, plain=silent == "before the handshake") as receiver,
        http_receiver(receiver.endpoint) as client,
    ):
        begun = time.monotonic()
        found = client.send(parcel(data), time.time() + 1.5)
        assert time.monotonic() - begun < 15
    assert found == Answer(Meaning.UNREACHABLE, "timeout")


def test_the_deadline_ends_an_answer_that_drips() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x-drip: 1\r\n" * 1000:
            peer.say(bytes([byte]))
            time.sleep(0.05)

    begun = time.monotonic()
    assert sent(script, seconds=1.5)[0] == Answer(Meaning.UNREACHABLE, "timeout")
    assert time.monotonic() - begun < 15


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(SMALL), time.time() - 1) == Answer(Meaning.UNREACHABLE, "timeout")
    assert receiver.peers == []


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("moment", ["head", "part", "body", "amid an answer"])
def test_a_connection_that_breaks_leaves_the_outcome_unknown(ending: str, moment: str) -> None:
    def script(peer: Peer) -> None:
        peer.head()
        if moment == "part":
            peer.body(100_000)
        if moment in {"body", "amid an answer"}:
            peer.say(CONTINUE)
            peer.body()
        if moment == "amid an answer":
            peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n")
            time.sleep(0.1)
        if ending == "reset":
            peer.reset()

    found, _ = sent(script, LARGE)
    assert found == Answer(Meaning.UNREACHABLE, "connection-cut")


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/2.0 200\r\n\r\n",
        b"HTTP/1.1 2OO OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x-header: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x-header: y\r\n" * 20_000 + b"\r\n",
    ],
    ids=["another protocol", "HTTP/2", "letters", "two lengths", "101", "a long header", "many headers"],
)
def test_an_answer_that_is_none_of_http_is_not_believed(said: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(said)

    assert sent(script)[0] == Answer(Meaning.UNREACHABLE, "not-http")


def test_nobody_listens() -> None:
    with scripted_receiver(accepts) as receiver:
        endpoint = receiver.endpoint
    with http_receiver(endpoint) as client:
        assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "connection-refused")


def test_a_mailbox_that_breaks_off_cuts_the_connection_and_is_not_the_receivers_fault() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.say(CONTINUE)
        peer.body()

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        broken = parcel(LARGE, failure=Unavailable("the mailbox broke off"))
        with pytest.raises(Unavailable):
            client.send(broken, soon())
    assert 0 < receiver.body_bytes < len(LARGE)
