"""A mailbox with a quarantine in moto, and `baler redeliver` at it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.main import app
from baler.files.bundle.ids import bundle_key, new_bundle_id, quarantine_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client
    from typer.testing import Result

MAILBOX = "mailbox"
METADATA = {"content-sha256": "a" * 64, "file-count": "3", "format-version": "1"}
LONG_AGO = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class QuarantineSite:
    """The mailbox bucket. S3 says of what is set aside that it was so long ago."""

    client: S3Client
    calls: list[str]
    before: dict[str, Callable[[], object]]
    age: timedelta = timedelta(hours=1)

    def set_aside(self, number: int, *, refusal: str = "422", replay: str = "", body: bytes = b"a bundle") -> str:
        """Put a bundle into the quarantine, and return its id."""
        bundle_id = new_bundle_id(LONG_AGO.timestamp() + number, number.to_bytes(8, "big"))
        metadata = {**METADATA, "refusal": refusal, **({"replay": replay} if replay else {})}
        self.client.put_object(Bucket=MAILBOX, Key=quarantine_key(bundle_id), Body=body, Metadata=metadata)
        return bundle_id

    def mail(self, bundle_id: str, *, replay: str = "", body: bytes = b"a bundle") -> None:
        """Let a bundle wait for the courier."""
        metadata = {**METADATA, **({"replay": replay} if replay else {})}
        self.client.put_object(Bucket=MAILBOX, Key=bundle_key(bundle_id), Body=body, Metadata=metadata)

    def stored(self) -> set[str]:
        return {each.get("Key", "") for each in self.client.list_objects_v2(Bucket=MAILBOX).get("Contents", [])}

    def metadata(self, key: str) -> dict[str, str]:
        return self.client.head_object(Bucket=MAILBOX, Key=key)["Metadata"]

    def run(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        """Run the command with --json; return its exit code and what it reported."""
        result = self.text(*arguments, "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    def text(self, *arguments: str) -> Result:
        """Run the command as a person does."""
        variables = {"BALER_MAILBOX": MAILBOX, "COLUMNS": "300"}
        return CliRunner().invoke(app, ["redeliver", *arguments], env=variables)

    def body(self, key: str) -> bytes:
        return self.client.get_object(Bucket=MAILBOX, Key=key)["Body"].read()


@pytest.fixture
def site(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuarantineSite]:  # noqa: ARG001 - where boto3 finds moto
    """The mailbox, with what moto lacks of S3: the conditions of CopyObject and DeleteObject."""
    call = cast("Any", BaseClient)._make_api_call
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=MAILBOX, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        found = QuarantineSite(client, [], {})

        def as_s3(made_by: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            found.calls.append(operation)
            if meanwhile := found.before.pop(operation, None):
                meanwhile()
            if operation in {"CopyObject", "DeleteObject"}:
                _check(lambda name, asked: call(client, name, asked), operation, parameters)
            answer = call(made_by, operation, parameters)
            if operation == "HeadObject" and str(parameters["Key"]).startswith("quarantine/"):
                # S3's clock goes on.
                now = answer["LastModified"] + found.age
                answer["ResponseMetadata"]["HTTPHeaders"]["date"] = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
            return answer

        monkeypatch.setattr(BaseClient, "_make_api_call", as_s3)
        yield found


def _check(call: Callable[[str, dict[str, Any]], Any], operation: str, parameters: dict[str, Any]) -> None:
    """Refuse what S3 would (API reference, CopyObject and DeleteObject)."""

    def etag(bucket: str, key: str) -> str | None:
        try:
            return call("HeadObject", {"Bucket": bucket, "Key": key})["ETag"]
        except ClientError:
            return None

    there = etag(parameters["Bucket"], parameters["Key"])
    failed = parameters.get("IfNoneMatch") == "*" and there is not None
    failed |= "IfMatch" in parameters and there is not None and parameters["IfMatch"] != there
    if "CopySourceIfMatch" in parameters:
        source = etag(parameters["CopySource"]["Bucket"], parameters["CopySource"]["Key"])
        failed |= source is not None and source != parameters["CopySourceIfMatch"]
    if failed:
        raise ClientError({"Error": {"Code": "PreconditionFailed", "Message": "no"}}, operation)
