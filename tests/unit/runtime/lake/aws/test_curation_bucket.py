"""The raw bucket on moto, as curation reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from baler.aws.http.s3 import HttpS3
from baler.aws.session import credentials_of
from baler.lake.order import Order
from baler.lake.raw_key import RawKey, RawMetadata
from baler.store_errors import Unavailable
from runtime.lake.aws.curation_bucket import S3CurationBucket
from runtime.lake.aws.raw_bucket import S3RawStore
from runtime.lake.curation.reading import BadRecord, RawObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVENT = datetime(2026, 3, 8, 23, 55, tzinfo=UTC)
KEY = RawKey.of("posts", EVENT, b"[]")


@pytest.fixture
def client(aws: None) -> S3Client:  # noqa: ARG001 - what it talks with
    made = boto3.client("s3")
    made.create_bucket(Bucket="raw")
    made.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
    return made


def put(client: S3Client, generation: int) -> RawMetadata:
    metadata = RawMetadata("posts", "posts", Order(EVENT, generation), KEY.content_sha256, 0)
    S3RawStore(client, "raw").put(KEY, metadata, b"[]")
    return metadata


@pytest.mark.parametrize("over_http", [True, False])
def test_the_version_that_is_announced_is_read_with_its_own_metadata(client: S3Client, *, over_http: bool) -> None:
    written = [put(client, generation) for generation in (1, 1001)]
    versions = [each.get("VersionId") for each in client.list_object_versions(Bucket="raw").get("Versions", [])]
    session = boto3.Session()
    http = HttpS3(client, credentials_of(session), "raw")
    bucket = S3CurationBucket(http if over_http else client, "raw")
    read = [bucket.get(KEY.text, version) for version in reversed(versions)]
    assert read == [RawObject(b"[]", each.written()) for each in written]
    assert bucket.get(KEY.text, None) == read[-1]
    assert bucket.get(KEY.text.replace("posts", "other"), None) is None
    http.close()


def test_a_bucket_that_is_not_there_is_unavailable(client: S3Client) -> None:
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        S3CurationBucket(client, "elsewhere").get(KEY.text, None)


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "NoSuchKey"), (404, "NoSuchVersion"), (400, "InvalidArgument"), (405, "MethodNotAllowed")],
)
def test_what_a_hostile_message_may_name_is_not_there_and_no_outage(client: S3Client, status: int, code: str) -> None:
    """An outage is waited for without an end. These are: a version that S3 never gave out, and a delete marker's."""
    with Stubber(client) as stubber:
        stubber.add_client_error("get_object", code, http_status_code=status)
        assert S3CurationBucket(client, "raw").get(KEY.text, "no-such") is None


def test_bad_records_are_described_once_and_never_quoted(client: S3Client) -> None:
    bad = [BadRecord("no-id", place=3), BadRecord("wrong-kind", place=4, field="title")]
    for _ in range(2):
        S3CurationBucket(client, "raw").put(KEY.text, bad)
    [version] = client.list_object_versions(Bucket="raw", Prefix="rejected/").get("Versions", [])
    name = version.get("Key", "")
    assert name.startswith("rejected/source=posts/date=2026-03-08/20260308T235500Z-")
    lines = client.get_object(Bucket="raw", Key=name)["Body"].read().decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"raw_s3_key": KEY.text, "reason": "no-id", "place": 3, "id": None, "field": ""},
        {"raw_s3_key": KEY.text, "reason": "wrong-kind", "place": 4, "id": None, "field": "title"},
    ]
