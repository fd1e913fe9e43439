"""The raw layer as it is listed; what moto never answers is scripted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from baler.lake.aws.raw_versions import S3RawVersions
from baler.lake.raw_key import RawKey
from baler.lake.rebuild import RawVersion

AT = datetime(2026, 3, 8, 10, tzinfo=UTC)
KEY = RawKey.of("posts", AT, b"[]").text
RESTORED = {"IsRestoreInProgress": False, "RestoreExpiryDate": AT}


def version(key: str = KEY, **more: Any) -> dict[str, Any]:
    return {"Key": key, "VersionId": "v1", "LastModified": AT, "StorageClass": "STANDARD", **more}


@pytest.mark.parametrize(
    ("listed", "readable"),
    [
        (version(), True),
        (version(StorageClass="INTELLIGENT_TIERING"), True),
        (version(StorageClass="GLACIER"), False),
        (version(StorageClass="DEEP_ARCHIVE", RestoreStatus={"IsRestoreInProgress": True}), False),
        (version(StorageClass="DEEP_ARCHIVE", RestoreStatus=RESTORED), True),
    ],
)
@pytest.mark.usefixtures("aws_settings")
def test_what_is_archived_is_readable_once_it_is_restored(listed: dict[str, Any], *, readable: bool) -> None:
    client = boto3.client("s3")
    with Stubber(client) as stubber:
        foreign = version(f"{KEY}.tmp")
        answer = {"IsTruncated": False, "Versions": [listed, foreign], "DeleteMarkers": [{"Key": KEY}]}
        asked = {"Bucket": "raw", "Prefix": "raw/", "OptionalObjectAttributes": ["RestoreStatus"]}
        stubber.add_response("list_object_versions", answer, asked)
        assert list(S3RawVersions(client, "raw").under("raw/")) == [RawVersion(KEY, "v1", AT.timestamp(), readable)]


@pytest.mark.usefixtures("aws_settings")
def test_sources_are_those_that_have_raw_objects_and_a_name() -> None:
    client = boto3.client("s3")
    with Stubber(client) as stubber:
        found = [{"Prefix": f"raw/source={name}/"} for name in ("a-b", "posts", "../x", "a--b")]
        stubber.add_response("list_object_versions", {"IsTruncated": False, "CommonPrefixes": found})
        assert S3RawVersions(client, "raw").sources() == ["a-b", "posts"]
