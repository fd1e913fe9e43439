"""What goes over the wire, and what is made of what comes back, against receivers that do as they like."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
from harness.parcels import parcel
from harness.scripted_receiver import (
    AUTHORITY,
    CONTINUE,
    MemorySecret,
    Peer,
    answer,
    header_of,
    http_receiver,
    scripted_receiver,
    secret_text,
    server_context,
)

from baler.files.courier.answer import Answer, Meaning
from baler.store_errors import Unavailable
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.http.receiver import HttpReceiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.files.courier.ports import Parcel

OK = answer("200 OK")
LARGE = os.urandom(3_000_000)
SMALL = b"a small bundle"


def soon() -> float:
    return time.time() + 20


def accepts(peer: Peer) -> None:
    while head := peer.head():
        if header_of(head, "Expect"):
            peer.say(CONTINUE)
        peer.body()
        peer.say(OK)


def sent(script: Callable[[Peer], None], data: bytes = SMALL, seconds: float = 20) -> tuple[Answer, int]:
    """Send one parcel to a receiver; return the answer, and how many bytes of the body the receiver read."""
    with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
        found = client.send(parcel(data), time.time() + seconds)
    return found, receiver.body_bytes


class TestTheRequest:
    def test_it_has_the_headers_of_the_contract_written_as_nifi_flows_look_for_them(self) -> None:
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

    def test_a_replay_has_its_id(self) -> None:
        with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
            client.send(parcel(SMALL, replay_id="20261120T090102345Z-aa"), soon())
        assert "\r\nX-Replay-Id: 20261120T090102345Z-aa\r\n" in receiver.heads[0] + "\r\n"

    def test_the_name_is_asked_for_and_the_address_is_dialled(self) -> None:
        context = server_context()
        asked: list[str | None] = []
        context.sni_callback = lambda _socket, name, _context: asked.append(name)
        with scripted_receiver(accepts, context=context) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
        assert asked == ["receiver.premises.example"]
        assert context.get_ca_certs() == []

    @pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_000_000])
    def test_a_body_arrives_whole_whatever_its_size(self, size: int) -> None:
        found, body_bytes = sent(accepts, os.urandom(size))
        assert (found.meaning, body_bytes) == (Meaning.ACCEPTED, size)

    def test_only_large_bodies_are_announced(self) -> None:
        with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
            for size in (65_536, 65_537):
                client.send(parcel(os.urandom(size)), soon())
        assert [header_of(head, "Expect") for head in receiver.heads] == [None, "100-continue"]


class TestExpect:
    def test_an_answer_that_comes_instead_of_a_100_is_read_before_a_byte_of_the_body(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.say(answer("503 Service Unavailable", retry_after="11"))
            peer.body()

        found, body_bytes = sent(script, LARGE)
        assert found == Answer(Meaning.BUSY, "503", 503, 11.0)
        assert body_bytes == 0

    def test_a_receiver_that_never_says_100_gets_the_body_after_a_second(self) -> None:
        waited: list[float] = []

        def script(peer: Peer) -> None:
            peer.head()
            begun = time.monotonic()
            assert peer.waits(10)
            waited.append(time.monotonic() - begun)
            peer.body()
            peer.say(OK)

        found, body_bytes = sent(script, LARGE)
        assert (found.meaning, body_bytes) == (Meaning.ACCEPTED, len(LARGE))
        assert 0.5 < waited[0] < 5

    def test_417_is_followed_by_a_request_without_it_and_remembered(self) -> None:
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

    def test_417_and_what_follows_it_have_one_deadline(self) -> None:
        def script(peer: Peer) -> None:
            if header_of(peer.head(), "Expect"):
                time.sleep(0.6)
                peer.say(answer("417 Expectation Failed"))
            else:
                peer.body()
                peer.waits(20)

        begun = time.monotonic()
        found, _ = sent(script, LARGE, seconds=1.5)
        assert found == Answer(Meaning.UNREACHABLE, "timeout")
        assert time.monotonic() - begun < 2.5

    def test_417_after_the_body_began_is_no_refusal_of_the_bundle(self) -> None:
        def script(peer: Peer) -> None:
            head = peer.head()
            peer.body()
            peer.say(answer("417 Expectation Failed") if header_of(head, "Expect") else OK)

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(LARGE), soon()) == Answer(Meaning.UNREACHABLE, "417", 417)
            assert client.send(parcel(LARGE), soon()).meaning is Meaning.ACCEPTED

    def test_417_without_an_expectation_is_a_refusal(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(answer("417 Expectation Failed"))

        assert sent(script)[0].meaning is Meaning.REFUSED

    @pytest.mark.parametrize("interim", [b"102 Processing", b"103 Early Hints", b"100 Continue"])
    def test_interim_answers_before_the_body_are_passed_over(self, interim: bytes) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.say(b"HTTP/1.1 " + interim + b"\r\nlink: </style.css>\r\n\r\n" + CONTINUE)
            peer.body()
            peer.say(OK)

        assert sent(script, LARGE) == (Answer(Meaning.ACCEPTED, "200", 200), len(LARGE))

    def test_a_100_that_comes_after_the_body_began_is_passed_over(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body(100_000)
            peer.say(CONTINUE)
            peer.body(len(LARGE) - 100_000)
            peer.say(CONTINUE + b"HTTP/1.1 102 Processing\r\n\r\n" + answer("201 Created"))

        assert sent(script, LARGE) == (Answer(Meaning.ACCEPTED, "201", 201), len(LARGE))

    def test_a_100_for_a_body_that_was_not_announced_is_passed_over(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.say(CONTINUE)
            peer.body()
            peer.say(OK)

        assert sent(script)[0].meaning is Meaning.ACCEPTED


def unannounced(client: HttpReceiver) -> HttpReceiver:
    """Make a receiver believe that nobody knows Expect, as after a 417."""
    client._expects = False  # pyright: ignore[reportPrivateUsage]
    return client


class TestAnAnswerWhileTheBodyIsSent:
    @pytest.mark.parametrize("ending", ["close", "reset", "silence", "reads on"])
    @pytest.mark.parametrize("status", [503, 413])
    def test_it_counts_though_the_connection_then_breaks(self, ending: str, status: int) -> None:
        body = os.urandom(30_000_000)  # more than any socket takes unread

        def script(peer: Peer) -> None:
            peer.head()
            peer.body(200_000)
            peer.say(answer(f"{status} No"))
            if ending == "reset":
                time.sleep(0.2)  # else it overtakes the answer
                peer.reset()
            elif ending == "silence":
                time.sleep(2)
            elif ending == "reads on":
                peer.body(len(body))

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            begun = time.monotonic()
            assert unannounced(client).send(parcel(body), soon()).status == status
        assert time.monotonic() - begun < 10

    def test_2xx_counts_once_the_receiver_has_had_all_of_the_body(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.say(OK)
            peer.body()

        assert sent(script, LARGE) == (Answer(Meaning.ACCEPTED, "200", 200), len(LARGE))

    @pytest.mark.parametrize("announced", [True, False])
    def test_2xx_from_a_receiver_that_does_not_take_the_body_is_no_acknowledgement(self, announced: bool) -> None:  # noqa: FBT001
        """Whoever answers so cannot have checked a hash: a proxy, a login page."""

        def script(peer: Peer) -> None:
            peer.head()
            peer.say(answer("200 OK", connection="close"))

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            client = client if announced else unannounced(client)
            found = client.send(parcel(os.urandom(30_000_000)), soon())
        assert found == Answer(Meaning.UNREACHABLE, "accepted-too-early")

    def test_an_early_answer_without_end_takes_neither_memory_nor_the_whole_time(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
            while True:
                peer.say(b"x" * 65536)

        begun = time.monotonic()
        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            found = unannounced(client).send(parcel(os.urandom(30_000_000)), soon())
        assert found == Answer(Meaning.UNREACHABLE, "accepted-too-early")
        assert time.monotonic() - begun < 10


class TestTheAnswersBody:
    def test_the_bundle_sent_back_does_not_matter(self) -> None:
        """NiFi's HandleHttpResponse sends the flow file's content unless the flow has emptied it."""

        def script(peer: Peer) -> None:
            while peer.head():
                peer.body()
                peer.say(answer("200 OK", os.urandom(5_000_000)))

        assert sent(script)[0].meaning is Meaning.ACCEPTED

    @pytest.mark.parametrize("framing", ["length", "chunks", "close"])
    def test_an_endless_one_is_left_and_the_status_counts(self, framing: str) -> None:
        heads = {
            "length": b"content-length: 99999999999\r\n\r\n",
            "chunks": b"transfer-encoding: chunked\r\n\r\n",
            "close": b"connection: close\r\n\r\n",
        }
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if framing == "chunks" else b"x" * 65536

        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(b"HTTP/1.1 200 OK\r\n" + heads[framing])
            while True:
                peer.say(piece)

        begun = time.monotonic()
        assert sent(script)[0].meaning is Meaning.ACCEPTED
        assert time.monotonic() - begun < 5

    def test_one_that_hangs_or_breaks_off_costs_a_second_at_most(self) -> None:
        def hangs(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            peer.waits(5)

        def breaks(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")

        for script in (hangs, breaks):
            begun = time.monotonic()
            assert sent(script)[0].meaning is Meaning.ACCEPTED
            assert time.monotonic() - begun < 4

    @pytest.mark.parametrize("status", ["204 No Content", "205 Reset Content", "202 Accepted", "299 Odd"])
    def test_every_2xx_is_an_acknowledgement(self, status: str) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(f"HTTP/1.1 {status}\r\n\r\n".encode())

        assert sent(script)[0].meaning is Meaning.ACCEPTED


class TestNoAnswer:
    @pytest.mark.parametrize("silent", ["before the handshake", "after the head", "after the body", "amid an answer"])
    def test_the_deadline_ends_it_wherever_the_receiver_stands_still(self, silent: str) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            if silent in {"after the body", "amid an answer"}:
                peer.body()
            if silent == "amid an answer":
                peer.say(b"HTTP/1.1 200 OK\r\ncontent-le")
            time.sleep(3)

        data = os.urandom(30_000_000) if silent == "after the head" else SMALL
        with (
            scripted_receiver(script, plain=silent == "before the handshake") as receiver,
            http_receiver(receiver.endpoint) as client,
        ):
            begun = time.monotonic()
            found = client.send(parcel(data), time.time() + 1.5)
            assert time.monotonic() - begun < 2.5
        assert found == Answer(Meaning.UNREACHABLE, "timeout")

    def test_the_deadline_ends_an_answer_that_drips(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x-drip: 1\r\n" * 1000:
                peer.say(bytes([byte]))
                time.sleep(0.05)

        begun = time.monotonic()
        assert sent(script, seconds=1.5)[0] == Answer(Meaning.UNREACHABLE, "timeout")
        assert time.monotonic() - begun < 2.5

    def test_a_deadline_that_has_passed_sends_nothing(self) -> None:
        with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(SMALL), time.time() - 1) == Answer(Meaning.UNREACHABLE, "timeout")
        assert receiver.peers == []

    @pytest.mark.parametrize("ending", ["close", "reset"])
    @pytest.mark.parametrize("moment", ["head", "part", "body", "amid an answer"])
    def test_a_connection_that_breaks_leaves_the_outcome_unknown(self, ending: str, moment: str) -> None:
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
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"HTTP/2.0 200\r\n\r\n",
            b"HTTP/1.1 2OO OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"x-header: " + b"y" * 200_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"x-header: y\r\n" * 20_000 + b"\r\n",
        ],
        ids=["another protocol", "HTTP/2", "letters", "two lengths", "101", "a long header", "many headers"],
    )
    def test_an_answer_that_is_none_of_http_is_not_believed(self, said: bytes) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(said)

        assert sent(script)[0] == Answer(Meaning.UNREACHABLE, "not-http")

    def test_nobody_listens(self) -> None:
        with scripted_receiver(accepts) as receiver:
            endpoint = receiver.endpoint
        with http_receiver(endpoint) as client:
            assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "connection-refused")

    def test_a_mailbox_that_breaks_off_cuts_the_connection_and_is_not_the_receivers_fault(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.say(CONTINUE)
            peer.body()

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            broken = parcel(LARGE, failure=Unavailable("the mailbox broke off"))
            with pytest.raises(Unavailable):
                client.send(broken, soon())
        assert 0 < receiver.body_bytes < len(LARGE)


class TestKeptConnections:
    def test_one_serves_many_bundles(self) -> None:
        with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
            for data in (SMALL, LARGE, SMALL):
                assert client.send(parcel(data), soon()).meaning is Meaning.ACCEPTED
        assert len(receiver.peers) == 1

    def test_bundles_beside_each_other_have_one_each(self) -> None:
        together = threading.Barrier(3)

        def script(peer: Peer) -> None:
            while peer.head():
                peer.body()
                together.wait(10)
                peer.say(OK)

        found: list[Answer] = []
        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            threads = [
                threading.Thread(target=lambda: found.append(client.send(parcel(SMALL), soon()))) for _ in range(3)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert [one.meaning for one in found] == [Meaning.ACCEPTED] * 3
        assert len(receiver.peers) == 3

    def test_one_that_was_idle_for_twenty_seconds_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
            client.send(parcel(SMALL), soon())
            monkeypatch.setattr("baler.aws.http.moment.Moment.seconds_ago", lambda _: 19.9)
            client.send(parcel(SMALL), soon())
            assert len(receiver.peers) == 1
            monkeypatch.setattr("baler.aws.http.moment.Moment.seconds_ago", lambda _: 20.0)
            client.send(parcel(SMALL), soon())
        assert len(receiver.peers) == 2

    @pytest.mark.parametrize("how", ["closed", "reset", "spoken on"])
    def test_one_on_which_something_came_meanwhile_is_not_used(self, how: str) -> None:
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

    def test_one_that_dies_under_a_small_bundle_is_one_attempt_and_no_more(self) -> None:
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

    def test_one_that_dies_before_a_byte_of_the_body_is_replaced(self) -> None:
        def dies(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(OK)
            peer.head()

        with scripted_receiver(dies, accepts) as receiver, http_receiver(receiver.endpoint) as client:
            client.send(parcel(SMALL), soon())
            assert client.send(parcel(LARGE), soon()).meaning is Meaning.ACCEPTED
        assert len(receiver.peers) == 2

    def test_an_answer_that_ends_it_is_heeded(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(answer("200 OK", connection="close"))
            assert peer.head() == ""

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            for _ in range(2):
                assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED

    def test_what_follows_an_answer_is_not_taken_for_the_next_one(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(answer("503 Service Unavailable") + OK)
            peer.waits(1)

        with scripted_receiver(script, accepts) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(SMALL), soon()).meaning is Meaning.BUSY
            assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
        assert len(receiver.peers) == 2

    def test_no_redirect_is_followed(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.body()
            peer.say(answer("307 Temporary Redirect", location="/elsewhere"))

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(SMALL), soon()).meaning is Meaning.MISPLACED
        assert len(receiver.heads) == 1


class TestTls:
    def test_a_receiver_with_another_name_is_not_sent_to(self) -> None:
        with (
            scripted_receiver(accepts, context=server_context(name="another.example")) as receiver,
            http_receiver(receiver.endpoint) as client,
        ):
            assert client.send(parcel(SMALL), soon()) == Answer(
                Meaning.UNREACHABLE, "receiver-certificate-for-another-name"
            )
        assert receiver.heads == []

    def test_a_receiver_whose_certificate_has_ended_is_not_sent_to(self) -> None:
        with (
            scripted_receiver(accepts, context=server_context(ended=True)) as receiver,
            http_receiver(receiver.endpoint) as client,
        ):
            assert client.send(parcel(SMALL), soon()) == Answer(
                Meaning.UNREACHABLE, "receiver-certificate-not-valid-now"
            )
        assert receiver.heads == []

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("{}", "ca-certificate-missing"),
            (json.dumps({"ca_certificate": server_context.__module__}), "ca-certificate-unreadable"),
        ],
    )
    def test_without_the_receivers_authority_it_is_the_credentials_that_are_named(self, text: str, why: str) -> None:
        with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint, text) as client:
            assert client.send(parcel(SMALL), soon()) == Answer(
                Meaning.UNAUTHORIZED, f"client-credentials-unusable:{why}"
            )
        assert receiver.heads == []

    @pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
    @pytest.mark.parametrize("size", [10, 60_000, 5_000_000])
    @pytest.mark.parametrize("shown", ["none", "a stranger's"])
    def test_a_client_that_is_not_let_in_is_named_and_nothing_is_read(
        self, version: str, size: int, shown: str
    ) -> None:
        from ssl import TLSVersion  # noqa: PLC0415

        from sandbox.receivers.certificates import Authority  # noqa: PLC0415

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

    def test_a_bare_end_right_after_the_handshake_is_laid_to_the_missing_certificate(self) -> None:
        """By TLS 1.3 a receiver says only after the handshake that it wanted one, and may be gone before it is heard."""
        context = server_context()
        context.num_tickets = 0  # nothing shows that it accepted the handshake

        def script(peer: Peer) -> None:
            peer.wire.unwrap = None  # type: ignore[attr-defined]
            peer.reset()

        with scripted_receiver(script, context=context) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(LARGE), soon()) == Answer(Meaning.UNAUTHORIZED, "no-client-certificate")

    def test_a_bare_end_after_the_receiver_accepted_the_handshake_is_not(self) -> None:
        def script(peer: Peer) -> None:
            peer.head()
            peer.reset()

        with scripted_receiver(script) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(LARGE), soon()) == Answer(Meaning.UNREACHABLE, "connection-cut")

    def test_a_server_without_tls_is_named(self) -> None:
        def script(peer: Peer) -> None:
            peer.say(answer("400 Bad Request"))

        with scripted_receiver(script, plain=True) as receiver, http_receiver(receiver.endpoint) as client:
            assert client.send(parcel(SMALL), soon()) == Answer(Meaning.UNREACHABLE, "not-tls")


class TestCredentials:
    @pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
    def test_after_a_401_the_bundle_is_sent_once_more_with_the_new_secret_and_arrives_whole(self, data: bytes) -> None:
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

    def test_a_401_in_the_middle_of_a_large_body_leaves_the_second_attempt_to_the_next_send(self) -> None:
        data = os.urandom(30_000_000)

        def script(peer: Peer) -> None:
            while head := peer.head():
                if header_of(head, "X-Token") != "new":
                    peer.body(200_000)
                    peer.say(answer("401 Unauthorized", connection="close"))
                    return
                peer.body()
                peer.say(OK)

        versions = [
            SecretVersion(word, secret_text(header="X-Token", token=word), age)
            for word, age in (("new", 0.0), ("too new", time.time()))
        ]
        with scripted_receiver(script) as receiver:
            client = unannounced(HttpReceiver(receiver.endpoint, Credentials(MemorySecret(versions), 300)))
            assert client.send(parcel(data), soon()).meaning is Meaning.UNAUTHORIZED
            assert client.send(parcel(data), soon()).meaning is Meaning.ACCEPTED
            client.close()
        assert [header_of(head, "X-Token") for head in receiver.heads] == ["too new", "new"]

    def test_a_certificate_that_ends_while_the_function_lives_is_named_and_the_next_one_needs_no_new_deployment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from sandbox.receivers.certificates import Validity  # noqa: PLC0415

        short, good = AUTHORITY.client("courier", Validity(-100, 5)), AUTHORITY.client("courier")
        text = secret_text(certificate=short.certificate, key=short.key)
        secret = MemorySecret([SecretVersion("1", text, 0.0)])
        with scripted_receiver(accepts, context=server_context(wants_certificate=True)) as receiver:
            client = HttpReceiver(receiver.endpoint, Credentials(secret, 300))
            assert client.send(parcel(SMALL), soon()).meaning is Meaning.ACCEPTED
            now = time.time()
            monkeypatch.setattr(time, "time", lambda: now + 10)
            assert client.send(parcel(SMALL), now + 30) == Answer(
                Meaning.UNAUTHORIZED, "client-credentials-unusable:certificate-expired"
            )
            secret.versions.append(
                SecretVersion("2", secret_text(certificate=good.certificate, key=good.key), now + 10)
            )
            assert client.send(parcel(SMALL), now + 30).meaning is Meaning.ACCEPTED
            client.close()
        assert len(receiver.heads) == 2

    def test_credentials_are_not_on_a_connection_of_others(self) -> None:
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


def test_a_parcels_body_is_read_in_pieces_and_never_kept() -> None:
    """Memory stays bounded: what was read of a large body is let go at once."""
    made: Parcel = parcel(os.urandom(10_000_000))
    with scripted_receiver(accepts) as receiver, http_receiver(receiver.endpoint) as client:
        assert client.send(made, soon()).meaning is Meaning.ACCEPTED
