"""What a store, or something before it, does on the wire: over TLS, by a script."""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from harness.parcels import MemoryBody, parcel
from harness.scripted_receiver import (
    AUTHORITY,
    NAME,
    MemorySecret,
    Peer,
    ScriptedReceiver,
    answer,
    header_of,
    scripted_receiver,
    server_context,
)

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.s3.receiver import S3Receiver
from runtime.files.receivers.s3.settings import StoreSettings
from sandbox.localstack.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from runtime.files.courier.ports import Parcel

SMALL = 1000
LARGE = 300_000


@contextmanager
def s3_receiver(store: ScriptedReceiver, *, path_style: bool = True, conditional: bool = True) -> Generator[S3Receiver]:
    settings = StoreSettings(
        f"https://{NAME}:{store.port}", LOOPBACK, "inbox", path_style=path_style, conditional_puts=conditional
    )
    text = json.dumps(
        {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "not-a-secret", "ca_certificate": AUTHORITY.pem}
    )
    receiver = S3Receiver.over_tls(settings, Credentials(MemorySecret([SecretVersion("1", text, 0.0)]), 0))
    try:
        yield receiver
    finally:
        receiver.close()


def plays(*answers: bytes, put: bytes = answer("200 OK")) -> Callable[[Peer], None]:
    """Say one thing to each PUT once its body is there, and these to all else, the last one again and again."""

    def script(peer: Peer) -> None:
        waiting = [*answers]
        while head := peer.head():
            if head.startswith("PUT"):
                if header_of(head, "expect"):
                    peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")
                peer.body()
                peer.say(put)
            else:
                peer.say(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return script


def described(what: Parcel, *, size: int | None = None) -> bytes:
    """The answer to a HEAD of what was put."""
    size = what.size if size is None else size
    return f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\nX-Amz-Meta-Sha256_checksum: {what.sha256}\r\n\r\n".encode()


def chunked(status: str, document: bytes, *headers: str) -> bytes:
    """An answer as S3 sends its errors: without Content-Length, in two chunks."""
    half = len(document) // 2
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (document[:half], document[half:]))
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n{lines}\r\n".encode() + pieces + b"0\r\n\r\n"


ERROR = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


def send(store: ScriptedReceiver, what: Parcel, *, seconds: float = 20, conditional: bool = True) -> Answer:
    with s3_receiver(store, conditional=conditional) as receiver:
        return receiver.send(what, time.time() + seconds)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_store_gets_a_put_with_a_length_and_a_question_over_one_connection(size: int) -> None:
    what = parcel(b"x" * size)
    ours = answer("200 OK")
    with scripted_receiver(plays(*([ours] if size == LARGE else []), described(what))) as store:
        assert send(store, what) == Answer(Meaning.ACCEPTED, "200", 200)
    assert len(store.peers) == 1
    [put] = [head for head in store.heads if head.startswith("PUT")]
    assert header_of(put, "host") == f"{NAME}:{store.port}"
    assert header_of(put, "content-length") == str(size)
    assert header_of(put, "transfer-encoding") is None
    assert header_of(put, "content-encoding") is None
    assert header_of(put, "x-amz-meta-sha256_checksum") == what.sha256
    signed = re.search(r"SignedHeaders=([^,]+)", header_of(put, "authorization") or "")
    assert signed is not None
    assert {"host", "if-none-match", "x-amz-meta-sha256_checksum", "x-amz-content-sha256"} <= {*signed[1].split(";")}
    # What stands between may change these.
    assert not {"content-length", "expect", "user-agent"} & {*signed[1].split(";")}
    assert store.body_bytes == size


def test_the_bucket_is_before_the_name_by_setting() -> None:
    what = parcel()
    context = server_context(name=f"inbox.{NAME}")
    with (
        scripted_receiver(plays(described(what)), context=context) as store,
        s3_receiver(store, path_style=False) as receiver,
    ):
        assert receiver.send(what, time.time() + 20).meaning is Meaning.ACCEPTED
    assert store.heads[0].startswith("PUT /bundles/")
    assert header_of(store.heads[0], "host") == f"inbox.{NAME}:{store.port}"


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_error_in_chunks_is_read_and_its_pause_passed_on(size: int) -> None:
    refusal = chunked("503 Slow Down", ERROR, "Retry-After: 17")
    with scripted_receiver(plays(answer("200 OK"), put=refusal)) as store:
        assert send(store, parcel(b"x" * size)) == Answer(Meaning.BUSY, "503", 503, 17.0)


def test_an_error_in_chunks_that_ends_the_connection_is_one_all_the_same() -> None:
    refusal = chunked("500 Internal Server Error", ERROR, "Connection: close")
    with scripted_receiver(plays(answer("404 Not Found"), put=refusal)) as store:
        assert send(store, parcel()) == Answer(Meaning.UNREACHABLE, "500", 500)


def test_a_full_store_says_so_before_a_byte_of_a_large_bundle_is_sent() -> None:
    def full(peer: Peer) -> None:
        while head := peer.head():
            peer.say(answer("507 Insufficient Storage" if head.startswith("PUT") else "200 OK"))
            if head.startswith("PUT"):
                assert peer.waits(0.3) == b""
                return

    what = parcel(b"x" * LARGE)
    with scripted_receiver(full) as store:
        assert send(store, what) == Answer(Meaning.UNREACHABLE, "507", 507)


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with scripted_receiver(plays(answer(status, location="https://elsewhere.example/"))) as elsewhere:
        moved = answer(status, location=f"https://{NAME}:{elsewhere.port}/inbox/x")
        with scripted_receiver(plays(moved, put=moved)) as store:
            assert send(store, parcel()) == Answer(Meaning.MISPLACED, status[:3], int(status[:3]))
            assert len(store.heads) == 1
        assert elsewhere.heads == []


@pytest.mark.parametrize("document", [ERROR, b" \n" * 100 + ERROR])
def test_a_success_that_holds_an_error_is_none(document: bytes) -> None:
    with scripted_receiver(plays(answer("404 Not Found"), put=chunked("200 OK", document))) as store:
        assert send(store, parcel()) == Answer(Meaning.UNREACHABLE, "error-in-a-success", 200)


def test_a_page_that_says_200_to_everything_is_no_store() -> None:
    page = answer("200 OK", b"<html>Please log in.</html>")
    with scripted_receiver(plays(b"HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n", put=page)) as store:
        assert send(store, parcel()) == Answer(Meaning.REFUSED, "another-object-is-there", 200)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_store_that_hangs_is_given_up_at_the_deadline(size: int) -> None:
    def hangs(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.waits(5)

    began = time.monotonic()
    with scripted_receiver(hangs) as store:
        assert send(store, parcel(b"x" * size), seconds=0.7) == Answer(Meaning.UNREACHABLE, "timeout")
    assert time.monotonic() - began < 4


def test_a_store_that_drips_its_answer_is_given_up_at_the_deadline() -> None:
    def drips(peer: Peer) -> None:
        peer.head()
        peer.body()
        for _ in range(200):
            peer.say(b"HTTP/1.1 200 OK\r\n"[:1])
            time.sleep(0.05)

    began = time.monotonic()
    with scripted_receiver(drips) as store:
        found = send(store, parcel(), seconds=0.7)
    assert found.meaning is Meaning.UNREACHABLE
    assert time.monotonic() - began < 4


def test_a_put_that_is_cut_is_not_sent_a_second_time_within_the_call() -> None:
    def cuts(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.reset()

    with scripted_receiver(cuts) as store:
        assert send(store, parcel()) == Answer(Meaning.UNREACHABLE, "connection-cut")
        assert [head[:3] for head in store.heads] == ["PUT"]


def test_a_kept_connection_that_died_while_a_body_was_sent_is_not_replaced_within_the_call() -> None:
    first = parcel()

    def dies(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(answer("200 OK"))
        peer.head()
        peer.say(described(first))
        peer.head()  # the second bundle's
        peer.body(4)
        peer.reset()

    with scripted_receiver(dies, plays(described(first))) as store, s3_receiver(store) as receiver:
        assert receiver.send(first, time.time() + 20).meaning is Meaning.ACCEPTED
        assert receiver.send(parcel(number=1), time.time() + 20) == Answer(Meaning.UNREACHABLE, "connection-cut")
        assert len(store.peers) == 1


def test_a_read_back_that_is_cut_is_no_acknowledgement() -> None:
    what = parcel(b"x" * SMALL)

    def cuts(peer: Peer) -> None:
        while head := peer.head():
            if head.startswith("GET"):
                peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nxxx")
                return
            peer.body()
            peer.say(described(what) if head.startswith("HEAD") else answer("200 OK"))

    with scripted_receiver(cuts) as store:
        settings = StoreSettings(f"https://{NAME}:{store.port}", LOOPBACK, "inbox", verify_by_read=True)
        text = json.dumps({"access_key_id": "A", "secret_access_key": "s", "ca_certificate": AUTHORITY.pem})
        receiver = S3Receiver.over_tls(settings, Credentials(MemorySecret([SecretVersion("1", text, 0.0)]), 0))
        found = receiver.send(what, time.time() + 5)
        receiver.close()
    assert found.meaning is Meaning.UNREACHABLE, found


def test_a_bundle_is_read_piece_by_piece_while_it_is_sent() -> None:
    size = 40_000_000
    what = parcel(b"x" * size)
    assert isinstance(what.body, MemoryBody)
    body, seen = what.body, list[int]()

    def counts(peer: Peer) -> None:
        while head := peer.head():
            if head.startswith("PUT"):
                peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")
                peer.body(1_000_000)
                time.sleep(0.3)  # a courier that reads ahead would be at the end by now
                seen.append(body.read_bytes)
                peer.body(size - 1_000_000)
                peer.say(answer("200 OK"))
            else:
                peer.say(described(what) if seen else answer("200 OK"))

    with scripted_receiver(counts) as store:
        assert send(store, what).meaning is Meaning.ACCEPTED
    assert seen[0] < 25_000_000
