"""Secrets that change while the function lives."""

from __future__ import annotations

import json
import time

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    AUTHORITY,
    CONTINUE,
    HUGE,
    LARGE,
    OK,
    SMALL,
    MemorySecret,
    Peer,
    accepts,
    answer,
    header_of,
    scripted_receiver,
    secret_text,
    server_context,
    soon,
    unannounced,
)

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.http.receiver import HttpReceiver
from sandbox.receivers.certificates import Authority, Validity, pem_of_key, rsa_key


@pytest.mark.requirement("PUSH-SEC-03", "PUSH-NFR-06")
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_after_a_401_the_bundle_is_sent_once_more_with_the_new_secret_and_arrives_whole(data: bytes) -> None:
    def script(peer: Peer) -> None:
        while head := peer.head():
            if header_of(head, "X-Token") != "new":
                if not header_of(head, "Expect"):
                    peer.body()
                peer.say(answer("401 Unauthorized", connection="close"))
                return
            if header_of(head, "Expect"):
                peer.say(CONTINUE)
            assert peer.body() == len(data)
            peer.say(OK)

    secret = MemorySecret([SecretVersion("1", secret_text(header="X-Token", token="old"), 0.0)])  # noqa: S106
    with scripted_receiver(script) as receiver:
        client = HttpReceiver(receiver.endpoint, Credentials(secret, 300))
        assert client.send(parcel(data), soon()).meaning is Meaning.UNAUTHORIZED
        secret.versions.append(SecretVersion("2", secret_text(header="X-Token", token="new"), time.time()))  # noqa: S106
        for _ in range(2):
            assert client.send(parcel(data), soon()).meaning is Meaning.ACCEPTED
        client.close()
    assert [header_of(head, "X-Token") for head in receiver.heads] == ["old", "old", "new", "new"]


def test_a_401_in_the_middle_of_a_large_body_leaves_the_second_attempt_to_the_next_send() -> None:
    def script(peer: Peer) -> None:
        while head := peer.head():
            if header_of(head, "X-Token") != "new":
                peer.body(200_000)
                peer.say(answer("401 Unauthorized", connection="close"))
                peer.leaves()
                return
            peer.body()
            peer.say(OK)

    versions = [
        SecretVersion(word, secret_text(header="X-Token", token=word), age)
        for word, age in (("new", 0.0), ("too new", time.time()))
    ]
    with scripted_receiver(script) as receiver:
        client = unannounced(HttpReceiver(receiver.endpoint, Credentials(MemorySecret(versions), 300)))
        assert client.send(parcel(HUGE), soon()).meaning is Meaning.UNAUTHORIZED
        assert client.send(parcel(HUGE), soon()).meaning is Meaning.ACCEPTED
        client.close()
    assert [header_of(head, "X-Token") for head in receiver.heads] == ["too new", "new"]


def _shown(certificate: str, key: str, **fields: str) -> str:
    return secret_text(certificate=certificate, key=key, **fields)


_GOOD, _OTHER = AUTHORITY.client("courier"), AUTHORITY.client("courier")
_ENDED = AUTHORITY.client("courier", Validity(-200, -100))
_BEGINS = AUTHORITY.client("courier", Validity(86_400, 172_800))
_RSA = rsa_key()
HALVES = {
    "the new certificate with the old key": (_shown(_GOOD.certificate, _OTHER.key), "key-of-another-certificate"),
    "a certificate that has ended": (_shown(_ENDED.certificate, _ENDED.key), "certificate-expired"),
    "one that is not valid yet": (_shown(_BEGINS.certificate, _BEGINS.key), "certificate-not-yet-valid"),
    "an encrypted key": (
        _shown(AUTHORITY.client("courier", key=_RSA).certificate, pem_of_key(_RSA, "a phrase")),
        "key-encrypted",
    ),
    "no authority": (json.dumps({"certificate": _GOOD.certificate, "key": _GOOD.key}), "ca-certificate-missing"),
    "another authority": (
        _shown(_GOOD.certificate, _GOOD.key, ca_certificate=Authority("another").pem),
        "receiver-certificate-not-trusted",
    ),
    "an authority that is none": (
        _shown(_GOOD.certificate, _GOOD.key, ca_certificate="see the wiki"),
        "ca-certificate-unreadable",
    ),
    "the certificate alone": (secret_text(certificate=_GOOD.certificate), "key-missing"),
    "half a document": (_shown(_GOOD.certificate, _GOOD.key)[:-1], "secret-not-json"),
}


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_half_a_client_certificate_is_named_before_anything_is_sent_and_the_good_secret_then_works(
    half: str, data: bytes
) -> None:
    text, why = HALVES[half]
    secret = MemorySecret([SecretVersion("1", text, 0.0)])
    good = _shown(_GOOD.certificate.replace("\n", "\r\n"), _GOOD.key.replace("\n", "\r\n"))
    with scripted_receiver(accepts, context=server_context(wants_certificate=True)) as receiver:
        client = HttpReceiver(receiver.endpoint, Credentials(secret, 300))
        assert client.send(parcel(data), soon()) == Answer(Meaning.UNAUTHORIZED, f"client-credentials-unusable:{why}")
        assert receiver.heads == []
        secret.versions.append(SecretVersion("2", good, time.time()))
        assert client.send(parcel(data), soon()).meaning is Meaning.ACCEPTED
        client.close()
    assert len(receiver.heads) == 1


def test_a_certificate_that_ends_while_the_function_lives_is_named_and_the_next_one_needs_no_new_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short, good = AUTHORITY.client("courier", Validity(-100, 3600)), AUTHORITY.client("courier")
    text = secret_text(certificate=short.certificate, key=short.key)
    secret = MemorySecret([SecretVersion("1", text, 0.0)])
    with scripted_receiver(accepts, context=server_context(wants_certificate=True)) as receiver:
        client = HttpReceiver(receiver.endpoint, Credentials(secret, 300))
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 4000)
        assert client.send(parcel(SMALL), now + 4030) == Answer(
            Meaning.UNAUTHORIZED, "client-credentials-unusable:certificate-expired"
        )
        secret.versions.append(SecretVersion("2", secret_text(certificate=good.certificate, key=good.key), now + 4000))
        assert client.send(parcel(SMALL), now + 4030).meaning is Meaning.ACCEPTED
        client.close()
    assert len(receiver.heads) == 2


def test_credentials_are_not_on_a_connection_of_others() -> None:
    """A connection was made with a certificate, which the version that follows may have replaced."""
    one, other = AUTHORITY.client("courier"), AUTHORITY.client("courier")
    secret = MemorySecret([SecretVersion("1", secret_text(certificate=one.certificate, key=one.key), 0.0)])
    now = [time.time()]
    with scripted_receiver(accepts, context=server_context(wants_certificate=True)) as receiver:
        client = HttpReceiver(receiver.endpoint, Credentials(secret, 300, lambda: now[0]))
        client.send(parcel(SMALL), soon())
        secret.versions.append(SecretVersion("2", secret_text(certificate=other.certificate, key=other.key), 1.0))
        now[0] += 301
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
        client.close()
    assert len(receiver.peers) == 2
