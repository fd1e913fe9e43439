"""What S3 answers to a put, as the sender has to know it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from baler.commands.send.landing import LandingError, PutState
from baler.commands.send.s3_landing import S3Landing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

CONTENT = b"a reading"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def s3(aws_settings: None) -> Iterator[S3Client]:
    assert aws_settings is None
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="landing", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        client.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    return path


def test_it_is_stored_once_and_anew_only_where_that_is_asked_for(s3: S3Client, file: Path) -> None:
    landing = S3Landing(s3, "landing")
    first = landing.put("a b+c/é", file, SHA256, replace=False)
    assert first.state is PutState.STORED
    assert first.version_id == s3.head_object(Bucket="landing", Key="a b+c/é").get("VersionId")
    assert landing.put("a b+c/é", file, SHA256, replace=False).state is PutState.TAKEN
    assert landing.put("a b+c/é", file, SHA256, replace=True).state is PutState.STORED
    assert len(s3.list_object_versions(Bucket="landing").get("Versions", [])) == 2


def test_its_hash_goes_with_it(s3: S3Client, file: Path) -> None:
    seen: list[dict[str, Any]] = []

    def see(params: dict[str, Any], **_: object) -> None:
        seen.append(params["headers"])

    s3.meta.events.register("before-call.s3.PutObject", see)
    S3Landing(s3, "landing").put("key", file, SHA256, replace=False)
    assert seen[0]["x-amz-checksum-sha256"] == base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert seen[0]["If-None-Match"] == "*"


def answering(s3: S3Client, monkeypatch: pytest.MonkeyPatch, error: Exception) -> S3Landing:
    def put_object(**_: object) -> None:
        raise error

    monkeypatch.setattr(s3, "put_object", put_object)
    return S3Landing(s3, "landing")


def client_error(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (client_error("PreconditionFailed", 412), PutState.TAKEN),
        (client_error("BadDigest", 400), PutState.CHANGED),
        (client_error("ConditionalRequestConflict", 409), PutState.UNKNOWN),
        (client_error("SlowDown", 503), PutState.UNKNOWN),
        (client_error("InternalError", 500), PutState.UNKNOWN),
        (ReadTimeoutError(endpoint_url="https://s3"), PutState.UNKNOWN),
    ],
)
def test_what_an_answer_says(
    s3: S3Client, file: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, state: PutState
) -> None:
    assert answering(s3, monkeypatch, error).put("key", file, SHA256, replace=False).state is state


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "ExpiredToken", "RequestTimeTooSkewed"])
def test_what_any_put_would_meet_is_a_refusal(
    s3: S3Client, file: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    with pytest.raises(LandingError, match="landing"):
        answering(s3, monkeypatch, client_error(code, 403)).put("key", file, SHA256, replace=False)
