"""Reconciliation's ports on S3, DynamoDB and SQS, against moto; what moto never answers is scripted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from harness.events import LANDED_AT

from baler.files.aws.claim_reader import DynamoClaimReader
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.aws.ingest_queue import SqsIngestQueue
from baler.files.aws.landed_versions import S3LandedVersions
from baler.files.aws.version_listing import read_versions_fast
from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.reconciliation.ports import Marker
from baler.store_errors import Unavailable
from runtime.files.aws.reconciliation_progress import PROGRESS_KEY, DynamoProgressStore
from runtime.files.reconciliation.ports import Superseded
from runtime.files.reconciliation.progress import Progress, Sweep

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from baler.files.landed_file import LandedFile

pytestmark = pytest.mark.usefixtures("aws")

# What moto takes; keys that XML cannot carry are answered as S3 encodes them, below.
KEYS = [" a b", "+", "%2B", "../up", "/lead", "é" * 300, "k&<>\"'", "😀/x", "~"]


# --- landed versions


@pytest.fixture
def s3() -> S3Client:
    client = boto3.client("s3")
    client.create_bucket(Bucket="landing")
    client.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
    return client


def listed(client: S3Client, *, page_size: int) -> list[LandedFile]:
    def shorten(params: dict[str, Any], **_: Any) -> None:
        params["MaxKeys"] = page_size

    client.meta.events.register("before-parameter-build.s3.ListObjectVersions", shorten)
    versions = S3LandedVersions(client, "landing")
    page = versions.page(None)
    files = list(page.files)
    while page.next is not None:
        page = versions.page(page.next)
        files += page.files
    return files


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_every_version_of_every_key_is_listed_once_and_no_delete_marker(s3: S3Client, page_size: int) -> None:
    put = {
        (key, s3.put_object(Bucket="landing", Key=key, Body=body)["VersionId"])
        for key in KEYS
        for body in (b"first", b"second")
    }
    s3.delete_object(Bucket="landing", Key=KEYS[0])
    asked: list[str] = []

    def note(request: AWSPreparedRequest, **_: Any) -> None:
        asked.append(str(request.url))

    s3.meta.events.register("before-send.s3.ListObjectVersions", note)
    files = listed(s3, page_size=page_size)
    assert all("encoding-type=url" in url for url in asked)
    assert len(files) == len(put)
    assert {(file.key, file.version_id) for file in files} == put


def test_versions_are_read_from_the_document_as_boto3_itself_reads_them(s3: S3Client) -> None:
    for key in KEYS:
        s3.put_object(Bucket="landing", Key=key, Body=key.encode())
    s3.delete_object(Bucket="landing", Key=KEYS[0])
    names = ("Key", "VersionId", "ETag", "Size", "IsLatest", "LastModified")

    def ask() -> list[dict[str, Any]]:
        answer = s3.list_object_versions(Bucket="landing")
        return [{name: version.get(name) for name in names} for version in answer.get("Versions", [])]

    by_boto3 = ask()
    read_versions_fast(s3)
    assert ask() == by_boto3
    assert len(by_boto3) == len(KEYS)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        s3.list_object_versions(Bucket="another")


def test_a_version_is_described_as_its_event_describes_it(s3: S3Client) -> None:
    answer = s3.put_object(Bucket="landing", Key="k", Body=b"hello")
    (file,) = listed(s3, page_size=1000)
    head = s3.head_object(Bucket="landing", Key="k")
    assert (file.bucket, file.key, file.version_id, file.size) == ("landing", "k", answer["VersionId"], 5)
    assert file.etag == answer["ETag"].strip('"')
    assert file.event_time == head["LastModified"]


def test_what_was_put_while_the_bucket_kept_no_versions_has_none(s3: S3Client) -> None:
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", _listing("k", "null"))
        (file,) = S3LandedVersions(s3, "landing").page(None).files
    assert file.version_id is None
    assert file.identity == "landing/k@an-etag"


def _listing(key: str, version_id: str, **fields: Any) -> dict[str, Any]:
    version = {"Key": key, "VersionId": version_id, "ETag": '"an-etag"', "Size": 5, "LastModified": LANDED_AT}
    return {"IsTruncated": False, "Versions": [version], **fields}


def test_a_key_that_xml_cannot_carry_is_read_exactly_and_marks_the_next_page(s3: S3Client) -> None:
    key, encoded = "\x01\x0b/ +\u202e\n\ufffe", "%01%0B/+%2B%E2%80%AE%0A%EF%BF%BE"
    first = _listing(
        encoded, "v1", IsTruncated=True, EncodingType="url", NextKeyMarker=encoded, NextVersionIdMarker="v1"
    )
    asked = {"Bucket": "landing", "Prefix": ""}
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", first, asked)
        stub.add_response(
            "list_object_versions", _listing("k", "v2"), {**asked, "KeyMarker": key, "VersionIdMarker": "v1"}
        )
        page = S3LandedVersions(s3, "landing").page(None)
        assert [file.key for file in page.files] == [key]
        assert S3LandedVersions(s3, "landing").page(page.next).next is None


def test_a_listing_that_says_there_is_more_but_not_where_is_not_taken_for_its_end(s3: S3Client) -> None:
    with Stubber(s3) as stub:
        stub.add_response(
            "list_object_versions", _listing("k", "v1", IsTruncated=True), {"Bucket": "landing", "Prefix": ""}
        )
        with pytest.raises(Unavailable, match="there is more"):
            S3LandedVersions(s3, "landing").page(None)


def test_a_bucket_that_does_not_answer_is_unavailable(s3: S3Client) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("list_object_versions", "SlowDown", http_status_code=503)
        with pytest.raises(Unavailable, match="list the landing bucket"):
            S3LandedVersions(s3, "landing").page(None)


# --- claims


@pytest.fixture
def dynamodb() -> DynamoDBClient:
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="claims",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def test_claims_records_and_rejections_are_read_as_they_were_written_however_many(dynamodb: DynamoDBClient) -> None:
    table = DynamoClaimTable(dynamodb, "claims")
    claims = {f"landing/k{number}@v1": Claim(f"landing/k{number}@v1", "b1", 7.5, 2**33) for number in range(205)}
    for claim in claims.values():
        table.claim(claim, 0.0)
    record = BundleRecord("b1", BundleState.COMMITTED, 2**33)
    table.record(record)
    first = claims["landing/k0@v1"]
    dynamodb.put_item(TableName="claims", Item={"pk": {"S": f"rejected#{first.partition_key}"}, "reason": {"S": "x"}})
    reader = DynamoClaimReader(dynamodb, "claims")
    assert reader.claims([*claims, "landing/absent@v1"]) == claims
    assert reader.bundles(["b1", "b2"]) == {"b1": record}
    assert reader.rejections(list(claims)) == {first.identity: "x"}
    assert reader.claims([]) == {}


def _keys(*names: str) -> dict[str, Any]:
    keys = [{"pk": {"S": Claim(name, "", 0.0, 0).partition_key}} for name in names]
    return {"claims": {"Keys": keys, "ConsistentRead": True}}


def _found(*names: str) -> dict[str, Any]:
    items = [
        {
            "pk": {"S": Claim(name, "", 0.0, 0).partition_key},
            "bundle_id": {"S": "b"},
            "lease_until": {"N": "1"},
            "expires_at": {"N": "2"},
        }
        for name in names
    ]
    return {"claims": items}


def test_items_that_dynamodb_leaves_out_are_asked_for_again_after_a_pause(dynamodb: DynamoDBClient) -> None:
    pauses: list[float] = []
    with Stubber(dynamodb) as stub:
        left = {"Responses": _found("a"), "UnprocessedKeys": _keys("b")}
        stub.add_response("batch_get_item", left, {"RequestItems": _keys("a", "b")})
        stub.add_response(
            "batch_get_item", {"Responses": _found("b"), "UnprocessedKeys": {}}, {"RequestItems": _keys("b")}
        )
        assert set(DynamoClaimReader(dynamodb, "claims", pauses.append).claims(["a", "b"])) == {"a", "b"}
    assert len(pauses) == 1


def test_items_that_are_left_out_time_and_again_make_the_table_unavailable(dynamodb: DynamoDBClient) -> None:
    pauses: list[float] = []
    with Stubber(dynamodb) as stub:
        for _ in range(7):
            stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": _keys("a")})
        with pytest.raises(Unavailable, match="left 1 items out, 7 times"):
            DynamoClaimReader(dynamodb, "claims", pauses.append).claims(["a"])
    assert sum(pauses) <= 12.7


def test_a_throttled_table_is_unavailable(dynamodb: DynamoDBClient) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("batch_get_item", "ProvisionedThroughputExceededException", http_status_code=400)
        with pytest.raises(Unavailable, match="ProvisionedThroughputExceeded"):
            DynamoClaimReader(dynamodb, "claims").claims(["a"])


# --- the queue


@pytest.fixture
def sqs() -> SQSClient:
    return boto3.client("sqs")


@pytest.fixture
def url(sqs: SQSClient) -> str:
    return sqs.create_queue(QueueName="ingest")["QueueUrl"]


def received(sqs: SQSClient, url: str) -> list[str]:
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message.get("Body", "") for message in messages]
    return bodies


def test_all_messages_are_sent_and_those_in_flight_count_as_depth(sqs: SQSClient, url: str) -> None:
    queue = SqsIngestQueue(sqs, url)
    assert queue.depth() == 0
    bodies = [f"body {number}" for number in range(25)]
    queue.send(bodies)
    assert queue.depth() == 25
    assert sorted(received(sqs, url)) == sorted(bodies)
    assert queue.depth() == 25


def test_all_lanes_count_and_the_first_is_sent_to(sqs: SQSClient, url: str) -> None:
    second = sqs.create_queue(QueueName="ingest-2")["QueueUrl"]
    sqs.send_message(QueueUrl=second, MessageBody="waits in the second")
    queue = SqsIngestQueue(sqs, f"{url} {second}")

    queue.send(["a", "b"])

    assert queue.depth() == 3
    assert sorted(received(sqs, url)) == ["a", "b"]


def _refused(*ids: str) -> dict[str, Any]:
    failed = [{"Id": each, "SenderFault": False, "Code": "InternalError"} for each in ids]
    return {"Successful": [], "Failed": failed}


def test_messages_of_a_call_that_sqs_refused_are_sent_again_alone(sqs: SQSClient, url: str) -> None:
    with Stubber(sqs) as stub:
        sent = [{"Id": str(number), "MessageBody": body} for number, body in enumerate("abc")]
        stub.add_response("send_message_batch", _refused("1"), {"QueueUrl": url, "Entries": sent})
        stub.add_response(
            "send_message_batch", {"Successful": [], "Failed": []}, {"QueueUrl": url, "Entries": sent[1:2]}
        )
        SqsIngestQueue(sqs, url).send(list("abc"))


def test_messages_that_sqs_refuses_time_and_again_are_not_taken_for_sent(sqs: SQSClient, url: str) -> None:
    with Stubber(sqs) as stub:
        for _ in range(3):
            stub.add_response("send_message_batch", _refused("0"))
        with pytest.raises(Unavailable, match="refused 1 messages"):
            SqsIngestQueue(sqs, url).send(["a"])


# --- progress

UNDER_WAY = Progress(7, 1.5, 2.5, 0.5, Sweep(0.25, 9.75, Marker('\x01\u202e\n"k', "v1"), 3.0))


@pytest.mark.parametrize("progress", [UNDER_WAY, replace(UNDER_WAY, sweep=None, oldest_open=None)])
def test_progress_is_read_as_it_was_noted(dynamodb: DynamoDBClient, progress: Progress) -> None:
    store = DynamoProgressStore(dynamodb, "claims")
    assert store.load() is None
    store.save(progress)
    assert store.load() == progress


def test_progress_is_noted_over_the_generation_before_or_once_more_and_over_no_other(dynamodb: DynamoDBClient) -> None:
    store = DynamoProgressStore(dynamodb, "claims")
    store.save(UNDER_WAY)
    store.save(UNDER_WAY)
    later = replace(UNDER_WAY, generation=8, sweep=None)
    store.save(later)
    for stale in (UNDER_WAY, replace(later, begun_at=77.0), replace(later, generation=10)):
        with pytest.raises(Superseded):
            store.save(stale)
    assert store.load() == later


def test_the_progress_lies_where_no_claim_and_no_record_can(dynamodb: DynamoDBClient) -> None:
    """Claims begin with four hexadecimal characters and `#`; the other items with another word."""
    DynamoProgressStore(dynamodb, "claims").save(UNDER_WAY)
    (item,) = dynamodb.scan(TableName="claims")["Items"]
    assert item["pk"] == {"S": PROGRESS_KEY}
    assert PROGRESS_KEY.index("#") > 4
    assert not PROGRESS_KEY.startswith(("bundle#", "rejected#"))
    assert "expires_at" not in item
