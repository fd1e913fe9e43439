"""The mailbox in S3, by boto3."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from operations.consume.mailbox import (
    Content,
    Letter,
    MailboxError,
    MailboxRefusedError,
    MailboxUnavailableError,
    ObjectGoneError,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

# A piece of a download: large enough that calls cost nothing, small enough that a stop is prompt.
CHUNK_BYTES: Final = 256 * 1024

# S3's answers that only a person can change: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_REFUSALS: Final = {
    "403": "Access is denied",
    "AccessDenied": "Access is denied",
    "AllAccessDisabled": "Access is denied",
    "ExpiredToken": "The credentials have expired",
    "Forbidden": "Access is denied",
    "InvalidAccessKeyId": "The credentials are not known there",
    "InvalidBucketName": "That is not a bucket's name",
    "InvalidToken": "The credentials are not valid",
    "NoSuchBucket": "There is no such bucket",
    "PermanentRedirect": "The bucket is in another region",
    "AuthorizationHeaderMalformed": "The bucket is in another region",
    "RequestTimeTooSkewed": "The clock of this machine is wrong",
    "SignatureDoesNotMatch": "The credentials are not valid",
}
_GONE: Final = {"404", "NoSuchKey", "412", "PreconditionFailed"}
_NO_CREDENTIALS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    SSOError,
    TokenRetrievalError,
)


def s3_client() -> S3Client:
    """Make the client; endpoint, region and credentials are boto3's own settings (AWS_ENDPOINT_URL and so on).

    Raises:
        MailboxRefusedError: one of those settings is not usable.
    """
    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 3},
        # Older S3-compatible stores refuse what these add; every byte is checked against our own SHA-256 anyway.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        raise MailboxRefusedError(
            f"The AWS settings are not usable ({error}): check AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL."
        ) from error


class S3Mailbox:
    """One bucket's objects below a prefix.

    Args:
        client: boto3's S3 client.
        bucket: the mailbox bucket.
        prefix: what the keys begin with.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def list(self) -> Iterator[Letter]:
        """Yield the objects, a page of a thousand at a time; S3 lists in the order of the keys."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        with self._explained("list"):
            for page in pages:
                for item in page.get("Contents", []):
                    yield Letter(
                        item["Key"],  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 tells all four
                        item["ETag"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                        item["Size"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                        item["LastModified"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                    )

    @contextmanager
    def get(self, letter: Letter) -> Generator[Content]:
        """Open an object, if it is still the one that was listed."""
        with self._explained(f"read {letter.key!r} in"):
            answer = self._client.get_object(Bucket=self._bucket, Key=letter.key, IfMatch=letter.etag)
        body = answer["Body"]
        try:
            yield Content(answer["Metadata"], self._chunks(body, letter.key))
        finally:
            body.close()

    def delete(self, key: str) -> None:
        """Delete an object."""
        with self._explained(f"delete {key!r} in"):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def _chunks(self, body: StreamingBody, key: str) -> Iterator[bytes]:
        with self._explained(f"read {key!r} in"):
            yield from body.iter_chunks(CHUNK_BYTES)

    @contextmanager
    def _explained(self, verb: str) -> Generator[None]:
        """Turn boto3's errors into the port's."""
        try:
            yield
        except ClientError as error:
            raise self._answered(error, verb) from error
        except _NO_CREDENTIALS as error:
            raise MailboxRefusedError(
                f"Found no usable AWS credentials ({error}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY."
            ) from error
        except ParamValidationError as error:
            raise MailboxRefusedError(f"{self._bucket!r} is not a bucket's name: {error}") from error
        except BotoCoreError as error:
            raise MailboxUnavailableError(f"Could not {verb} the mailbox {self._bucket!r}: {error}") from error

    def _answered(self, error: ClientError, verb: str) -> MailboxError:
        code = error.response.get("Error", {}).get("Code", "")
        what = f"{verb} the mailbox {self._bucket!r}"
        if code in _GONE:
            return ObjectGoneError(f"Could not {what}: it was deleted or replaced meanwhile.")
        if code in _REFUSALS:
            return MailboxRefusedError(f"{_REFUSALS[code]}: could not {what} (S3 says {code}).")
        return MailboxUnavailableError(f"Could not {what}: {error}")
