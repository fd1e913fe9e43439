"""One suite for every call of the aggregator and the courier: what the wire can do wrong, and what follows.

Each fault is met by the adapter over the client that the function has. `Refused` means that nothing was done, any other
`Unavailable` that this is not known; nothing else may leave an adapter.
"""

from __future__ import annotations

import io
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials
from harness.certificates import make_certificate
from harness.scripted_server import Says, answer, chunked, scripted_server, unframed

from baler.aws.attempts import ATTEMPTS
from baler.aws.http import moment
from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3
from baler.aws.http.sqs import HttpSqs
from baler.aws.queue import SqsQueue
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.aws.courier_table import DynamoCourierTable
from baler.files.bundle.manifest import ManifestFile
from baler.files.bundle.writer import Bundle
from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.courier.breaker import Breaker
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from baler.files.courier.lease import Lease
from baler.files.landed_file import LandedFile
from baler.files.reason import Reason
from baler.store_errors import Refused, Unavailable
from runtime.files.aggregator.file_outcome import Outcome
from runtime.files.aggregator.ports import Fetched, NotFetched
from runtime.files.aws.buckets import S3Archive, S3Mailbox
from runtime.files.aws.landing import S3Landing
from runtime.files.aws.mailbox import S3CourierMailbox
from runtime.files.courier.ports import WaitingBundle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from harness.scripted_server import ScriptedServer

NOW = 1_795_165_262.0
BUNDLE_ID = "20261120T090102000Z-3132333435363738"
CLAIM = Claim("landing/k@v1", BUNDLE_ID, NOW + 50.5, int(NOW) + 86_400)
RECORD = BundleRecord(BUNDLE_ID, BundleState.COMMITTED, int(NOW))
LEASE = Lease("owner", 1, 0, Breaker())
DELIVERY = DeliveryId(BUNDLE_ID)
WAITING = WaitingBundle(BUNDLE_ID, '"etag"', 6, NOW)
SESSION = boto3.Session("access", "secret", region_name="eu-west-2")
FINE = answer(b"{}")
# Far enough for each call here, near enough that a call that ignored it would be noticed.
SOON = 0.6


def bundle() -> Bundle:
    file = ManifestFile("a", "v", 1, "2026-11-20T09:01:02.000Z", "cd" * 32, "files/a")
    return Bundle(BUNDLE_ID, io.BytesIO(b"bundle"), 6, "ab" * 32, (file,), b"{}")


def file(key: str = "k", size: int = 5) -> LandedFile:
    return LandedFile("landing", key, "v1", "e" * 32, size, datetime.now(UTC))


class Wire:
    """The function's clients, on one server."""

    def __init__(self, url: str) -> None:
        def client(service: Any) -> Any:
            return SESSION.client(service, endpoint_url=url)  # pyright: ignore[reportUnknownVariableType]  # any of three

        s3 = client("s3")
        self.s3 = {name: HttpS3(s3, credentials, name) for name in ("landing", "archive", "mailbox")}
        self.dynamodb = HttpDynamoDb(client("dynamodb"), credentials)
        self.sqs = HttpSqs(client("sqs"), credentials)

    def table(self, deadline: float) -> DynamoClaimTable:
        return DynamoClaimTable(self.dynamodb, "claims", deadline)

    def archive(self, deadline: float) -> S3Archive:
        return S3Archive(self.s3["archive"], "archive", deadline)

    def mailbox(self, deadline: float) -> S3Mailbox:
        return S3Mailbox(self.s3["mailbox"], "mailbox", "archive", deadline)

    def courier_table(self, deadline: float) -> DynamoCourierTable:
        return DynamoCourierTable(self.dynamodb, "courier", 86_400, deadline)

    def courier_mailbox(self, deadline: float) -> S3CourierMailbox:
        return S3CourierMailbox(self.s3["mailbox"], "mailbox", deadline)

    def fetch(self, *files: LandedFile, deadline: float = 0.0) -> list[Fetched | NotFetched]:
        with ThreadPoolExecutor(16) as pool:
            landing = S3Landing(self.s3["landing"], pool, 10**8, 10**6, deadline or time.time() + 30)
            items = list(landing.fetch(files))
        for item in items:
            if isinstance(item, Fetched):
                item.body.close()
        return items

    def close(self) -> None:
        for client in (*self.s3.values(), self.dynamodb, self.sqs):
            client.close()


def credentials() -> ReadOnlyCredentials:
    return ReadOnlyCredentials("access", "secret", None)


CALLS: dict[str, Callable[[Wire, float], object]] = {
    "claim": lambda wire, deadline: wire.table(deadline).claim(CLAIM, NOW),
    "take_over": lambda wire, deadline: wire.table(deadline).take_over(CLAIM, CLAIM),
    "give_back": lambda wire, deadline: wire.table(deadline).give_back(CLAIM),
    "read_claim": lambda wire, deadline: wire.table(deadline).read_claim(CLAIM),
    "bundle": lambda wire, deadline: wire.table(deadline).bundle(BUNDLE_ID),
    "record": lambda wire, deadline: wire.table(deadline).record(RECORD),
    "archive.put": lambda wire, deadline: wire.archive(deadline).put(bundle()),
    "fence": lambda wire, deadline: wire.archive(deadline).fence(BUNDLE_ID),
    "mailbox.put": lambda wire, deadline: wire.mailbox(deadline).put(bundle()),
    "copy": lambda wire, deadline: wire.mailbox(deadline).copy_from_archive(BUNDLE_ID),
    "set_visibility": lambda wire, deadline: SqsQueue(wire.sqs, "https://q", deadline).set_visibility({"handle": 5}),
    "acquire": lambda wire, deadline: wire.courier_table(deadline).acquire("owner", NOW),
    "ring": lambda wire, deadline: wire.courier_table(deadline).ring(),
    "renew": lambda wire, deadline: wire.courier_table(deadline).renew(LEASE, NOW),
    "release": lambda wire, deadline: wire.courier_table(deadline).release(LEASE, bells=0),
    "save": lambda wire, deadline: wire.courier_table(deadline).save(LEASE, Breaker()),
    "read a delivery": lambda wire, deadline: wire.courier_table(deadline).record(DELIVERY),
    "note": lambda wire, deadline: wire.courier_table(deadline).note(DeliveryRecord(DELIVERY)),
    "list": lambda wire, deadline: list(wire.courier_mailbox(deadline).waiting()),
    "open": lambda wire, deadline: wire.courier_mailbox(deadline).open(WAITING),
}
ALL_REFUSED = dict.fromkeys(CALLS, Refused)
ALL_UNKNOWN = dict.fromkeys(CALLS, Unavailable)


def document(code: str) -> bytes:
    """An error that is understood by S3's reader and, as JSON in a comment of XML would not be, by the others'."""
    return f'{{"__type": "com.amazonaws#{code}", "message": "<Error><Code>{code}</Code></Error>"}}'.encode()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baler.aws.attempts._BACKOFF_SECONDS", 0)


@contextmanager
def wire(*script: Says, **options: Any) -> Generator[tuple[Wire, ScriptedServer]]:
    with scripted_server(*script, **options) as server, closing(Wire(server.url)) as clients:
        yield clients, server


def failures(clients: Wire, seconds: float = 30) -> dict[str, Unavailable]:
    """Make every call at once; return what each failed with."""

    def fail(name: str) -> Unavailable:
        with pytest.raises(Unavailable) as raised:
            CALLS[name](clients, time.time() + seconds)
        return raised.value

    with ThreadPoolExecutor(len(CALLS)) as pool:
        return dict(zip(CALLS, pool.map(fail, CALLS), strict=True))


def kinds(failed: dict[str, Unavailable]) -> dict[str, type[Unavailable]]:
    return {name: type(failure) for name, failure in failed.items()}


def reasons(failed: dict[str, Unavailable]) -> set[str]:
    return {failure.reason for failure in failed.values() if isinstance(failure, Refused)}


# --- refusals: one request, nothing done, AWS's word for it


@pytest.mark.parametrize("framed", [answer, chunked, unframed])
@pytest.mark.parametrize(
    ("status", "code"),
    [("403 Forbidden", "AccessDenied"), ("403 Forbidden", "InvalidObjectState"), ("400 Bad Request", "NoSuchTable")],
)
def test_a_refusal_is_one_request_however_its_answer_is_framed(
    framed: Callable[..., Says], status: str, code: str
) -> None:
    with wire(framed(document(code), status)) as (clients, server):
        failed = failures(clients)
        assert (kinds(failed), reasons(failed)) == (ALL_REFUSED, {code})
        assert len(server.requests) == len(CALLS)


def test_a_refusal_without_a_word_has_its_status() -> None:
    with wire(answer(b"<html>no", "403 Forbidden")) as (clients, server):
        failed = failures(clients)
        assert (kinds(failed), reasons(failed)) == (ALL_REFUSED, {"403"})
        assert len(server.requests) == len(CALLS)


@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed_and_says_where_it_leads(status: str) -> None:
    with scripted_server(answer()) as elsewhere:
        headers = {"location": elsewhere.url, "x_amz_bucket_region": "us-west-1"}
        with wire(chunked(document("PermanentRedirect"), status, **headers)) as (clients, server):
            failed = failures(clients)
            assert (kinds(failed), reasons(failed)) == (ALL_REFUSED, {"PermanentRedirect"})
            assert all("us-west-1" in str(failure.__cause__) for failure in failed.values())
            assert len(server.requests) == len(CALLS)
        assert elsewhere.requests == []


# --- throttling: tried again, nothing done


@pytest.mark.requirement("MINIO-CLIENTS-01")
@pytest.mark.parametrize(
    "says",
    [
        chunked(document("SlowDown"), "503 Slow Down"),
        answer(document("ThrottlingException"), "400 Bad Request"),
        answer(b"", "429 Too Many Requests"),
        unframed(document("RequestThrottled"), "403 Forbidden"),
    ],
)
def test_throttling_is_tried_again_and_known_to_have_done_nothing(says: Says) -> None:
    with wire(says) as (clients, server):
        assert kinds(failures(clients)) == ALL_REFUSED
        assert len(server.requests) == ATTEMPTS * len(CALLS)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Slow Down"])
def test_a_wait_that_is_asked_for_and_does_not_fit_is_not_begun(status: str) -> None:
    with wire(answer(document("SlowDown"), status, retry_after="9")) as (clients, server):
        assert kinds(failures(clients, 5)) == ALL_REFUSED
        assert len(server.requests) == len(CALLS)


def test_a_wait_that_is_asked_for_and_fits_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("baler.aws.attempts.time", SimpleNamespace(time=time.time, sleep=waited.append))
    slow = answer(document("SlowDown"), "503 Slow Down", retry_after="2")
    slower = answer(document("SlowDown"), "503 Slow Down", x_amz_retry_after="2500")
    with wire(slow, slower, FINE) as (clients, _):
        clients.table(time.time() + 60).record(RECORD)
    assert waited == [2, 2.5]


# --- no answer: tried again, and what was done is unknown


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(Says(hangs_up=True), id="nothing"),
        pytest.param(answer(document("InternalError"), "500 Internal Server Error"), id="500"),
        pytest.param(answer(b"<html>", "503 Service Unavailable"), id="503 of a gateway"),
        pytest.param(Says(b"what is this?\r\n\r\n", hangs_up=True), id="no HTTP"),
        pytest.param(
            Says(chunked(document("AccessDenied"), "403 Forbidden").raw[:-9], hangs_up=True),
            id="a refusal that breaks off",
        ),
        pytest.param(
            Says(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello", hangs_up=True),
            id="two lengths",
        ),
        pytest.param(
            Says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello", hangs_up=True),
            id="a chunk of no length",
        ),
    ],
)
def test_no_answer_that_is_understood_leaves_open_what_was_done(says: Says) -> None:
    with wire(says) as (clients, server):
        assert kinds(failures(clients)) == ALL_UNKNOWN
        assert len(server.requests) == ATTEMPTS * len(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_one_attempt_that_may_have_taken_effect_outweighs_a_later_refusal(name: str) -> None:
    with wire(Says(hangs_up=True), answer(document("AccessDenied"), "403 Forbidden")) as (clients, server):
        with pytest.raises(Unavailable) as raised:
            CALLS[name](clients, time.time() + 30)
        assert type(raised.value) is Unavailable
        assert len(server.requests) == 2


def test_where_nobody_listens_nothing_was_done() -> None:
    with wire(answer()) as (clients, _):
        pass
    assert kinds(failures(clients)) == ALL_REFUSED


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(Says(stalls=True), id="silence"),
        pytest.param(Says(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{", stalls=True), id="a body that stops"),
        pytest.param(Says(b"HTTP/1.1 200 OK\r\n", drips=b"x-a: 1\r\n"), id="headers that drip"),
        pytest.param(Says(b"HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n", drips=b"x"), id="a body that drips"),
        pytest.param(
            Says(b"HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n", drips=b"1\r\nx\r\n"),
            id="a refusal that drips",
        ),
    ],
)
def test_whoever_is_silent_or_drips_is_left_at_the_deadline(says: Says) -> None:
    """A drip has no end of its own, so without the deadline this test has none."""
    with wire(says) as (clients, _):
        assert kinds(failures(clients, SOON)) == ALL_UNKNOWN


def test_past_the_deadline_nothing_is_sent() -> None:
    with wire(answer()) as (clients, server):
        assert kinds(failures(clients, -1)) == ALL_REFUSED
        assert server.requests == []


def test_past_the_deadline_nothing_is_sent_on_a_kept_connection_either() -> None:
    with wire(FINE) as (clients, server):
        clients.table(time.time() + 30).record(RECORD)
        with pytest.raises(Refused):
            clients.table(time.time() - 1).record(RECORD)
        clients.table(time.time() + 30).record(RECORD)
        assert (len(server.requests), server.connections) == (2, 1)


def test_a_header_that_is_too_large_is_not_asked_for_again() -> None:
    with wire(answer(b"{}", **{f"x_amz_meta_{number}": "1" for number in range(2000)})) as (clients, server):
        assert kinds(failures(clients)) == ALL_UNKNOWN
        assert len(server.requests) == len(CALLS)


def test_a_copy_that_fails_after_its_200_has_failed() -> None:
    """S3 says 200 before it copies: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
    failed = chunked(b"<?xml version='1.0'?>\n<Error><Code>InternalError</Code><Message>no</Message></Error>")
    done = chunked(b"<?xml version='1.0'?>\n<CopyObjectResult><ETag>e</ETag></CopyObjectResult>")
    with wire(failed, unframed(b"<?xml version='1.0'?>\n<CopyObj"), done) as (clients, server):
        clients.mailbox(time.time() + 30).copy_from_archive(BUNDLE_ID)
        assert len(server.requests) == 3
    with wire(failed) as (clients, server):
        with pytest.raises(Unavailable) as raised:
            clients.mailbox(time.time() + 30).copy_from_archive(BUNDLE_ID)
        assert type(raised.value) is Unavailable
        assert len(server.requests) == ATTEMPTS


def test_a_key_whose_holder_cannot_be_seen_may_hold_what_was_put() -> None:
    taken = answer(document("PreconditionFailed"), "412 Precondition Failed")
    with wire(taken, taken, answer(b"", "403 Forbidden")) as (clients, _):
        with pytest.raises(Unavailable) as raised:
            clients.archive(time.time() + 30).put(bundle())
        assert type(raised.value) is Unavailable


def test_a_bundle_is_sent_from_its_start_in_each_attempt() -> None:
    with wire(FINE, Says(hangs_up=True), FINE) as (clients, server):
        clients.archive(time.time() + 30).put(bundle())
        assert [body for _, body in server.requests[1:]] == [b"bundle", b"bundle"]


# --- connections that died in a freeze


@pytest.mark.parametrize("dies", [Says(stalls=True), Says(hangs_up=True)], ids=["silence", "end"])
def test_kept_connections_that_died_unseen_cost_no_attempt_and_all_are_dropped(dies: Says) -> None:
    """Three connections serve one request each and then none: as after a thaw, of which nothing tells."""
    with wire(answer(b"hello"), dies=dies, dying=3) as (clients, server):
        landing = clients.s3["landing"]
        bodies = [landing.get_object(Bucket="landing", Key="k")["Body"] for _ in range(3)]
        for _ in range(6):
            for body in bodies:
                assert b"".join(body.iter_chunks(100)) == b"hello"
            bodies = [landing.get_object(Bucket="landing", Key="k")["Body"]]
        bodies[0].close()
        assert server.connections == 4
        assert len(server.requests) == 3 + 1 + 6


def test_a_write_that_a_dead_connection_may_have_carried_is_not_known_to_be_refused() -> None:
    refusal = answer(document("AccessDenied"), "403 Forbidden")
    with wire(FINE, Says(hangs_up=True), refusal) as (clients, server):
        table = clients.table(time.time() + 30)
        table.record(RECORD)
        with pytest.raises(Unavailable) as raised:
            table.record(RECORD)
        assert type(raised.value) is Unavailable
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("boot", "day", "used_again"), [(1, 1, True), (9, 0, False), (0, 9, False), (0, -9, False), (9, 9, False)]
)
def test_a_connection_that_idled_for_seconds_is_not_used_by_whichever_clock_noticed(
    monkeypatch: pytest.MonkeyPatch, boot: float, day: float, *, used_again: bool
) -> None:
    moved = SimpleNamespace(boot=0.0, day=0.0)

    def clock_gettime(clock: int) -> float:
        return time.clock_gettime(clock) + moved.boot

    clock = SimpleNamespace(
        time=lambda: time.time() + moved.day, clock_gettime=clock_gettime, CLOCK_BOOTTIME=time.CLOCK_BOOTTIME
    )
    monkeypatch.setattr(moment, "time", clock)
    with wire(FINE) as (clients, server):
        clients.table(time.time() + 600).record(RECORD)
        moved.boot, moved.day = boot, day
        clients.table(time.time() + 600).record(RECORD)
        assert server.connections == (1 if used_again else 2)


# --- TLS


def test_a_certificate_that_is_trusted_is_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.path))
    with wire(FINE, tls=certificate.context) as (clients, server):
        for _ in range(2):
            clients.table(time.time() + 30).record(RECORD)
        assert (server.connections, len(server.requests)) == (1, 2)


@pytest.mark.parametrize("fault", ["unknown", "other host", "no common cipher"])
def test_a_handshake_that_is_refused_sends_nothing_and_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    certificate = make_certificate(tmp_path, "192.0.2.1" if fault == "other host" else "127.0.0.1")
    if fault != "unknown":
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.path))
    if fault == "no common cipher":  # the certificate's key is of another kind: the server sends an alert
        certificate.context.maximum_version = ssl.TLSVersion.TLSv1_2
        certificate.context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    monkeypatch.setattr("baler.aws.attempts.time", SimpleNamespace(time=time.time, sleep=pytest.fail))
    with wire(FINE, tls=certificate.context) as (clients, server):
        failed = failures(clients)
        assert (kinds(failed), reasons(failed)) == (ALL_REFUSED, {"SSLError"})
        assert server.requests == []


def test_a_handshake_that_breaks_off_is_tried_again() -> None:
    with (
        scripted_server(Says(hangs_up=True)) as server,
        closing(Wire(server.url.replace("http:", "https:"))) as clients,
    ):
        with pytest.raises(Refused, match="EndpointConnectionError"):
            clients.table(time.time() + 30).record(RECORD)
        assert server.connections == ATTEMPTS


# --- files


@pytest.mark.parametrize("framed", [answer, chunked, unframed])
@pytest.mark.parametrize(
    ("status", "code", "outcome", "reason"),
    [
        ("404 Not Found", "NoSuchKey", Outcome.REJECTED, Reason.OBJECT_MISSING),
        ("404 Not Found", "NoSuchVersion", Outcome.REJECTED, Reason.OBJECT_MISSING),
        ("412 Precondition Failed", "PreconditionFailed", Outcome.REJECTED, Reason.OBJECT_MISSING),
        ("405 Method Not Allowed", "MethodNotAllowed", Outcome.REJECTED, Reason.OBJECT_MISSING),
        ("403 Forbidden", "AccessDenied", Outcome.RETRY, Reason.UNREADABLE),
        ("403 Forbidden", "InvalidObjectState", Outcome.RETRY, Reason.UNREADABLE),
        ("400 Bad Request", "InvalidRequest", Outcome.RETRY, Reason.UNREADABLE),
        ("400 Bad Request", "KMS.DisabledException", Outcome.RETRY, Reason.UNREADABLE),
    ],
)
def test_a_file_that_is_refused_has_its_reason_with_one_request_however_it_is_framed(
    framed: Callable[..., Says], status: str, code: str, outcome: Outcome, reason: Reason
) -> None:
    with wire(framed(document(code), status)) as (clients, server):
        (item,) = clients.fetch(file())
        assert isinstance(item, NotFetched)
        assert (item.outcome.kind, item.outcome.reason) == (outcome, reason)
        assert len(server.requests) == 1


@pytest.mark.parametrize("entries", [95, 480])
def test_a_file_with_all_the_metadata_that_s3_allows_is_read(entries: int) -> None:
    with wire(answer(b"hello", **{f"x_amz_meta_{number}": "1" for number in range(entries)})) as (clients, server):
        (item,) = clients.fetch(file())
        assert isinstance(item, Fetched)
        assert len(server.requests) == 1


@pytest.mark.parametrize("lines", [{f"x_{n}": "1" for n in range(2000)}, {"x_amz_meta_note": "n" * 70_000}])
def test_a_file_with_more_than_is_read_is_unreadable_and_asked_for_once(lines: dict[str, str]) -> None:
    with wire(answer(b"hello", **lines)) as (clients, server):
        (item,) = clients.fetch(file())
        assert isinstance(item, NotFetched)
        assert item.outcome.reason is Reason.UNREADABLE
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "says",
    [answer(document("SlowDown"), "503 Slow Down"), answer(document("KMS.ThrottlingException"), "400 Bad Request")],
)
def test_a_throttled_file_is_the_landing_buckets_unavailability(says: Says) -> None:
    with wire(says) as (clients, server):
        (item,) = clients.fetch(file())
        assert isinstance(item, NotFetched)
        assert item.outcome.reason is Reason.LANDING_UNAVAILABLE
        assert len(server.requests) == ATTEMPTS


HANGING = {
    "silence": Says(stalls=True),
    "a body that stops": Says(answer(b"hello").raw[:-1], stalls=True),
    "headers that drip": Says(b"HTTP/1.1 200 OK\r\n", drips=b"x-a: 1\r\n"),
    "a body that drips": Says(answer(b"hello" * 1000).raw[:-4000], drips=b"x"),
}


@pytest.mark.parametrize("hanging", HANGING.values(), ids=HANGING.keys())
def test_a_file_that_hangs_is_left_out_and_the_others_come_in_their_order(
    monkeypatch: pytest.MonkeyPatch, hanging: Says
) -> None:
    monkeypatch.setattr("runtime.files.aws.landing._PATIENCE_SECONDS", SOON)
    files = [file(f"k{number}", 5000) for number in range(100)]
    files[0], files[70] = file("hangs", 5000), file("hangs-too", 5000)
    with by_key(hanging) as server, closing(Wire(server.url)) as clients:
        items = clients.fetch(*files)
    assert [item.file for item in items] == files
    left_out = [item for item in items if isinstance(item, NotFetched)]
    assert [item.file.key for item in left_out] == ["hangs", "hangs-too"]
    assert {item.outcome.reason for item in left_out} == {Reason.LANDING_UNAVAILABLE}


@pytest.mark.requirement("MINIO-ARCHIVE-02")
def test_a_landing_bucket_that_drips_is_left_at_the_deadline_and_frees_its_threads() -> None:
    files = [file(f"hangs{number}") for number in range(100)]
    drip = HANGING["headers that drip"]  # which has no end of its own
    with by_key(drip) as server, closing(Wire(server.url)) as clients:
        items = clients.fetch(*files, deadline=time.time() + SOON)  # which waits for all of its threads
    assert [item.file for item in items] == files
    assert {item.outcome.reason for item in items if isinstance(item, NotFetched)} == {Reason.LANDING_UNAVAILABLE}


def test_a_disk_that_is_full_leaves_one_file_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runtime.files.aws.landing.SpooledTemporaryFile", full)
    with wire(answer(b"hello")) as (clients, _):
        (item,) = clients.fetch(file())
        assert isinstance(item, NotFetched)
        assert item.outcome.reason is Reason.UNREADABLE


@contextmanager
def by_key(hanging: Says) -> Generator[ScriptedServer]:
    """A server on which keys with "hangs" in them do."""
    with scripted_server(answer(b"hello"), by_path=lambda path: hanging if "hangs" in path else None) as server:
        yield server
