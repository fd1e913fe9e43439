"""The ports on S3, DynamoDB and SQS, against moto."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError
from harness.scripted_server import Says, answer, scripted_server

from baler.aws.http.s3 import HttpS3
from baler.aws.queue import SqsQueue
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.bundle.fence import FENCE_BYTES_MAX
from baler.files.bundle.ids import bundle_key, manifest_key, new_bundle_id
from baler.files.bundle.writer import BundleWriter
from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.claims.ports import InArchive
from baler.files.landed_file import LandedFile
from baler.files.reason import Reason
from baler.store_errors import Unavailable
from runtime.files.aggregator.file_outcome import Outcome
from runtime.files.aggregator.ports import Fetched, NotFetched
from runtime.files.aws.buckets import S3Archive, S3Mailbox
from runtime.files.aws.clients import Clients
from runtime.files.aws.landing import S3Landing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from baler.files.bundle.writer import Bundle

    Items = list[Fetched | NotFetched]
    Fetch = Callable[..., Items]

pytestmark = pytest.mark.usefixtures("aws")

NOW = 1_795_165_262.0
BUNDLE_ID = new_bundle_id(NOW, b"12345678")
OTHER_ID = new_bundle_id(NOW, b"87654321")
CLAIM = Claim("landing/k@v1", BUNDLE_ID, NOW + 50.5, int(NOW) + 86_400)


@pytest.fixture
def clients(aws: None) -> Iterator[Clients]:  # noqa: ARG001 - where they work
    with closing(Clients.connect("landing", "archive", "mailbox")) as made:
        yield made


@pytest.fixture
def s3(aws: None) -> S3Client:  # noqa: ARG001 - where it works
    client = boto3.client("s3")
    for bucket in ("landing", "archive", "mailbox"):
        client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def archive(clients: Clients) -> S3Archive:
    return S3Archive(clients.archive, "archive")


@pytest.fixture
def mailbox(clients: Clients) -> S3Mailbox:
    return S3Mailbox(clients.mailbox, "mailbox", "archive")


@pytest.fixture(params=["http", "boto3"])
def table(request: pytest.FixtureRequest, clients: Clients) -> DynamoClaimTable:
    """The function has our HTTP client; `baler dead-letters` has boto3's."""
    client: DynamoDBClient = boto3.client("dynamodb")
    client.create_table(
        TableName="claims",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoClaimTable(clients.claims if request.param == "http" else client, "claims")


@pytest.fixture
def bundle() -> Iterator[Bundle]:
    with BundleWriter(BUNDLE_ID, NOW, 1_000_000) as writer:
        file = LandedFile("landing", "k", "v1", "etag", 5, datetime.now(UTC))
        writer.add(file, io.BytesIO(b"hello"), 5, hashlib.sha256(b"hello").hexdigest())
        yield writer.finish()


# --- claim table


@pytest.mark.requirement("MINIO-CORE-01")
def test_a_claim_is_written_once_and_the_second_is_told_who_has_it(table: DynamoClaimTable) -> None:
    assert table.claim(CLAIM, NOW) is None
    assert table.claim(replace(CLAIM, bundle_id=OTHER_ID), NOW) == CLAIM


@pytest.mark.requirement("PUSH-INTEG-04")
def test_an_expired_claim_is_written_over_though_dynamodb_has_not_deleted_it(table: DynamoClaimTable) -> None:
    table.claim(CLAIM, NOW)
    later = replace(CLAIM, bundle_id=OTHER_ID)
    assert table.claim(later, CLAIM.expires_at) == CLAIM
    assert table.claim(later, CLAIM.expires_at + 1) is None


def test_claims_are_inserted_together_and_none_over_another_even_if_that_has_expired(table: DynamoClaimTable) -> None:
    table.claim(CLAIM, NOW)
    others = [replace(CLAIM, identity=f"landing/{number}@v1", bundle_id=OTHER_ID) for number in range(24)]
    assert table.insert([*others, replace(CLAIM, bundle_id=OTHER_ID)]) == [*[None] * 24, CLAIM]
    assert table.insert(others) == others, "a second try of the same call must find its own effect"
    assert table.read_claim(others[7]) == others[7]
    assert table.read_claim(CLAIM) == CLAIM


def test_a_claim_is_taken_over_only_from_the_owner_that_was_seen(table: DynamoClaimTable) -> None:
    table.claim(CLAIM, NOW)
    mine = replace(CLAIM, bundle_id=OTHER_ID)
    assert table.take_over(mine, CLAIM)
    assert table.take_over(mine, CLAIM), "a second try of the same call must find its own effect"
    assert not table.take_over(replace(CLAIM, bundle_id=new_bundle_id(NOW, bytes(8))), CLAIM)
    assert table.claim(CLAIM, NOW) == mine


def test_only_the_owner_gives_a_claim_back(table: DynamoClaimTable) -> None:
    table.claim(CLAIM, NOW)
    table.give_back(replace(CLAIM, bundle_id=OTHER_ID))
    assert table.claim(replace(CLAIM, bundle_id=OTHER_ID), NOW) == CLAIM
    table.give_back(CLAIM)
    table.give_back(CLAIM)
    assert table.claim(replace(CLAIM, bundle_id=OTHER_ID), NOW) == CLAIM.given_back()


def test_a_claim_that_was_given_back_is_taken_over_and_never_comes_back(table: DynamoClaimTable) -> None:
    table.claim(CLAIM, NOW)
    table.give_back(CLAIM)
    next_one = replace(CLAIM, bundle_id=OTHER_ID)
    assert not table.take_over(next_one, CLAIM)
    assert table.take_over(next_one, CLAIM.given_back())
    table.claim(CLAIM, NOW)
    table.give_back(CLAIM)
    assert table.read_claim(CLAIM) == next_one


def test_a_file_that_nobody_claimed_has_no_claim(table: DynamoClaimTable) -> None:
    assert table.read_claim(CLAIM) is None


def test_a_bundle_record_is_read_as_it_was_written(table: DynamoClaimTable) -> None:
    assert table.bundle(BUNDLE_ID) is None
    archived = BundleRecord(BUNDLE_ID, BundleState.ARCHIVED, int(NOW))
    committed = BundleRecord(BUNDLE_ID, BundleState.COMMITTED, int(NOW))
    table.record(archived)
    assert table.bundle(BUNDLE_ID) == archived
    table.record(committed)
    assert table.bundle(BUNDLE_ID) == committed


def test_a_late_record_of_the_archive_does_not_undo_that_of_the_mailbox(table: DynamoClaimTable) -> None:
    committed = BundleRecord(BUNDLE_ID, BundleState.COMMITTED, int(NOW))
    table.record(committed)
    table.record(BundleRecord(BUNDLE_ID, BundleState.ARCHIVED, int(NOW)))
    assert table.bundle(BUNDLE_ID) == committed


@pytest.mark.requirement("MINIO-CORE-02")
def test_the_partition_key_starts_with_a_hash_so_that_keys_in_order_spread() -> None:
    keys = [replace(CLAIM, identity=f"landing/2026/11/20/{number}@v").partition_key for number in range(100)]
    assert all(key[4] == "#" and int(key[:4], 16) >= 0 for key in keys)
    assert len({key[0] for key in keys}) == 16


# --- archive and mailbox


@pytest.mark.requirement("PULL-REQ-04", "PULL-REQ-05", "PULL-NFR-09", "PUSH-E2E-01", "PUSH-INT-01", "PUSH-NFR-09")
def test_a_bundle_has_its_hash_in_its_metadata_in_both_buckets(
    s3: S3Client, archive: S3Archive, mailbox: S3Mailbox, bundle: Bundle
) -> None:
    assert archive.put(bundle) is InArchive.BUNDLE
    mailbox.put(bundle)
    for bucket in ("archive", "mailbox"):
        found = s3.get_object(Bucket=bucket, Key=bundle_key(BUNDLE_ID), ChecksumMode="ENABLED")
        digest = hashlib.sha256(found["Body"].read())
        assert found["Metadata"] == {
            "content-sha256": digest.hexdigest(),
            "file-count": "1",
            "format-version": "1",
            "oldest-event-time": bundle.files[0].event_time,
        }
        assert found.get("ChecksumSHA256") == base64.b64encode(digest.digest()).decode()
        assert found["ContentType"] == "application/gzip"
        assert "ContentEncoding" not in found


@pytest.mark.usefixtures("s3")
def test_a_second_put_of_the_same_bundle_finds_itself(archive: S3Archive, bundle: Bundle) -> None:
    archive.put(bundle)
    assert archive.put(bundle) is InArchive.BUNDLE


def test_the_index_has_the_manifest_of_every_archived_bundle_and_never_a_second_version(
    s3: S3Client, archive: S3Archive, bundle: Bundle
) -> None:
    s3.put_bucket_versioning(Bucket="archive", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        archive.put(bundle)
    [entry] = s3.list_object_versions(Bucket="archive", Prefix="manifests/").get("Versions", [])
    assert entry.get("Key") == manifest_key(BUNDLE_ID)
    body = s3.get_object(Bucket="archive", Key=manifest_key(BUNDLE_ID))["Body"].read()
    assert gzip.decompress(body) == bundle.manifest


@pytest.mark.usefixtures("s3")
def test_a_fence_keeps_a_late_bundle_out_of_the_archive(archive: S3Archive, bundle: Bundle) -> None:
    assert archive.fence(BUNDLE_ID) is InArchive.FENCE
    assert archive.fence(BUNDLE_ID) is InArchive.FENCE
    assert archive.put(bundle) is InArchive.FENCE


def test_a_fence_is_a_small_archive_that_says_what_it_is(s3: S3Client, archive: S3Archive) -> None:
    """An auditor who synchronizes the archive finds it beside the bundles, and unpacks it like them."""
    archive.fence(BUNDLE_ID)
    found = s3.get_object(Bucket="archive", Key=bundle_key(BUNDLE_ID))
    body = found["Body"].read()
    assert (found["Metadata"], found["ContentType"]) == ({"fence": "1"}, "application/gzip")
    assert len(body) < FENCE_BYTES_MAX
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
        assert tar.getnames() == ["NOT-A-BUNDLE.txt"]
        text = tar.extractfile("NOT-A-BUNDLE.txt")
        assert text is not None
        assert b"This is no bundle" in text.read()


@pytest.mark.usefixtures("s3")
def test_a_fence_finds_the_bundle_that_was_quicker(archive: S3Archive, bundle: Bundle) -> None:
    archive.put(bundle)
    assert archive.fence(BUNDLE_ID) is InArchive.BUNDLE


@pytest.mark.requirement("PULL-NFR-08", "PULL-NFR-09")
def test_a_bundle_rolled_forward_has_the_bytes_and_the_metadata_of_the_archived_one(
    s3: S3Client, archive: S3Archive, mailbox: S3Mailbox, bundle: Bundle
) -> None:
    archive.put(bundle)
    mailbox.copy_from_archive(BUNDLE_ID)
    archived, mailed = (s3.get_object(Bucket=bucket, Key=bundle_key(BUNDLE_ID)) for bucket in ("archive", "mailbox"))
    assert archived["Body"].read() == mailed["Body"].read()
    assert archived["Metadata"] == mailed["Metadata"]


# --- landing


def put(s3: S3Client, key: str, body: bytes) -> LandedFile:
    answer = s3.put_object(Bucket="landing", Key=key, Body=body)
    return LandedFile("landing", key, answer.get("VersionId"), answer["ETag"].strip('"'), len(body), datetime.now(UTC))


@pytest.fixture
def fetch(clients: Clients) -> Fetch:
    def fetch(*files: LandedFile, client: HttpS3 = clients.landing, max_file_bytes: int = 10_000_000) -> Items:
        with ThreadPoolExecutor(4) as pool:
            return list(S3Landing(client, pool, max_file_bytes, 1_000_000).fetch(files))

    return fetch


@contextmanager
def refusing(*script: Says) -> Generator[HttpS3]:
    with scripted_server(*script) as server:
        s3 = boto3.client("s3", endpoint_url=server.url)
        with closing(HttpS3(s3, lambda: ReadOnlyCredentials("access", "secret", None), "landing")) as client:
            yield client


def content(item: Fetched | NotFetched) -> bytes:
    assert isinstance(item, Fetched)
    with item.body:
        data = item.body.read()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (item.size, item.sha256)
    return data


@pytest.mark.requirement("MINIO-ARCHIVE-01")
def test_files_come_in_the_order_asked_for_with_their_hashes(s3: S3Client, fetch: Fetch) -> None:
    bodies = [os.urandom(size) for size in (0, 1, 5, 3_000_000, 70_000) * 20]
    files = [put(s3, f"k{number}", body) for number, body in enumerate(bodies)]
    assert [content(item) for item in fetch(*files)] == bodies


@pytest.mark.parametrize(
    "key", ["/lead", "trail/", "a//b", "./a", "../a", "a b+c%2F#?&=é", "tab\tstop", ".", "x" * 1000]
)
def test_every_key_is_read_exactly(s3: S3Client, fetch: Fetch, key: str) -> None:
    decoys = {key.strip("/"), key.replace("//", "/"), key.lstrip("./")} - {key, ""}
    for decoy in decoys:
        put(s3, decoy, b"another object")
    (item,) = fetch(put(s3, key, b"this object"))
    assert content(item) == b"this object"


def test_the_version_that_landed_is_read_though_the_key_was_put_again(s3: S3Client, fetch: Fetch) -> None:
    first, second = put(s3, "k", b"first"), put(s3, "k", b"second")
    assert [content(item) for item in fetch(first, second)] == [b"first", b"second"]


def test_without_versions_a_key_that_was_put_again_is_missing_and_not_mistaken(s3: S3Client, fetch: Fetch) -> None:
    first = replace(put(s3, "k", b"first"), version_id=None)
    put(s3, "k", b"second")
    (item,) = fetch(first)
    assert isinstance(item, NotFetched)
    assert item.outcome.reason is Reason.OBJECT_MISSING


def test_an_object_that_is_gone_leaves_the_others_alone(s3: S3Client, fetch: Fetch) -> None:
    gone, there = put(s3, "gone", b"x"), put(s3, "there", b"y")
    s3.delete_object(Bucket="landing", Key="gone", VersionId=gone.version_id or "")
    missing, found = fetch(gone, there)
    assert isinstance(missing, NotFetched)
    assert missing.outcome.reason is Reason.OBJECT_MISSING
    assert content(found) == b"y"


def test_an_object_that_is_larger_than_its_event_said_is_rejected_unread(s3: S3Client, fetch: Fetch) -> None:
    (item,) = fetch(replace(put(s3, "k", b"x" * 11), size=1), max_file_bytes=10)
    assert isinstance(item, NotFetched)
    assert item.outcome.reason is Reason.TOO_LARGE


def test_an_object_that_is_larger_than_its_event_said_is_rejected_below_the_limit_too(
    s3: S3Client, fetch: Fetch
) -> None:
    """Told sizes bound the function's disk: a thousand such files would fill it, and no batch would end."""
    (item,) = fetch(replace(put(s3, "k", b"x" * 11), size=10))
    assert isinstance(item, NotFetched)
    assert item.outcome.reason is Reason.LARGER_THAN_TOLD


def test_an_object_that_is_smaller_than_its_event_said_is_taken_as_it_is(s3: S3Client, fetch: Fetch) -> None:
    (item,) = fetch(replace(put(s3, "k", b"x" * 11), size=12))
    assert content(item) == b"x" * 11


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InvalidObjectState", 403),  # in a Glacier class
        ("InvalidRequest", 400),  # put with a key of the external party's own (SSE-C)
        ("AccessDenied", 403),  # under a KMS key that is not ours; or gone, where we may not list
        ("KMS.DisabledException", 400),
    ],
)
def test_an_object_that_cannot_be_read_is_left_for_later(s3: S3Client, fetch: Fetch, code: str, status: int) -> None:
    refusal = answer(f"<Error><Code>{code}</Code></Error>".encode(), f"{status} Refused")
    with refusing(refusal) as client:
        (item,) = fetch(put(s3, "k", b"x"), client=client)
    assert isinstance(item, NotFetched)
    assert (item.outcome.kind, item.outcome.reason) == (Outcome.RETRY, Reason.UNREADABLE)


@pytest.mark.requirement("PULL-NFR-08")
def test_a_body_that_breaks_off_is_read_again(s3: S3Client, fetch: Fetch) -> None:
    whole = answer(b"x" * 600_000)
    broken = Says(whole.raw[:-1], hangs_up=True)
    with refusing(broken, broken, whole) as client:
        (item,) = fetch(put(s3, "k", b"x" * 600_000), client=client)
    assert content(item) == b"x" * 600_000


@pytest.mark.requirement("MINIO-ARCHIVE-02")
def test_closing_half_way_ends_the_work(s3: S3Client, clients: Clients) -> None:
    files = [put(s3, f"k{number}", b"x") for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        fetched = S3Landing(clients.landing, pool, 10, 1_000_000).fetch(files)
        content(next(fetched))
        fetched.close()
        assert list(fetched) == []


# --- queue


@pytest.mark.requirement("PULL-NFR-02")
def test_failed_messages_are_seen_again_when_it_was_said(clients: Clients) -> None:
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "1000"})["QueueUrl"]
    for number in range(12):
        client.send_message(QueueUrl=url, MessageBody=str(number))
    handles: dict[str, int] = {}
    while len(handles) < 12:
        for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            handles[message.get("ReceiptHandle", "")] = 0
    SqsQueue(clients.sqs, url).set_visibility(handles)
    again = 0
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        again += len(messages)
    assert again == 12


def test_a_call_that_fails_leaves_the_other_messages_their_time() -> None:
    class Queue:
        def __init__(self) -> None:
            self.changed: list[str] = []

        def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's words
            handles = [entry["ReceiptHandle"] for entry in Entries]
            if "handle-0" in handles:
                raise ClientError({"Error": {"Code": "AccessDenied"}}, f"ChangeMessageVisibilityBatch on {QueueUrl}")
            self.changed += handles

    client = Queue()
    queue: Any = client
    with pytest.raises(Unavailable):
        SqsQueue(queue, "https://q").set_visibility({f"handle-{number}": 5 for number in range(25)})
    assert client.changed == [f"handle-{number}" for number in range(10, 25)]
