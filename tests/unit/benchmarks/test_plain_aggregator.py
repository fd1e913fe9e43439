"""The peer that we wrote ourselves does all of the work that it is compared by."""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from benchmarks.plain_aggregator import MAX_FETCH_WORKERS, PlainAggregator, get_boto_clients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

# More than the fetchers and the queue hold together, so that both must be used again.
FILES = {f"in/{number:03d}.jsonl": b"reading\n" * number for number in range(3 * MAX_FETCH_WORKERS)}
BUNDLE = "plain/0.tar.gz"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ("landing", "archive"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        for key, body in FILES.items():
            client.put_object(Bucket="landing", Key=key, Body=body)
        boto3.client("dynamodb").create_table(
            TableName="seen",
            KeySchema=[{"AttributeName": "ObjectID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "ObjectID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture
def plain(s3: S3Client) -> PlainAggregator:  # noqa: ARG001 - its clients must be made after moto's
    return PlainAggregator(get_boto_clients(), "landing", "archive")


def unpacked(s3: S3Client) -> dict[str, bytes]:
    body = s3.get_object(Bucket="archive", Key=BUNDLE)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
        found = {member.name: tar.extractfile(member) for member in tar}
        return {name: stream.read() for name, stream in found.items() if stream is not None}


def test_it_bundles_every_byte_of_every_file(s3: S3Client, plain: PlainAggregator) -> None:
    assert plain.process(list(FILES), BUNDLE, None) == len(FILES)
    assert unpacked(s3) == FILES


def test_it_bundles_a_file_once(s3: S3Client, plain: PlainAggregator) -> None:
    keys = list(FILES)
    assert plain.process(keys[:5], "plain/first.tar.gz", "seen") == 5

    assert plain.process(keys[:7], BUNDLE, "seen") == 2

    assert set(unpacked(s3)) == set(keys[5:7])


def test_it_makes_no_bundle_of_nothing_new(s3: S3Client, plain: PlainAggregator) -> None:
    plain.process(list(FILES)[:1], "plain/first.tar.gz", "seen")

    assert plain.process(list(FILES)[:1], BUNDLE, "seen") == 0

    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="archive", Key=BUNDLE)


def test_the_hash_in_its_metadata_is_that_of_the_bundle(s3: S3Client, plain: PlainAggregator) -> None:
    plain.process(list(FILES), BUNDLE, None)

    answer = s3.get_object(Bucket="archive", Key=BUNDLE)
    assert answer["Metadata"] == {"sha256_checksum": hashlib.sha256(answer["Body"].read()).hexdigest()}


def test_a_file_that_cannot_be_read_fails_the_bundle_instead_of_hanging(s3: S3Client, plain: PlainAggregator) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        plain.process([*FILES, "missing"], BUNDLE, None)

    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="archive", Key=BUNDLE)
