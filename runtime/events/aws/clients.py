"""The clients of one execution environment, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3
from baler.aws.http.sqs import HttpSqs
from baler.aws.session import CONFIG, credentials_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from runtime.events.aws.stream_life import Kinesis

# Tried again by `attempt`, within the deadline of the invocation.
_KINESIS_CONFIG: Final = Config(connect_timeout=2.0, read_timeout=3.0, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class ProcessorClients:
    """What a processor talks with. Adapters are made of them anew for each invocation, with its deadline.

    Attributes:
        raw: of the raw bucket.
        tables: of the protocol's table and the table of batches.
        kinesis: says when the stream was made.
    """

    raw: HttpS3
    tables: HttpDynamoDb
    kinesis: Kinesis

    @classmethod
    def connect(cls, raw_bucket: str) -> ProcessorClients:
        """Make the clients by boto3's usual configuration; nothing is sent yet.

        Raises:
            NoCredentialsError: there are none, as boto3 would say at the first call.
        """
        session = boto3.Session()
        credentials = credentials_of(session)
        # boto3's types know only the services that the stubs were installed for.
        untyped: Any = session
        return cls(
            raw=HttpS3(session.client("s3", config=CONFIG), credentials, raw_bucket),
            tables=HttpDynamoDb(session.client("dynamodb", config=CONFIG), credentials),
            kinesis=untyped.client("kinesis", config=_KINESIS_CONFIG),
        )

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.raw.close()
        self.tables.close()
        self.kinesis.close()


@dataclass(frozen=True, slots=True)
class TransformerClients:
    """What a transformer talks with. Adapters are made of them anew for each invocation, with its deadline.

    Attributes:
        raw, processed: of one bucket each.
        tables: of the protocol's table.
        sqs: sends messages, and sets when they are seen again.
    """

    raw: HttpS3
    processed: HttpS3
    tables: HttpDynamoDb
    sqs: HttpSqs

    @classmethod
    def connect(cls, raw_bucket: str, processed_bucket: str) -> TransformerClients:
        """Make the clients by boto3's usual configuration; nothing is sent yet.

        Raises:
            NoCredentialsError: there are none, as boto3 would say at the first call.
        """
        session = boto3.Session()
        credentials = credentials_of(session)
        s3 = session.client("s3", config=CONFIG)
        return cls(
            raw=HttpS3(s3, credentials, raw_bucket),
            processed=HttpS3(s3, credentials, processed_bucket),
            tables=HttpDynamoDb(session.client("dynamodb", config=CONFIG), credentials),
            sqs=HttpSqs(session.client("sqs", config=CONFIG), credentials),
        )

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for client in (self.raw, self.processed, self.tables, self.sqs):
            client.close()


@dataclass(frozen=True, slots=True)
class CompactorClients:
    """What a compactor talks with, beside the catalogue and the files of the table.

    Attributes:
        processed: of the processed bucket.
        sqs: sends messages, and sets when they are seen again.
        s3: lists the files of the table.
    """

    processed: HttpS3
    sqs: HttpSqs
    s3: S3Client

    @classmethod
    def connect(cls, session: boto3.Session, processed_bucket: str) -> CompactorClients:
        """Make the clients by boto3's usual configuration; nothing is sent yet.

        Raises:
            NoCredentialsError: there are none, as boto3 would say at the first call.
        """
        credentials = credentials_of(session)
        s3 = session.client("s3", config=CONFIG)
        return cls(
            processed=HttpS3(s3, credentials, processed_bucket),
            sqs=HttpSqs(session.client("sqs", config=CONFIG), credentials),
            s3=s3,
        )

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.processed.close()
        self.sqs.close()
        self.s3.close()
