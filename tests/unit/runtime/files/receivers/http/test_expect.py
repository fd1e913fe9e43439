"""`Expect: 100-continue`, with receivers that know it and receivers that do not."""

from __future__ import annotations

import time

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    CONTINUE,
    LARGE,
    OK,
    Peer,
    answer,
    header_of,
    http_receiver,
    scripted_receiver,
    sent,
    soon,
)

from baler.files.courier.answer import Answer, Meaning


def test_an_answer_that_comes_instead_of_a_100_is_read_before_a_byte_of_the_body() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.say(answer("503 Service Unavailable", retry_after="11"))
        peer.body()

    found, body_bytes = sent(script, LARGE)
    assert found == Answer(Meaning.BUSY, "503", 503, 11.0)
    assert body_bytes == 0


def test_a_receiver_that_never_says_100_gets_the_body_after_a_second() -> None:
    waited: list[float] = []

    def script(peer: Peer) -> None:
        peer.head()
        begun = time.monotonic()
        assert peer.waits(20)
        waited.append(time.monotonic() - begun)
        peer.body()
        peer.say(OK)

    found, body_bytes = sent(script, LARGE)
    assert (found.meaning, body_bytes) == (Meaning.ACCEPTED, len(LARGE))
    assert 0.5 < waited[0] < 10


def test_417_is_followed_by_a_request_without_it_and_remembered() -> None:
    def script(peer: Peer) -> None:
        while head := peer.head():
            if header_of(head, "Expect"):
                peer.say(answer("417 Expectation Failed"))
                return
            peer.body()
            peer.say(OK)

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        for _ in range(2):
            assert client.send(parcel(LARGE), soon()).meaning is Meaning.ACCEPTED
    assert [header_of(head, "Expect") for head in receiver.heads] == ["100-continue", None, None]
    assert receiver.body_bytes == 2 * len(LARGE)


def test_417_and_what_follows_it_have_one_deadline() -> None:
    def script(peer: Peer) -> None:
        if header_of(peer.head(), "Expect"):
            time.sleep(0.6)
            peer.say(answer("417 Expectation Failed"))
        else:
            peer.body()
            peer.stays()

    begun = time.monotonic()
    found, _ = sent(script, LARGE, seconds=1.5)
    assert found == Answer(Meaning.UNREACHABLE, "timeout")
    assert time.monotonic() - begun < 15


def test_417_after_the_body_began_is_no_refusal_of_the_bundle() -> None:
    def script(peer: Peer) -> None:
        head = peer.head()
        peer.body()
        peer.say(answer("417 Expectation Failed", connection="close") if header_of(head, "Expect") else OK)

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(LARGE), soon()) == Answer(Meaning.UNREACHABLE, "417", 417)
        assert client.send(parcel(LARGE), soon()).meaning is Meaning.ACCEPTED


def test_417_without_an_expectation_is_a_refusal() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(answer("417 Expectation Failed"))

    assert sent(script)[0].meaning is Meaning.REFUSED


@pytest.mark.parametrize("interim", [b"102 Processing", b"103 Early Hints", b"100 Continue"])
def test_interim_answers_before_the_body_are_passed_over(interim: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.say(b"HTTP/1.1 " + interim + b"\r\nlink: </style.css>\r\n\r\n" + CONTINUE)
        peer.body()
        peer.say(OK)

    assert sent(script, LARGE) == (Answer(Meaning.ACCEPTED, "200", 200), len(LARGE))


def test_a_100_that_comes_after_the_body_began_is_passed_over() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body(100_000)
        peer.say(CONTINUE)
        peer.body(len(LARGE) - 100_000)
        peer.say(CONTINUE + b"HTTP/1.1 102 Processing\r\n\r\n" + answer("201 Created"))

    assert sent(script, LARGE) == (Answer(Meaning.ACCEPTED, "201", 201), len(LARGE))


def test_a_100_for_a_body_that_was_not_announced_is_passed_over() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.say(CONTINUE)
        peer.body()
        peer.say(OK)

    assert sent(script)[0].meaning is Meaning.ACCEPTED
