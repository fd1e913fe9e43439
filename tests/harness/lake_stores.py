"""The lake as an operator meets it, on moto: raw bucket, queue and tables, filled by the functions' own adapters."""

from __future__ import annotations

import itertools
import json
import uuid
from typing import TYPE_CHECKING, Any

import boto3
from typer.testing import CliRunner

from baler.cli.main import app
from baler.lake.declarations import read_declarations, shipped_declarations
from baler.lake.raw_key import RawKey, RawMetadata
from harness.sightings import order
from runtime.lake.aws.curation_bucket import S3CurationBucket
from runtime.lake.aws.record_table import DynamoRecordTable, Tables
from runtime.lake.aws.source_states import KEY
from runtime.lake.aws.version_table import DynamoVersionTable
from runtime.lake.curation.curator import Curator, Outcome
from runtime.lake.curation.reading import reader_of

if TYPE_CHECKING:
    from typer.testing import Result

SOURCES = {each.name: each for each in read_declarations(shipped_declarations())}


class Lake:
    """A stack's stores, and curation."""

    def __init__(self) -> None:
        # Untyped: every key of an answer would have to be shown to be there.
        self.dynamodb: Any = boto3.client("dynamodb")
        self.s3 = boto3.client("s3")
        self.sqs: Any = boto3.client("sqs")
        for name, keys in {
            "records": ("id",),
            "counters": ("pk", "sk"),
            "versions": ("id", "seen"),
            "sources": (KEY,),
        }.items():
            self.dynamodb.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
                ],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        self.s3.create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        self.s3.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
        self.queue = self.sqs.create_queue(QueueName="curation")["QueueUrl"]
        bucket = S3CurationBucket(self.s3, "raw")
        clock = _Clock()
        self.curator = Curator(
            raw=bucket,
            read=reader_of(SOURCES),
            table=DynamoRecordTable(self.dynamodb, Tables("records", "counters"), clock=clock.now),
            versions=DynamoVersionTable(self.dynamodb, "versions"),
            aside=bucket,
            clock=clock,
            random=lambda: 0.5,
            new_token=lambda: uuid.uuid4().hex,
        )
        self._generations = itertools.count(1)

    def fetch(self, time: str, posts: object, source: str = "jsonplaceholder", *, curate: bool = True) -> str:
        """Put what a source answered for the event of a time, and curate it; return its key."""
        body, at = json.dumps(posts).encode(), order(time, next(self._generations))
        key = RawKey.of(source, at.captured_at, body)
        metadata = RawMetadata(source, SOURCES[source].type, at, key.content_sha256, 0)
        self.s3.put_object(Bucket="raw", Key=key.text, Body=body, Metadata=metadata.written())
        if curate:
            assert self.curate(key.text) is Outcome.CURATED
        return key.text

    def curate(self, key: str, version: str | None = None) -> Outcome:
        """Curate a raw object."""
        return self.curator.handle(key, version, float("inf")).outcome

    def messages(self) -> list[dict[str, Any]]:
        """What was sent to curation."""
        found: list[dict[str, Any]] = []
        while got := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for each in got:
                found += json.loads(each["Body"])["Records"]
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return found

    def run(self, *arguments: str, **environment: str | None) -> Result:
        variables = {
            "BALER_LAKE_RECORDS_TABLE": "records",
            "BALER_LAKE_COUNTERS_TABLE": "counters",
            "BALER_LAKE_SOURCES_TABLE": "sources",
            "BALER_LAKE_VERSIONS_TABLE": "versions",
            "BALER_LAKE_RAW_BUCKET": "raw",
            "BALER_LAKE_CURATION_QUEUE_URL": self.queue,
            "COLUMNS": "300",
            **environment,
        }
        return CliRunner().invoke(app, ["lake", *arguments], env=variables)

    def told(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        """Run a command with --json; return its exit code and what it reported."""
        result = self.run(*arguments, "--json")
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


class _Clock:
    """The time of the year that the tests are about; nothing waits."""

    def now(self) -> float:
        return 1_773_014_400.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"waits {seconds} s for nothing")


def post(number: int, title: str = "red") -> dict[str, object]:
    """Return a post as the source sends it."""
    return {"id": number, "userId": 1, "title": title, "body": "text"}
