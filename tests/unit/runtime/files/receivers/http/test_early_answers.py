"""Answers that come while the body is still being sent."""

from __future__ import annotations

import time

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    HUGE,
    LARGE,
    OK,
    Peer,
    answer,
    http_receiver,
    scripted_receiver,
    sent,
    soon,
    unannounced,
)

from baler.files.courier.answer import Answer, Meaning


@pytest.mark.parametrize("ending", ["close", "reset", "silence", "reads on"])
@pytest.mark.parametrize("status", [503, 413])
def test_it_counts_though_the_connection_then_breaks(ending: str, status: int) -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body(200_000)
        peer.say(answer(f"{status} No"))
        if ending == "reset":
            time.sleep(0.5)  # else it overtakes the answer
            peer.reset()
        elif ending == "close":
            peer.leaves()
        elif ending == "silence":
            peer.stays(3)
        elif ending == "reads on":
            peer.body(len(HUGE))

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        begun = time.monotonic()
        assert unannounced(client).send(parcel(HUGE), soon()).status == status
        assert time.monotonic() - begun < 15


def test_2xx_counts_once_the_receiver_has_had_all_of_the_body() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.say(OK)
        peer.body()

    assert sent(script, LARGE) == (Answer(Meaning.ACCEPTED, "200", 200), len(LARGE))


@pytest.mark.parametrize("announced", [True, False])
def test_2xx_from_a_receiver_that_does_not_take_the_body_is_no_acknowledgement(announced: bool) -> None:  # noqa: FBT001
    """Whoever answers so cannot have checked a hash: a proxy, a login page."""

    def script(peer: Peer) -> None:
        peer.head()
        peer.say(answer("200 OK", connection="close"))
        peer.leaves()

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        found = (client if announced else unannounced(client)).send(parcel(HUGE), soon())
    assert found == Answer(Meaning.UNREACHABLE, "accepted-too-early")


def test_an_early_answer_without_end_takes_neither_memory_nor_the_whole_time() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
        while True:
            peer.say(b"x" * 65536)

    begun = time.monotonic()
    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        found = unannounced(client).send(parcel(HUGE), soon())
    assert found == Answer(Meaning.UNREACHABLE, "accepted-too-early")
    assert time.monotonic() - begun < 15
