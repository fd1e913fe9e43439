"""Whom the courier trusts, and who does not trust the courier."""

from __future__ import annotations

import json
import os
from ssl import TLSVersion

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    LARGE,
    SMALL,
    Peer,
    accepts,
    answer,
    http_receiver,
    scripted_receiver,
    secret_text,
    server_context,
    soon,
)

from baler.files.courier.answer import Answer, Meaning
from sandbox.receivers.certificates import Authority


def test_a_receiver_with_another_name_is_not_sent_to() -> None:
    with (
        scripted_receiver(accepts, context=server_context(name="another.example")) as receiver,
        http_receiver(receiver.endpoint) as client,
    ):
        assert client.send(parcel(SMALL), soon()) == Answer(
            Meaning.UNREACHABLE, "receiver-certificate-for-another-name"
        )
    assert receiver.heads == []


def test_a_receiver_whose_certificate_has_ended_is_not_sent_to() -> None:
    with (
        scripted_receiver(accepts, context=server_context(ended=True)) as receiver,
        http_receiver(receiver.endpoint) as client,
    ):
        assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "receiver-certificate-not-valid-now")
    assert receiver.heads == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "ca-certificate-missing"),
        (json.dumps({"ca_certificate": server_context.__module__}), "ca-certificate-unreadable"),
    ],
)
def test_without_the_receivers_authority_it_is_the_credentials_that_are_named(text: str, why: str) -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint, text) as client:
        assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNAUTHORIZED, f"client-credentials-unusable:{why}")
    assert receiver.heads == []


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("size", [10, 60_000, 5_000_000])
@pytest.mark.parametrize("shown", ["none", "a stranger's"])
def test_a_client_that_is_not_let_in_is_named_and_nothing_is_read(version: str, size: int, shown: str) -> None:
    context = server_context(wants_certificate=True)
    context.minimum_version = context.maximum_version = TLSVersion[version]
    stranger = Authority("another").client("courier")
    fields = {} if shown == "none" else {"certificate": stranger.certificate, "key": stranger.key}
    with (
        scripted_receiver(accepts, context=context) as receiver,
        http_receiver(receiver.endpoint, secret_text(**fields)) as client,
    ):
        found = client.send(parcel(os.urandom(size)), soon())
    assert found.meaning is Meaning.UNAUTHORIZED, found
    assert found.reason.startswith("tls-alert-"), found
    assert receiver.heads == []


def test_a_bare_end_right_after_the_handshake_is_laid_to_the_missing_certificate() -> None:
    """By TLS 1.3 a receiver says only after the handshake that it wanted one, and may be gone by then."""
    context = server_context(tickets=0)  # nothing shows that it accepted the handshake

    def script(peer: Peer) -> None:
        peer.reset()

    with scripted_receiver(script, context=context) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(LARGE), soon()) == Answer(Meaning.UNAUTHORIZED, "no-client-certificate")


def test_a_bare_end_after_the_receiver_accepted_the_handshake_is_not() -> None:
    def script(peer: Peer) -> None:
        peer.head()
        peer.reset()

    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(LARGE), soon()) == Answer(Meaning.UNREACHABLE, "connection-cut")


@pytest.mark.parametrize("how", ["at once", "reset", "after our first word"])
def test_who_leaves_amid_the_handshake_is_away_and_wants_no_certificate(how: str) -> None:
    """A balancer before a receiver that is down takes connections, and ends them."""

    def script(peer: Peer) -> None:
        if how == "after our first word":
            peer.waits(10)
        if how == "reset":
            peer.reset()

    with scripted_receiver(script, plain=True) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "connection-cut")


def test_a_server_without_tls_is_named() -> None:
    def script(peer: Peer) -> None:
        peer.say(answer("400 Bad Request"))

    with scripted_receiver(script, plain=True) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "not-tls")
