"""What a receiver must do for the courier. Any receiver can be tried: see docs/receiver-answers.md."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING

import pytest
from harness.bundles import again, bundle_parcel, bytes_of

from baler.files.courier.answer import Meaning
from baler.store_errors import Unavailable
from sandbox.receivers.certificates import Authority

if TYPE_CHECKING:
    from receiver.conftest import ContractReceiver

    from runtime.files.courier.ports import Parcel

# Far more than a busy machine takes.
_SEND_SECONDS = 300.0


def fresh(size: int = 2_000, *, replay_id: str = "") -> Parcel:
    """A bundle of one file of so many bytes, which do not compress."""
    return bundle_parcel({f"contract/{token_hex(8)}.bin": token_bytes(size)}, replay_id=replay_id)


def kept(receiver: ContractReceiver, what: Parcel) -> bytes | None:
    """What the receiver has of a bundle, where that can be seen; None for nothing."""
    if receiver.listener is None:
        pytest.skip("what a receiver of others keeps cannot be seen from here")
    delivery = what.delivery
    name = f"{delivery.bundle_id}+{delivery.replay_id}" if delivery.replay_id else delivery.bundle_id
    path = receiver.listener.folder / "bundles" / f"{name}.tar.gz"
    return path.read_bytes() if path.exists() else None


# Below and above what is announced by Expect, and more than any buffer holds.
@pytest.mark.parametrize("size", [0, 20_000, 60_000, 70_000, 1_000_000, 40_000_000])
def test_a_bundle_of_any_size_is_acknowledged(receiver: ContractReceiver, size: int) -> None:
    assert receiver.send(fresh(size)).meaning is Meaning.ACCEPTED


def test_what_was_acknowledged_is_kept_byte_by_byte(receiver: ContractReceiver) -> None:
    what = fresh(500_000)
    assert receiver.send(what).meaning is Meaning.ACCEPTED
    assert kept(receiver, what) == bytes_of(what)


def test_many_bundles_go_over_one_connection(receiver: ContractReceiver) -> None:
    with receiver.connected() as courier:
        for size in (10, 100_000, 10, 1_000_000, 10):
            assert courier.send(fresh(size), time.time() + _SEND_SECONDS).meaning is Meaning.ACCEPTED


def test_bundles_beside_each_other_are_all_acknowledged(receiver: ContractReceiver) -> None:
    with receiver.connected() as courier, ThreadPoolExecutor(4) as pool:
        waiting = [fresh(size) for size in (10, 200_000) * 6]
        sends = [pool.submit(courier.send, what, time.time() + _SEND_SECONDS) for what in waiting]
        answers = [send.result() for send in sends]
    assert [answer.meaning for answer in answers] == [Meaning.ACCEPTED] * len(waiting)


def test_the_same_bundle_again_is_acknowledged_again(receiver: ContractReceiver) -> None:
    """The courier did not hear the first answer: it must not be told that there is a conflict."""
    what = fresh()
    for _ in range(3):
        assert receiver.send(again(what)).meaning is Meaning.ACCEPTED


def test_a_replay_of_a_bundle_is_acknowledged(receiver: ContractReceiver) -> None:
    what = fresh()
    assert receiver.send(what).meaning is Meaning.ACCEPTED
    assert receiver.send(again(what, replay_id="20261126T100000000Z-replay")).meaning is Meaning.ACCEPTED


def test_a_bundle_whose_sender_breaks_off_is_not_kept_and_can_be_sent_again(receiver: ContractReceiver) -> None:
    what = fresh(1_000_000)
    with pytest.raises(Unavailable), receiver.connected() as courier:
        courier.send(again(what, failure=Unavailable("the mailbox broke off")), time.time() + _SEND_SECONDS)
    if receiver.listener is not None:
        assert kept(receiver, what) is None
    assert receiver.send(again(what)).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("size", [2_000, 1_000_000], ids=["small", "announced"])
def test_bytes_that_are_not_those_of_the_hash_are_refused_and_not_kept(receiver: ContractReceiver, size: int) -> None:
    if not receiver.checks_hash:
        pytest.skip("ListenHTTP checks no hash. Set RECEIVER_CHECKS_HASH=1 for a receiver that does")
    what = fresh(size)
    assert receiver.send(replace(what, sha256="0" * 64)).meaning is Meaning.REFUSED
    assert receiver.send(again(what)).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("size", [2_000, 1_000_000], ids=["small", "announced"])
def test_another_path_takes_no_bundles(receiver: ContractReceiver, size: int) -> None:
    """ListenHTTP says 405 there, others 404."""
    target = f"{receiver.endpoint.target.rstrip('/')}-of-nobody"
    assert receiver.below(target).send(fresh(size)).meaning is Meaning.MISPLACED


@pytest.mark.parametrize("size", [2_000, 50_000, 1_000_000], ids=["small", "one go", "announced"])
@pytest.mark.parametrize("shown", ["none", "a stranger's"])
def test_without_its_certificate_the_courier_is_not_let_in_and_that_is_said(
    receiver: ContractReceiver, size: int, shown: str
) -> None:
    if not receiver.secret.get("certificate"):
        pytest.skip("this receiver wants no client certificate, or RECEIVER_CLIENT_CERTIFICATE is not set")
    stranger = Authority("nobody knows it").client("courier")
    fields = {"certificate": "", "key": ""}
    if shown != "none":
        fields = {"certificate": stranger.certificate, "key": stranger.key}
    answer = receiver.send(fresh(size), **fields)
    assert answer.meaning is Meaning.UNAUTHORIZED, answer


@pytest.mark.parametrize("size", [2_000, 1_000_000], ids=["small", "announced"])
def test_with_a_wrong_password_or_token_the_courier_is_not_let_in(receiver: ContractReceiver, size: int) -> None:
    wrong = {name: "wrong" for name in ("password", "token") if receiver.secret.get(name)}
    if not wrong:
        pytest.skip("ListenHTTP ignores an Authorization header. Set RECEIVER_USERNAME or RECEIVER_HEADER for others")
    assert receiver.send(fresh(size), **wrong).meaning is Meaning.UNAUTHORIZED


def test_a_receiver_that_nobody_vouches_for_gets_nothing(receiver: ContractReceiver) -> None:
    answer = receiver.send(fresh(), ca_certificate=Authority("another").pem)
    assert answer.meaning is Meaning.UNAUTHORIZED
    assert answer.reason == "client-credentials-unusable:receiver-certificate-not-trusted"


def test_a_receiver_of_another_name_gets_nothing(receiver: ContractReceiver) -> None:
    elsewhere = replace(receiver, endpoint=replace(receiver.endpoint, name="another.premises.example"))
    answer = elsewhere.send(fresh())
    assert (answer.meaning, answer.reason) == (Meaning.UNREACHABLE, "receiver-certificate-for-another-name")
