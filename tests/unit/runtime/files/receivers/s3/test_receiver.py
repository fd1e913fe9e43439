"""What is put where, and what a store's answers are taken for, dialect by dialect."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from harness.parcels import MemoryBody, parcel
from harness.store_dialects import BUCKET, DIALECTS, KEY, MINIO, OLD, SEAWEEDFS, VERSITYGW, Dialect, DialectStore, reply

from baler.files.bundle.ids import bundle_key
from baler.files.courier.answer import Answer, Meaning
from baler.store_errors import Unavailable
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.http.connections import NoReplyError, Request
from runtime.files.receivers.s3.receiver import S3Receiver
from runtime.files.receivers.s3.settings import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.files.courier.ports import Parcel
    from runtime.files.receivers.http.connections import Reply

NOW = 1_800_000_000.0
SETTINGS = StoreSettings(url="https://store.example:9000", address="192.0.2.10", bucket=BUCKET, prefix="from/baler/")
WITHOUT_CONDITIONS = replace(SETTINGS, conditional_puts=False)
TIMEOUT = NoReplyError(Answer(Meaning.UNREACHABLE, "timeout"))


class Secrets:
    """The SecretStore port over versions of a secret, the newest first."""

    def __init__(self, *access_keys: str) -> None:
        self.versions = [SecretVersion(key, secret(key), NOW - 60 * age) for age, key in enumerate(access_keys)]

    def current(self) -> SecretVersion | None:
        return self.versions[0] if self.versions else None

    def previous(self) -> SecretVersion | None:
        return self.versions[1] if len(self.versions) > 1 else None


def secret(key: str) -> str:
    return json.dumps({"access_key_id": key, "secret_access_key": "not-a-secret"})


def receiver(
    store: DialectStore, settings: StoreSettings = SETTINGS, secrets: Secrets | None = None, grace_seconds: float = 300
) -> S3Receiver:
    credentials = Credentials(secrets or Secrets(KEY), grace_seconds, lambda: NOW)
    return S3Receiver(settings, credentials, lambda _: store)


def send(store: DialectStore, what: Parcel, settings: StoreSettings = SETTINGS, **more: Any) -> Answer:
    return receiver(store, settings, **more).send(what, NOW + 30)


def body_of(what: Parcel) -> MemoryBody:
    assert isinstance(what.body, MemoryBody)
    return what.body


def headers_of(request: Request) -> dict[str, str]:
    return dict(request.headers)


def path_of(what: Parcel) -> str:
    return SETTINGS.object_path(bundle_key(what.delivery.bundle_id))


def once(method: str, found: Reply | NoReplyError) -> Callable[[Request], Reply | NoReplyError | None]:
    """Say something instead of the first answer to a method."""
    waiting = [found]
    return lambda request: waiting.pop() if waiting and request.method == method else None


@pytest.mark.parametrize("dialect", [pytest.param(dialect, id=name) for name, dialect in DIALECTS.items()])
def test_a_bundle_lies_under_prefix_and_key_with_its_bytes_and_all_that_is_known_of_it(dialect: Dialect) -> None:
    store = DialectStore(dialect)
    what = parcel(b"bytes" * 1000, replay_id="again", file_count=17)
    settings = SETTINGS if dialect.conditions else WITHOUT_CONDITIONS
    assert send(store, what, settings) == Answer(Meaning.ACCEPTED, "200", 200)
    path, data, metadata = store.only_object()
    assert path == f"/{BUCKET}/from/baler/{bundle_key(what.delivery.bundle_id)}"
    assert data == b"bytes" * 1000
    assert metadata == {
        "sha256_checksum": what.sha256,
        "content-sha256": what.sha256,
        "file-count": "17",
        "bundle-id": what.delivery.bundle_id,
        "replay-id": "again",
    }
    assert body_of(what).closed


def test_a_first_delivery_has_no_replay_in_its_metadata() -> None:
    store = DialectStore()
    assert send(store, parcel()).meaning is Meaning.ACCEPTED
    assert "replay-id" not in store.only_object()[2]


def test_one_put_and_one_question_whether_it_is_there() -> None:
    store = DialectStore()
    what = parcel()
    send(store, what)
    assert store.asked == [f"PUT {path_of(what)}", f"HEAD {path_of(what)}"]


def test_the_hash_of_the_bundle_is_signed_and_the_put_is_conditional() -> None:
    store = DialectStore()
    what = parcel()
    send(store, what)
    headers = headers_of(store.requests[0])
    assert headers["x-amz-content-sha256"] == what.sha256
    assert headers["if-none-match"] == "*"
    assert headers["content-type"] == "application/gzip"
    assert "content-encoding" not in headers
    assert "x-amz-checksum-sha256" not in headers  # stores before 2022 refuse what they do not know


def test_a_store_that_keeps_checksums_gets_one_by_setting() -> None:
    store = DialectStore()
    what = parcel()
    send(store, what, replace(SETTINGS, told_checksums=True))
    told = base64.b64encode(bytes.fromhex(what.sha256)).decode()
    assert headers_of(store.requests[0])["x-amz-checksum-sha256"] == told
    assert headers_of(store.requests[0])["x-amz-sdk-checksum-algorithm"] == "SHA256"


@pytest.mark.parametrize(
    ("dialect", "settings"), [(MINIO, SETTINGS), (SEAWEEDFS, replace(SETTINGS, told_checksums=True))]
)
def test_bytes_that_are_not_the_bundle_s_are_refused_by_the_store_and_nothing_lies_there(
    dialect: Dialect, settings: StoreSettings
) -> None:
    store = DialectStore(dialect)
    answer = send(store, parcel(sha256=hashlib.sha256(b"another").hexdigest()), settings)
    assert answer == Answer(Meaning.REFUSED, "400", 400)
    assert store.objects == {}


@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_CONDITIONS], ids=["conditional", "asked before"])
@pytest.mark.parametrize("by_read", [False, True], ids=["by HEAD", "by GET"])
def test_a_replay_of_what_is_there_is_a_success(settings: StoreSettings, *, by_read: bool) -> None:
    store = DialectStore()
    settings = replace(settings, verify_by_read=by_read)
    assert send(store, parcel(), settings).meaning is Meaning.ACCEPTED
    assert send(store, parcel(replay_id="again"), settings) == Answer(Meaning.ACCEPTED, "200", 200)
    assert "replay-id" not in store.only_object()[2]


@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_CONDITIONS], ids=["conditional", "asked before"])
def test_another_object_under_the_key_is_never_replaced(settings: StoreSettings) -> None:
    store = DialectStore()
    assert send(store, parcel(b"one"), settings).meaning is Meaning.ACCEPTED
    assert send(store, parcel(b"two"), settings) == Answer(Meaning.REFUSED, "another-object-is-there", 200)
    assert store.only_object()[1] == b"one"


def test_a_store_without_conditional_puts_is_asked_before_the_put() -> None:
    store = DialectStore(OLD)
    what = parcel()
    assert send(store, what, WITHOUT_CONDITIONS).meaning is Meaning.ACCEPTED
    assert [each.split()[0] for each in store.asked] == ["HEAD", "PUT", "HEAD"]
    assert "if-none-match" not in headers_of(store.requests[1])
    again = parcel()
    assert send(store, again, WITHOUT_CONDITIONS).meaning is Meaning.ACCEPTED
    assert body_of(again).read_bytes == 0, "what is there already is not sent again"


def test_a_store_that_does_not_know_the_condition_says_so() -> None:
    answer = send(DialectStore(OLD), parcel())
    assert answer == Answer(Meaning.UNREACHABLE, "501", 501)


@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_CONDITIONS], ids=["conditional", "asked before"])
def test_a_put_that_took_effect_though_no_answer_came_is_found_by_the_next_attempt(settings: StoreSettings) -> None:
    lost: list[NoReplyError] = [TIMEOUT]
    store = DialectStore(after=lambda request, found: lost.pop() if request.method == "PUT" and lost else found)
    assert send(store, parcel(), settings) == TIMEOUT.answer
    assert send(store, parcel(), settings) == Answer(Meaning.ACCEPTED, "200", 200)


@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_CONDITIONS], ids=["conditional", "asked before"])
def test_a_put_that_did_not_take_effect_is_made_by_the_next_attempt(settings: StoreSettings) -> None:
    store = DialectStore(instead=once("PUT", TIMEOUT))
    assert send(store, parcel(), settings) == TIMEOUT.answer
    assert store.objects == {}
    assert send(store, parcel(), settings).meaning is Meaning.ACCEPTED


def test_a_put_after_which_nothing_can_be_asked_is_no_acknowledgement() -> None:
    store = DialectStore(instead=once("HEAD", TIMEOUT))
    assert send(store, parcel()) == TIMEOUT.answer
    assert send(store, parcel()).meaning is Meaning.ACCEPTED


def test_a_store_that_takes_and_does_not_have_is_not_believed() -> None:
    store = DialectStore(after=lambda request, found: reply(404) if request.method == "HEAD" else found)
    assert send(store, parcel()) == Answer(Meaning.UNREACHABLE, "not-there-after-the-put", 200)


def test_a_success_with_an_error_document_is_none() -> None:
    store = DialectStore(instead=once("PUT", reply(200, b"<?xml?>\n<Error><Code>InternalError</Code></Error>")))
    assert send(store, parcel()) == Answer(Meaning.UNREACHABLE, "error-in-a-success", 200)


def test_metadata_that_something_dropped_on_the_way_are_missed() -> None:
    store = DialectStore(Dialect(checksums=False), drops_metadata=True)
    assert send(store, parcel()) == Answer(Meaning.REFUSED, "kept-without-its-hash", 200)


def test_the_store_s_own_checksum_counts_as_much_as_the_metadata() -> None:
    store = DialectStore(drops_metadata=True)
    assert send(store, parcel()).meaning is Meaning.ACCEPTED
    path, (_, metadata) = next(iter(store.objects.items()))
    store.objects[path] = (b"changed!", {**metadata, "x-amz-meta-sha256_checksum": parcel().sha256})
    assert send(store, parcel()).reason == "another-object-is-there"


def test_a_checksum_of_parts_says_nothing_of_the_bytes() -> None:
    store = DialectStore()
    assert send(store, parcel()).meaning is Meaning.ACCEPTED
    store.after = lambda _, found: replace(found, headers={**found.headers, b"x-amz-checksum-sha256": b"AAAA-3"})
    assert send(store, parcel()).meaning is Meaning.ACCEPTED


def test_bytes_that_are_read_back_count_more_than_what_is_told_of_them() -> None:
    store = DialectStore(Dialect(checksums=False))
    settings = replace(SETTINGS, verify_by_read=True)
    assert send(store, parcel(b"right"), settings).meaning is Meaning.ACCEPTED
    path, (_, metadata) = next(iter(store.objects.items()))
    store.objects[path] = (b"wrong", metadata)
    assert send(store, parcel(b"right"), SETTINGS).meaning is Meaning.ACCEPTED
    assert send(store, parcel(b"right"), settings) == Answer(Meaning.REFUSED, "another-object-is-there", 200)


@pytest.mark.parametrize("status", [409, 412])
def test_a_taken_key_under_which_nothing_lies_is_a_refusal_with_a_name(status: int) -> None:
    what = parcel()
    store = DialectStore(replace(VERSITYGW, delete_marker=status), delete_markers={path_of(what)})
    assert send(store, what) == Answer(Meaning.REFUSED, "refused-though-nothing-is-there", status)
    assert send(store, parcel(), WITHOUT_CONDITIONS).meaning is Meaning.ACCEPTED, "the setting is the way out"


def test_a_delete_marker_is_no_object_where_the_store_says_so() -> None:
    what = parcel()
    assert send(DialectStore(MINIO, delete_markers={path_of(what)}), what).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize("status", [409, 412])
def test_whether_the_key_is_taken_is_asked_and_the_answer_to_that_counts(status: int) -> None:
    store = DialectStore(
        instead=lambda request: reply(status if request.method == "PUT" else 503, headers={"retry-after": "7"})
    )
    assert send(store, parcel()) == Answer(Meaning.BUSY, "503", 503, 7.0)


@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_CONDITIONS], ids=["conditional", "asked before"])
@pytest.mark.parametrize("dialect", [pytest.param(dialect, id=name) for name, dialect in DIALECTS.items()])
def test_a_missing_bucket_is_named(dialect: Dialect, settings: StoreSettings) -> None:
    store = DialectStore(dialect, buckets={"another"})
    assert send(store, parcel(), settings) == Answer(Meaning.MISPLACED, "no-such-bucket", 404)


@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_CONDITIONS], ids=["conditional", "asked before"])
@pytest.mark.parametrize("dialect", [pytest.param(dialect, id=name) for name, dialect in DIALECTS.items()])
def test_an_unknown_access_key_is_a_matter_of_credentials(dialect: Dialect, settings: StoreSettings) -> None:
    store = DialectStore(dialect, known_keys={"ANOTHER"})
    answer = send(store, parcel(), settings, grace_seconds=0)
    assert answer.meaning is Meaning.UNAUTHORIZED
    assert answer.reason == ("unknown-access-key" if dialect.unknown_key == 404 else "403")


def test_an_address_that_is_no_store_is_neither_a_missing_bucket_nor_a_wrong_key() -> None:
    assert send(DialectStore(instead=lambda _: reply(404)), parcel()) == Answer(Meaning.MISPLACED, "404", 404)


def test_a_bucket_that_is_there_leaves_404_what_it_is() -> None:
    store = DialectStore(instead=once("PUT", reply(404)))
    assert send(store, parcel()) == Answer(Meaning.MISPLACED, "404", 404)


@pytest.mark.parametrize("asked", ["HEAD /inbox", "GET /"])
def test_a_store_that_goes_away_while_it_is_asked_what_is_missing_is_unreachable(asked: str) -> None:
    store = DialectStore(buckets=set())
    store.instead = lambda request: reply(502) if f"{request.method} {request.target}" == asked else None
    assert send(store, parcel()) == Answer(Meaning.UNREACHABLE, "502", 502)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (301, Meaning.MISPLACED),
        (307, Meaning.MISPLACED),
        (400, Meaning.REFUSED),
        (401, Meaning.UNAUTHORIZED),
        (403, Meaning.UNAUTHORIZED),
        (405, Meaning.MISPLACED),
        (408, Meaning.BUSY),
        (411, Meaning.REFUSED),
        (413, Meaning.REFUSED),
        (415, Meaning.MISPLACED),
        (429, Meaning.BUSY),
        (431, Meaning.REFUSED),
        (451, Meaning.REFUSED),
        (500, Meaning.UNREACHABLE),
        (501, Meaning.UNREACHABLE),
        (502, Meaning.UNREACHABLE),
        (503, Meaning.BUSY),
        (504, Meaning.UNREACHABLE),
        (507, Meaning.UNREACHABLE),
        (599, Meaning.UNREACHABLE),
    ],
)
def test_any_other_status_means_what_its_class_says(status: int, meaning: Meaning) -> None:
    store = DialectStore(instead=lambda _: reply(status, b"<Error><Code>NoSuchBucket</Code></Error>"))
    assert send(store, parcel(), grace_seconds=0) == Answer(meaning, str(status), status)


@pytest.mark.parametrize("dialect", [pytest.param(dialect, id=name) for name, dialect in DIALECTS.items()])
def test_a_full_store_is_out_of_reach_until_it_has_room(dialect: Dialect) -> None:
    store = DialectStore(dialect, full=True)
    settings = SETTINGS if dialect.conditions else WITHOUT_CONDITIONS
    assert send(store, parcel(), settings) == Answer(Meaning.UNREACHABLE, str(dialect.full), dialect.full)
    store.full = False
    assert send(store, parcel(), settings).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Thu, 01 Jan 2099 00:00:00 GMT", 86_400.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("-3", 0.0),
        ("soon", 0.0),
        ("9" * 4000, 86_400.0),
        ("²", 0.0),
    ],
)
def test_the_pause_that_a_store_asks_for_is_passed_on(told: str, seconds: float) -> None:
    store = DialectStore(instead=lambda _: reply(503, headers={"retry-after": told}))
    assert send(store, parcel()) == Answer(Meaning.BUSY, "503", 503, seconds)


def test_a_key_that_the_store_does_not_know_yet_gives_way_to_the_one_before() -> None:
    store = DialectStore(VERSITYGW, known_keys={"OLD"})
    to = receiver(store, secrets=Secrets("NEW", "OLD"))
    assert to.send(parcel(), NOW + 30).meaning is Meaning.ACCEPTED
    assert to.send(parcel(number=1), NOW + 30).meaning is Meaning.ACCEPTED
    assert [each.split()[0] for each in store.asked][-4:] == ["PUT", "HEAD", "PUT", "HEAD"]


@pytest.mark.parametrize("dialect", [MINIO, VERSITYGW])
def test_a_store_that_reads_a_large_body_before_it_refuses_the_key_is_asked_first(dialect: Dialect) -> None:
    store = DialectStore(dialect, known_keys={"OLD"}, reads_before_instead=True)
    large = parcel(b"x" * 200_000)
    assert receiver(store, secrets=Secrets("NEW", "OLD")).send(large, NOW + 30).meaning is Meaning.ACCEPTED
    assert len([each for each in store.asked if each.startswith("PUT")]) == 1


def test_a_large_body_that_was_sent_in_vain_waits_for_the_next_attempt() -> None:
    def withdrawn(request: Request) -> Reply | None:
        return reply(403) if request.method == "PUT" and "=NEW/" in headers_of(request)["authorization"] else None

    store = DialectStore(known_keys={"OLD", "NEW"}, instead=withdrawn, reads_before_instead=True)
    to = receiver(store, secrets=Secrets("NEW", "OLD"))
    large = b"x" * 200_000
    assert to.send(parcel(large), NOW + 30) == Answer(Meaning.UNAUTHORIZED, "403", 403)
    assert to.send(parcel(large), NOW + 30).meaning is Meaning.ACCEPTED, "with the other keys at once"
    assert "=OLD/" in headers_of(store.requests[-1])["authorization"]


def test_a_store_that_does_not_know_expect_is_asked_without_it_from_then_on() -> None:
    def refuses(request: Request) -> Reply | None:
        return reply(417) if "Expect" in headers_of(request) else None

    store = DialectStore(instead=refuses)
    to = receiver(store)
    for number in range(2):
        assert to.send(parcel(b"x" * 200_000, number=number), NOW + 30).meaning is Meaning.ACCEPTED
    assert ["Expect" in headers_of(each) for each in store.requests if each.method == "PUT"] == [True, False, False]


def test_expect_that_is_refused_too_late_is_nothing_against_the_bundle() -> None:
    store = DialectStore(instead=once("PUT", reply(417)), reads_before_instead=True)
    to = receiver(store)
    assert to.send(parcel(b"x" * 200_000), NOW + 30) == Answer(Meaning.UNREACHABLE, "417", 417)
    assert to.send(parcel(b"x" * 200_000), NOW + 30).meaning is Meaning.ACCEPTED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "secret-not-json"),
        ("[]", "secret-not-an-object"),
        ('{"access_key_id": "A"}', "secret-access-key-missing"),
        ('{"secret_access_key": "s"}', "access-key-id-missing"),
        ('{"access_key_id": "A/B", "secret_access_key": "s"}', "access-key-id-ill-formed"),
        ('{"access_key_id": "A\\r\\nB: c", "secret_access_key": "s"}', "access-key-id-ill-formed"),
        ('{"access_key_id": 7, "secret_access_key": "s"}', "access-key-id-empty"),
        ('{"access_key_id": "A", "secret_access_key": " "}', "secret-access-key-empty"),
        ('{"access_key_id": "A", "secret_access_key": "s", "ca_certificate": 1}', "ca-certificate-empty"),
        ('{"access_key_id": "A", "secret_access_key": "s", "region": "x"}', "secret-with-unknown-field"),
    ],
)
def test_a_secret_with_which_nothing_can_be_signed_is_named_and_nothing_is_sent(text: str, why: str) -> None:
    store, secrets = DialectStore(), Secrets(KEY)
    secrets.versions = [SecretVersion("1", text, NOW - 3600)]
    answer = send(store, parcel(), secrets=secrets)
    assert answer == Answer(Meaning.UNAUTHORIZED, f"client-credentials-unusable:{why}")
    assert store.asked == []


def test_a_mailbox_that_fails_while_its_bundle_is_sent_is_no_answer_of_the_store() -> None:
    what = parcel(b"x" * 1000, failure=Unavailable("the mailbox broke off"))
    with pytest.raises(Unavailable, match="broke off"):
        send(DialectStore(), what)
    assert body_of(what).closed
