"""The clients of one execution environment, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.http.s3 import HttpS3
from baler.aws.http.sqs import HttpSqs
from baler.aws.session import CONFIG, credentials_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Of the receiver's secret: whoever reads it tries again itself, while a send waits.
_SECRET_CONFIG: Final = Config(connect_timeout=2.0, read_timeout=3.0, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Clients:
    """What an aggregator talks with. Adapters are made of them anew for each invocation, with its deadline.

    Attributes:
        landing, archive, mailbox: of one bucket each.
        claims: reads and writes the claim table.
        sqs: sets visibility timeouts, and sends.
    """

    landing: HttpS3
    archive: HttpS3
    mailbox: HttpS3
    claims: HttpDynamoDb
    sqs: HttpSqs

    @classmethod
    def connect(cls, landing_bucket: str, archive_bucket: str, mailbox_bucket: str) -> Clients:
        """Make the clients by boto3's usual configuration; nothing is sent yet.

        Raises:
            NoCredentialsError: there are none, as boto3 would say at the first call.
        """
        session = boto3.Session()
        credentials = credentials_of(session)
        s3 = session.client("s3", config=CONFIG)
        return cls(
            landing=HttpS3(s3, credentials, landing_bucket),
            archive=HttpS3(s3, credentials, archive_bucket),
            mailbox=HttpS3(s3, credentials, mailbox_bucket),
            claims=HttpDynamoDb(session.client("dynamodb", config=CONFIG), credentials),
            sqs=HttpSqs(session.client("sqs", config=CONFIG), credentials),
        )

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for client in (self.landing, self.archive, self.mailbox, self.claims, self.sqs):
            client.close()


@dataclass(frozen=True, slots=True)
class CourierClients:
    """What a courier talks with beside its receiver. Adapters are made of them anew for each invocation.

    Attributes:
        mailbox: of the distribution bucket.
        table: reads and writes the courier's table.
        secrets: reads the receiver's credentials.
    """

    mailbox: HttpS3
    table: HttpDynamoDb
    secrets: SecretsManagerClient

    @classmethod
    def connect(cls, mailbox_bucket: str) -> CourierClients:
        """Make the clients by boto3's usual configuration; nothing is sent yet.

        Raises:
            NoCredentialsError: there are none, as boto3 would say at the first call.
        """
        session = boto3.Session()
        credentials = credentials_of(session)
        return cls(
            mailbox=HttpS3(session.client("s3", config=CONFIG), credentials, mailbox_bucket),
            table=HttpDynamoDb(session.client("dynamodb", config=CONFIG), credentials),
            secrets=session.client("secretsmanager", config=_SECRET_CONFIG),
        )

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.mailbox.close()
        self.table.close()
        self.secrets.close()
