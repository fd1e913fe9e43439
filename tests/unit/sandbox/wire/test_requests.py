"""baler_wire: what a request is about, as its head tells."""

from __future__ import annotations

import pytest
from baler_wire.requests import RequestHead, head_of


def signed(service: str, key: str = "AKIA") -> dict[str, str]:
    scope = f"{key}/20261126/eu-west-2/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def head(method: str, target: str, service: str = "s3", body: bytes = b"", **headers: str) -> RequestHead:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head_of(method, target, {**signed(service), **named}, body)


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/", "ListBuckets"),
        ("GET", "/bucket/a/b", "GetObject"),
        ("GET", "/bucket/a?versionId=1", "GetObject"),
        ("GET", "/bucket/a?attributes", "GetObjectAttributes"),
        ("GET", "/bucket/a?uploadId=1", "ListParts"),
        ("HEAD", "/bucket/a", "HeadObject"),
        ("PUT", "/bucket/a", "PutObject"),
        ("PUT", "/bucket/a?tagging", "PutObjectTagging"),
        ("PUT", "/bucket/a?partNumber=1&uploadId=1", "UploadPart"),
        ("POST", "/bucket/a?uploads", "CreateMultipartUpload"),
        ("POST", "/bucket/a?uploadId=1", "CompleteMultipartUpload"),
        ("POST", "/bucket/a?restore", "RestoreObject"),
        ("DELETE", "/bucket/a", "DeleteObject"),
        ("DELETE", "/bucket/a?uploadId=1", "AbortMultipartUpload"),
        ("GET", "/bucket?list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "/bucket/?list-type=2", "ListObjectsV2"),
        ("GET", "/bucket?versions", "ListObjectVersions"),
        ("HEAD", "/bucket", "HeadBucket"),
        ("POST", "/bucket?delete", "DeleteObjects"),
        ("GET", "/bucket?policy", ""),
    ],
)
def test_an_operation_of_s3_is_told_by_method_and_target(method: str, target: str, operation: str) -> None:
    assert (head(method, target).service, head(method, target).operation) == ("s3", operation)


def test_a_copy_is_no_put() -> None:
    assert head("PUT", "/bucket/a", x_amz_copy_source="/bucket/b").operation == "CopyObject"


@pytest.mark.parametrize(
    ("request_head", "service", "operation"),
    [
        (head("POST", "/", "dynamodb", x_amz_target="DynamoDB_20120810.PutItem"), "dynamodb", "PutItem"),
        (head("POST", "/", "sqs", x_amz_target="AmazonSQS.ReceiveMessage"), "sqs", "ReceiveMessage"),
        (
            head("POST", "/", "sns", b"Action=Publish&Version=1", content_type="application/x-www-form-urlencoded"),
            "sns",
            "Publish",
        ),
        (
            head("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", "monitoring"),
            "cloudwatch",
            "PutMetricData",
        ),
        (head("POST", "/2015-03-31/functions/name/invocations", "lambda"), "lambda", "Invoke"),
        (head("POST", "/TraceSegments", "xray"), "xray", ""),
    ],
)
def test_other_services_say_it_in_their_own_ways(request_head: RequestHead, service: str, operation: str) -> None:
    assert (request_head.service, request_head.operation) == (service, operation)


def test_a_presigned_request_is_told_by_its_query() -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=KEY%2F20261126%2Feu-west-2%2Fs3%2Faws4_request"
    found = head_of("GET", f"/bucket/a?{query}", {}, b"")
    assert (found.service, found.operation, found.access_key) == ("s3", "GetObject", "KEY")


def test_what_nobody_signed_is_of_no_service() -> None:
    assert not head_of("GET", "/_localstack/health", {}, b"").service


def test_a_request_of_the_sandbox_s_own_services_is_known() -> None:
    assert head("GET", "/bucket/a", x_localstack_data="{}").internal
    assert not head("GET", "/bucket/a").internal


def test_a_write_names_its_object_however_it_is_encoded() -> None:
    assert head("PUT", "/bucket/a%2Bb?x-id=PutObject", if_none_match="*").written_object == "/bucket/a+b"
    assert head("PUT", "/bucket/a", if_none_match="*").conditional
    assert not head("GET", "/bucket/a").written_object
    assert not head("PUT", "/bucket/a?tagging").written_object
