"""The clients of one execution environment, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from runtime.aws.lean.connections import CONNECT_SECONDS, READ_SECONDS
from runtime.aws.lean.dynamodb import LeanDynamoDb
from runtime.aws.lean.s3 import LeanS3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

CONFIG: Final = Config(
    connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"mode": "standard", "total_max_attempts": 3}
)


@dataclass(frozen=True, slots=True)
class Clients:
    """What an aggregator talks with: lean where it is once a file, boto3's where it is a few times a batch.

    Attributes:
        landing: reads the landing bucket.
        claims: reads and writes the claim table.
        s3: puts bundles.
        sqs: sets visibility timeouts.
    """

    landing: LeanS3
    claims: LeanDynamoDb
    s3: S3Client
    sqs: SQSClient

    @classmethod
    def connect(cls, landing_bucket: str) -> Clients:
        """Make the clients by boto3's usual configuration; nothing is sent yet.

        Raises:
            NoCredentialsError: there are none, as boto3 would say at the first call.
        """
        session = boto3.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        s3 = session.client("s3", config=CONFIG)
        dynamodb = session.client("dynamodb", config=CONFIG)
        return cls(
            landing=LeanS3(s3, credentials.get_frozen_credentials, landing_bucket),
            claims=LeanDynamoDb(dynamodb, credentials.get_frozen_credentials),
            s3=s3,
            sqs=session.client("sqs", config=CONFIG),
        )
