"""What a store must do for the courier. Any store can be tried: see docs/s3-stores.md."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import replace
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING

import pytest
from harness.parcels import MemoryBody, parcel

from baler.files.courier.answer import Meaning
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from store.conftest import ContractStore

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel

# Far more than a busy machine takes.
_SEND_SECONDS = 300.0
_NUMBERS = iter(range(1_000_000))


def fresh(data: bytes = b"a bundle", **more: object) -> Parcel:
    """A bundle that no other test has."""
    return parcel(data, number=next(_NUMBERS), **more)  # pyright: ignore[reportArgumentType]


def again(what: Parcel, data: bytes | None = None) -> Parcel:
    """The same bundle once more, or under its id another one."""
    assert isinstance(what.body, MemoryBody)
    data = what.body.data if data is None else data
    return replace(what, sha256=hashlib.sha256(data).hexdigest(), size=len(data), body=MemoryBody(data))


@pytest.mark.requirement("MINIO-ARCH-03", "MINIO-INTEGRITY-02")
@pytest.mark.parametrize("size", [1, 20_000, 64 * 1024, 64 * 1024 + 1, 1_000_000, 20_000_000])
def test_a_bundle_of_any_size_lies_there_with_its_bytes_and_its_metadata(store: ContractStore, size: int) -> None:
    data = token_bytes(size)
    what = fresh(data, file_count=17)
    answer = store.send(what)
    assert (answer.meaning, answer.status) == (Meaning.ACCEPTED, 200)
    stored = store.stored(what)
    assert stored is not None
    assert stored[0] == data
    assert stored[1] == {
        "sha256_checksum": what.sha256,
        "content-sha256": what.sha256,
        "file-count": "17",
        "bundle-id": what.delivery.bundle_id,
    }


@pytest.mark.parametrize("size", [1000, 300_000])
@pytest.mark.parametrize("conditional", [True, False], ids=["conditional", "asked before"])
def test_a_bundle_that_is_there_is_a_success_and_another_one_is_never_replaced(
    store: ContractStore, size: int, *, conditional: bool
) -> None:
    data = token_bytes(size)
    what = fresh(data)
    assert store.send(what, conditional_puts=conditional).meaning is Meaning.ACCEPTED
    assert store.send(again(what), conditional_puts=conditional).meaning is Meaning.ACCEPTED
    other = store.send(again(what, token_bytes(size)), conditional_puts=conditional)
    assert (other.meaning, other.reason) == (Meaning.REFUSED, "another-object-is-there")
    stored = store.stored(what)
    assert stored is not None
    assert stored[0] == data


def test_of_several_that_put_at_once_one_wins_and_the_others_see_it(store: ContractStore) -> None:
    what = fresh()
    puts = [again(what, token_bytes(100_000)) for _ in range(8)]
    answers: dict[int, Answer] = {}
    start = threading.Barrier(len(puts))

    def send(number: int) -> None:
        start.wait()
        answers[number] = store.send(puts[number])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(puts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = store.stored(what)
    assert stored is not None
    accepted = [number for number, answer in answers.items() if answer.meaning is Meaning.ACCEPTED]
    assert [hashlib.sha256(stored[0]).hexdigest()] == [puts[number].sha256 for number in accepted], answers
    others = {answer.meaning for number, answer in answers.items() if number not in accepted}
    assert others == {Meaning.REFUSED}, answers


@pytest.mark.parametrize("size", [1000, 300_000])
def test_bytes_that_are_not_the_bundle_s_are_never_kept_under_a_checksum(store: ContractStore, size: int) -> None:
    what = fresh(token_bytes(size), sha256=hashlib.sha256(b"another").hexdigest())
    answer = store.send(what, told_checksums=True)
    assert answer.meaning is Meaning.REFUSED, answer
    assert store.stored(what) is None


@pytest.mark.parametrize("size", [1000, 300_000])
def test_bytes_that_are_not_the_bundle_s_are_found_by_reading_them(store: ContractStore, size: int) -> None:
    # Not every store compares them with the hash that was signed (docs/s3-stores.md).
    what = fresh(token_bytes(size), sha256=hashlib.sha256(b"another").hexdigest())
    answer = store.send(what, verify_by_read=True)
    assert answer.meaning is Meaning.REFUSED, answer


@pytest.mark.parametrize("size", [1000, 300_000])
def test_a_bundle_that_breaks_off_on_its_way_is_never_kept_and_arrives_later(store: ContractStore, size: int) -> None:
    data = token_bytes(size)
    what = fresh(data, failure=Unavailable("the mailbox broke off"))
    with pytest.raises(Unavailable, match="broke off"):
        store.send(what)
    assert store.stored(what) is None
    assert store.send(again(what, data)).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("by_read", [False, True], ids=["by HEAD", "by GET"])
@pytest.mark.parametrize("told", [False, True], ids=["when-required", "when-supported"])
def test_every_setting_of_checksums_and_of_verification_works(
    store: ContractStore, *, by_read: bool, told: bool
) -> None:
    what = fresh(token_bytes(300_000))
    assert store.send(what, told_checksums=told, verify_by_read=by_read).meaning is Meaning.ACCEPTED
    assert store.send(again(what), told_checksums=told, verify_by_read=by_read).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("size", [1000, 300_000])
@pytest.mark.parametrize("conditional", [True, False], ids=["conditional", "asked before"])
def test_an_access_key_that_the_store_does_not_know_is_a_matter_of_credentials(
    store: ContractStore, size: int, *, conditional: bool
) -> None:
    answer = store.send(
        fresh(token_bytes(size)), secret=store.secret(access_key_id="NOBODYKNOWSTHISONE"), conditional_puts=conditional
    )
    assert answer.meaning is Meaning.UNAUTHORIZED, answer


@pytest.mark.parametrize("size", [1000, 300_000])
def test_a_wrong_secret_key_is_a_matter_of_credentials(store: ContractStore, size: int) -> None:
    answer = store.send(fresh(token_bytes(size)), secret=store.secret(secret_access_key="x" * 40))
    assert answer.meaning is Meaning.UNAUTHORIZED, answer


def test_a_bucket_that_is_missing_opens_the_breaker_and_is_not_made(store: ContractStore) -> None:
    bucket, what = f"baler-nobody-made-{token_hex(4)}", fresh()
    answer = store.send(what, bucket=bucket)
    if answer.meaning is Meaning.ACCEPTED:
        store.boto3.delete_object(Bucket=bucket, Key=store.key(what))
        store.boto3.delete_bucket(Bucket=bucket)
        pytest.skip("this store makes a bucket for keys that may do everything: give the courier keys for one bucket")
    # A store that tells nobody what exists says 403.
    assert answer.meaning in {Meaning.MISPLACED, Meaning.UNAUTHORIZED}, answer


@pytest.mark.parametrize("prefix", ["a b/", "ü/", "plus+and&percent%/", "a=b,c;d/", "~tilde/", "(1)!*'/"])
def test_prefixes_of_any_characters_are_signed_and_kept_exactly(store: ContractStore, prefix: str) -> None:
    prefix = store.settings.prefix + prefix
    what = fresh()
    assert store.send(what, prefix=prefix).meaning is Meaning.ACCEPTED
    assert store.stored(what, prefix) is not None


@pytest.mark.parametrize("size", [1000, 300_000])
@pytest.mark.parametrize("conditional", [True, False], ids=["conditional", "asked before"])
def test_a_put_whose_answer_is_lost_is_found_by_the_next_attempt(
    store: ContractStore, size: int, *, conditional: bool
) -> None:
    data = token_bytes(size)
    what = fresh(data)
    behind = store.fronted
    store.front.loses_answers = True
    began = time.monotonic()
    try:
        lost = behind.send(what, seconds=2, conditional_puts=conditional)
    finally:
        store.front.loses_answers = False
    assert (lost.meaning, lost.reason) == (Meaning.UNREACHABLE, "timeout")
    assert time.monotonic() - began < _SEND_SECONDS / 10
    assert behind.send(again(what), conditional_puts=conditional).meaning is Meaning.ACCEPTED
    stored = store.stored(what)
    assert stored is not None
    assert stored[0] == data


@pytest.mark.parametrize("size", [1000, 20_000_000])
def test_a_store_that_hangs_is_given_up_at_the_deadline_and_takes_the_bundle_later(
    store: ContractStore, size: int
) -> None:
    what = fresh(token_bytes(size))
    behind = store.fronted
    store.front.takes_nothing = True
    began = time.monotonic()
    try:
        answer = behind.send(what, seconds=2)
    finally:
        store.front.takes_nothing = False
    assert (answer.meaning, answer.reason) == (Meaning.UNREACHABLE, "timeout")
    assert 1.5 < time.monotonic() - began < _SEND_SECONDS / 10
    assert behind.send(again(what)).meaning is Meaning.ACCEPTED


def test_a_store_that_is_away_is_unreachable_and_takes_the_bundle_when_it_is_back(store: ContractStore) -> None:
    what = fresh(token_bytes(300_000))
    store.front.away = True
    try:
        answer = store.fronted.send(what)
    finally:
        store.front.away = False
    assert answer.meaning is Meaning.UNREACHABLE, answer
    assert store.fronted.send(again(what)).meaning is Meaning.ACCEPTED


def test_many_bundles_go_over_connections_that_are_kept(store: ContractStore) -> None:
    receiver = store.receiver()
    try:
        for _ in range(20):
            assert receiver.send(fresh(token_bytes(5000)), time.time() + _SEND_SECONDS).meaning is Meaning.ACCEPTED
    finally:
        receiver.close()
