"""Connections that serve one bundle after the other."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import LARGE, OK, SMALL, Peer, accepts, answer, http_receiver, scripted_receiver, soon

from baler.aws.http.moment import Moment
from baler.files.courier.answer import Answer, Meaning

if TYPE_CHECKING:
    from collections.abc import Callable


def test_one_serves_many_bundles() -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        for data in (SMALL, LARGE, SMALL):
            assert client.send(parcel(data), soon()).meaning is Meaning.ACCEPTED
    assert len(receiver.peers) == 1


def test_bundles_beside_each_other_have_one_each() -> None:
    together = threading.Barrier(3)

    def script(peer: Peer) -> None:
        while peer.head():
            peer.body()
            together.wait(10)
            peer.say(OK)

    found: list[Answer] = []
    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        threads = [threading.Thread(target=lambda: found.append(client.send(parcel(SMALL), soon()))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one.meaning for one in found] == [Meaning.ACCEPTED] * 3
    assert len(receiver.peers) == 3


def age(seconds: float) -> Callable[[Moment], float]:
    def seconds_ago(_moment: Moment) -> float:
        return seconds

    return seconds_ago


def test_one_that_was_idle_for_twenty_seconds_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        client.send(parcel(SMALL), soon())
        monkeypatch.setattr(Moment, "seconds_ago", age(19.9))
        client.send(parcel(SMALL), soon())
        assert len(receiver.peers) == 1
        monkeypatch.setattr(Moment, "seconds_ago", age(20.0))
        client.send(parcel(SMALL), soon())
    assert len(receiver.peers) == 2


@pytest.mark.parametrize("how", ["closed", "reset", "spoken on"])
def test_one_on_which_something_came_meanwhile_is_not_used(how: str) -> None:
    over = threading.Event()

    def first(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(OK)
        time.sleep(0.1)
        if how == "reset":
            peer.reset()
        elif how == "spoken on":
            peer.say(answer("408 Request Timeout"))
            time.sleep(0.1)
        over.set()

    with scripted_receiver(first, accepts) as receiver, http_receiver(receiver.endpoint) as client:
        client.send(parcel(SMALL), soon())
        assert over.wait(10)
        time.sleep(0.1)
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
    assert len(receiver.peers) == 2


def test_one_that_dies_under_a_small_bundle_is_one_attempt_and_no_more() -> None:
    def dies(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(OK)
        peer.head()
        peer.body()

    with scripted_receiver(dies, accepts) as receiver, http_receiver(receiver.endpoint) as client:
        client.send(parcel(SMALL), soon())
        assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "connection-cut")
    assert len(receiver.heads) == 2


def test_one_that_dies_before_a_byte_of_the_body_is_replaced() -> None:
    def dies(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(OK)
        peer.head()

    with scripted_receiver(dies, accepts) as receiver, http_receiver(receiver.endpoint) as client:
        client.send(parcel(SMALL), soon())
        assert client.send(parcel(LARGE), soon()).meaning is Meaning.ACCEPTED
    assert len(receiver.peers) == 2


def test_an_answer_that_ends_it_is_heeded() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(answer("200 OK", connection="close"))
        assert peer.head() == ""

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        for _ in range(2):
            assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED


def test_what_follows_an_answer_is_not_taken_for_the_next_one() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(answer("503 Service Unavailable") + OK)
        peer.stays()

    with scripted_receiver(script, accepts) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.BUSY
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
    assert len(receiver.peers) == 2


def test_no_redirect_is_followed() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(answer("307 Temporary Redirect", location="/elsewhere"))

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.MISPLACED
    assert len(receiver.heads) == 1
