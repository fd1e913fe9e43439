"""Bare buckets and tables, and the files that landed: what every contestant works on, on either floor."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from benchmarks.floor.endpoints import Endpoints
from benchmarks.floor.store import running_plain_store
from benchmarks.floor.table_server import running_tables
from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import running_localstack

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

REGION: Final = "eu-west-2"
LANDING: Final = "landing"
ARCHIVE: Final = "archive"
MAILBOX: Final = "mailbox"
CONSUMED: Final = "consumed"
"""A mailbox too, that the consumer empties and nobody else fills."""
FAST: Final = "fast floor"
LOCALSTACK: Final = "LocalStack"
PEERS_OUTPUT: Final = "peers-output"
"""What a command from outside bales goes there."""

_UPLOADERS: Final = 8


@dataclass(frozen=True)
class Landed:
    """A file in the landing bucket."""

    key: str
    version_id: str
    etag: str
    size: int


@dataclass(frozen=True)
class Stage:
    """A floor with buckets. Nothing is deployed onto it: a function that drains a queue beside would be measured too.

    Attributes:
        endpoints: of the contestants.
        s3: our own client.
        dynamodb: likewise.
        queue_url: a queue that nobody reads. The fast floor has none; what is measured asks for none.
    """

    endpoints: Endpoints
    s3: S3Client
    dynamodb: DynamoDBClient
    queue_url: str

    def land(self, prefix: str, bodies: Sequence[bytes]) -> list[Landed]:
        """Put one file a body, below a prefix."""

        def put(numbered: tuple[int, bytes]) -> Landed:
            number, body = numbered
            key = f"{prefix}/{number:05d}.jsonl"
            answer = self.s3.put_object(Bucket=LANDING, Key=key, Body=body)
            return Landed(key, answer["VersionId"], answer["ETag"].strip('"'), len(body))

        with ThreadPoolExecutor(_UPLOADERS) as pool:
            return list(pool.map(put, enumerate(bodies)))

    @contextmanager
    def claim_table(self, key: str = "pk") -> Generator[str]:
        """Make an empty table for the length of a block; yields its name."""
        name = f"claims-{token_hex(4)}"
        self._create(name, key)
        try:
            yield name
        finally:
            self.dynamodb.delete_table(TableName=name)

    def empty(self, name: str) -> None:
        """Forget every claim in a table."""
        self.dynamodb.delete_table(TableName=name)
        self._create(name, "pk")

    def _create(self, name: str, key: str) -> None:
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


@contextmanager
def localstack_stage(log: Path) -> Generator[Stage]:
    """Start a LocalStack on a free port; stop it when the block ends.

    Args:
        log: what it writes.
    """
    with running_localstack(log, port=free_port(), enforce_iam=False) as localstack:
        aws = Endpoint(localstack.endpoint, REGION)
        _make_buckets(aws.s3)
        queue_url = aws.sqs.create_queue(QueueName="ingest")["QueueUrl"]
        yield Stage(Endpoints.of_one(aws.url), aws.s3, aws.dynamodb, queue_url)


@contextmanager
def fast_stage() -> Generator[Stage]:
    """Start a store and a table server that take less of the machine than the contestants do; end them with the block.

    Raises:
        SandboxError: the store did not start.
        BenchmarkError: the other did not.
    """
    with running_plain_store() as store, running_tables() as tables:
        s3, dynamodb = Endpoint(store.endpoint, REGION).s3, Endpoint(tables, REGION).dynamodb
        _make_buckets(s3)
        yield Stage(Endpoints(store.endpoint, tables), s3, dynamodb, f"{tables}/ingest")


def _make_buckets(s3: S3Client) -> None:
    for bucket in (LANDING, ARCHIVE, MAILBOX, CONSUMED, PEERS_OUTPUT):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=LANDING, VersioningConfiguration={"Status": "Enabled"})
