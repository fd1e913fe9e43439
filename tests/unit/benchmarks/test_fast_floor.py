"""The fast floor's store does of S3 what the contestants rely on, and its ceilings are measured by what they send."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from benchmarks.errors import BenchmarkError
from benchmarks.floor.ceiling import requests_per_second
from benchmarks.floor.ceilings import CLAIMS, GETS, INSERTS, ceilings_of
from benchmarks.floor.signed_requests import signed_get
from benchmarks.stage import ARCHIVE, LANDING, REGION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from benchmarks.stage import Stage

BODY = b"reading\n" * 250
SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response.get("Error", {}).get("Code", "")


def test_a_version_is_read_after_another_was_put_over_it(floor: Stage) -> None:
    first, second = floor.land("versions", [b"first"]), floor.land("versions", [b"second"])
    key, version = first[0].key, first[0].version_id

    def read(etag: str) -> bytes:
        return floor.s3.get_object(Bucket=LANDING, Key=key, VersionId=version, IfMatch=f'"{etag}"')["Body"].read()

    assert read(first[0].etag) == b"first"
    assert refused(read, etag=second[0].etag) == "PreconditionFailed"
    assert refused(floor.s3.get_object, Bucket=LANDING, Key=key, VersionId="0" * 32) == "NoSuchVersion"


def test_an_object_is_put_only_where_none_is_and_only_whole(floor: Stage) -> None:
    put: Any = {"Bucket": ARCHIVE, "Body": BODY, "ChecksumSHA256": SHA256, "IfNoneMatch": "*"}

    assert refused(floor.s3.put_object, **{**put, "Key": "once", "Body": BODY[:-1]}) == "BadDigest"
    floor.s3.put_object(**put, Key="once")

    assert refused(floor.s3.put_object, **put, Key="once") == "PreconditionFailed"
    found = floor.s3.get_object(Bucket=ARCHIVE, Key="once", ChecksumMode="ENABLED")
    assert (found.get("ChecksumSHA256"), found["Body"].read()) == (SHA256, BODY)


def test_an_object_is_uploaded_in_parts(floor: Stage) -> None:
    place: Any = {"Bucket": ARCHIVE, "Key": "parts"}
    bodies = [bytes([number]) * 5 * 1024 * 1024 for number in range(2)]
    upload = floor.s3.create_multipart_upload(**place)["UploadId"]

    parts: Any = [
        {
            "PartNumber": number,
            "ETag": floor.s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(bodies, 1)
    ]
    floor.s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})

    assert floor.s3.get_object(**place)["Body"].read() == b"".join(bodies)


def test_a_request_that_another_signed_is_refused(floor: Stage) -> None:
    stranger: Any = boto3.client(
        "s3",
        endpoint_url=floor.endpoints.s3,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="another",  # noqa: S106 - of nobody  # pragma: allowlist secret
    )

    assert refused(stranger.list_objects_v2, Bucket=LANDING) == "SignatureDoesNotMatch"


def test_each_file_is_read_and_claimed_once_for_the_ceilings(floor: Stage) -> None:
    measured = ceilings_of(floor, floor.land("ceilings", [BODY] * 40))

    assert measured[GETS]() > 0
    assert measured[CLAIMS]() > 0
    assert measured[INSERTS]() > 0


def test_a_ceiling_of_refusals_is_none(floor: Stage) -> None:
    with pytest.raises(BenchmarkError, match="404"):
        requests_per_second(floor.endpoints.s3, [signed_get(f"{floor.endpoints.s3}/{LANDING}/missing", REGION)])
