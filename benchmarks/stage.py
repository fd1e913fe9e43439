"""One LocalStack with bare buckets, and the files that landed: what every contestant works on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import running_localstack

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

REGION: Final = "eu-west-2"
LANDING: Final = "landing"
ARCHIVE: Final = "archive"
MAILBOX: Final = "mailbox"

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
    """A running LocalStack. Nothing is deployed onto it: a function that drains a queue beside would be measured too.

    Attributes:
        aws: clients.
        queue_url: a queue that nobody reads.
    """

    aws: Endpoint
    queue_url: str

    def land(self, prefix: str, bodies: Sequence[bytes]) -> list[Landed]:
        """Put one file a body, below a prefix."""

        def put(numbered: tuple[int, bytes]) -> Landed:
            number, body = numbered
            key = f"{prefix}/{number:05d}.jsonl"
            answer = self.aws.s3.put_object(Bucket=LANDING, Key=key, Body=body)
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
            self.aws.dynamodb.delete_table(TableName=name)

    def empty(self, name: str) -> None:
        """Forget every claim in a table."""
        self.aws.dynamodb.delete_table(TableName=name)
        self._create(name, "pk")

    def _create(self, name: str, key: str) -> None:
        self.aws.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


@contextmanager
def stage(log: Path) -> Generator[Stage]:
    """Start a LocalStack on a free port; stop it when the block ends.

    Args:
        log: what it writes.
    """
    with running_localstack(log, port=free_port(), enforce_iam=False) as localstack:
        aws = Endpoint(localstack.endpoint, REGION)
        for bucket in (LANDING, ARCHIVE, MAILBOX):
            aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        aws.s3.put_bucket_versioning(Bucket=LANDING, VersioningConfiguration={"Status": "Enabled"})
        yield Stage(aws, aws.sqs.create_queue(QueueName="ingest")["QueueUrl"])
