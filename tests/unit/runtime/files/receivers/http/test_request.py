"""What is sent: the headers of the contract, and every byte of the bundle."""

from __future__ import annotations

import os

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    SMALL,
    accepts,
    header_of,
    http_receiver,
    scripted_receiver,
    sent,
    server_context,
    soon,
)

from baler.files.courier.answer import Meaning


@pytest.mark.requirement("PUSH-UNIT-02", "PUSH-INT-01", "PUSH-NFR-09", "PUSH-REQ-04")
def test_it_has_the_headers_of_the_contract_written_as_nifi_flows_look_for_them() -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        made = parcel(SMALL, file_count=7)
        assert client.send(made, soon()).meaning is Meaning.ACCEPTED
    first, *lines = receiver.heads[0].split("\r\n")
    assert first == "POST /contentListener HTTP/1.1"
    assert dict(line.split(": ") for line in lines) == {
        "Host": receiver.url.split("/")[2],
        "User-Agent": "baler",
        "Content-Type": "application/gzip",
        "Content-Length": str(len(SMALL)),
        "X-Content-SHA256": made.sha256,
        "X-Bundle-Id": made.delivery.bundle_id,
        "X-File-Count": "7",
    }


@pytest.mark.requirement("PUSH-E2E-05")
def test_a_replay_has_its_id() -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        client.send(parcel(SMALL, replay_id="20261120T090102345Z-aa"), soon())
    assert "\r\nX-Replay-Id: 20261120T090102345Z-aa\r\n" in receiver.heads[0] + "\r\n"


def test_the_name_is_asked_for_and_the_address_is_dialled() -> None:
    context = server_context()
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with scripted_receiver(accepts, context=context) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
    assert asked == ["receiver.premises.example"]
    assert context.get_ca_certs() == []


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_000_000])
def test_a_body_arrives_whole_whatever_its_size(size: int) -> None:
    found, body_bytes = sent(accepts, os.urandom(size))
    assert (found.meaning, body_bytes) == (Meaning.ACCEPTED, size)


def test_only_large_bodies_are_announced() -> None:
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        for size in (65_536, 65_537):
            client.send(parcel(os.urandom(size)), soon())
    assert [header_of(head, "Expect") for head in receiver.heads] == [None, "100-continue"]
