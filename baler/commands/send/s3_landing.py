"""The landing bucket in S3, by boto3."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.cli.s3 import S3Error, S3RefusedError, explained
from baler.commands.send.landing import LandingError, PutResult, PutState

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 412 where the key has an object; 409
# where another write of it is under way, after which the put is to be tried again.
_TAKEN: Final = {"412", "PreconditionFailed"}
_CONFLICT: Final = {"409", "ConditionalRequestConflict", "OperationAborted"}
# What stores answer to a checksum that the bytes do not have.
_CHANGED: Final = {"BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "InvalidDigest"}


class S3Landing:
    """Puts into one bucket. Without ListBucket and GetObject, which the external party does not have.

    Args:
        client: boto3's S3 client, which makes each call once: whether a try may have been stored is known here alone.
        bucket: the landing bucket.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, path: Path, sha256: str, *, replace: bool) -> PutResult:
        """Put a file with its SHA-256, which S3 compares with what arrives."""
        what = f"put {key!r} into {self._bucket!r}"
        condition: dict[str, Any] = {} if replace else {"IfNoneMatch": "*"}
        with path.open("rb") as body:
            try:
                with explained(what):
                    answer = self._client.put_object(
                        Bucket=self._bucket,
                        Key=key,
                        Body=body,
                        ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                        **condition,
                    )
            except S3Error as error:
                return _result(error)
        return PutResult(PutState.STORED, answer.get("VersionId"))


def _result(error: S3Error) -> PutResult:
    cause = error.__cause__
    code = code_of(cause) if isinstance(cause, ClientError) else ""
    if code in _TAKEN:
        return PutResult(PutState.TAKEN)
    if code in _CHANGED:
        return PutResult(PutState.CHANGED)
    if isinstance(error, S3RefusedError) and code not in _CONFLICT:
        raise LandingError(str(error)) from error
    return PutResult(PutState.UNKNOWN, about=str(error))
