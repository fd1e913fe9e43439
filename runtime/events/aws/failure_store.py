"""The bucket that is the mapping's destination on failure, as recovery reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from baler.events.recovery.failure_object import BYTES_MAX, BadFailureObjectError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE: Final = frozenset({"NoSuchKey", "404"})


class S3FailureStore:
    """The FailureStore port (see runtime/events/recovery/ports.py).

    Args:
        client: boto3's.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client, bucket: str, deadline: float) -> None:
        self._client = client
        self._bucket = bucket
        self._deadline = deadline

    def get(self, key: str) -> bytes | None:
        """Read an object whole."""

        def get() -> bytes | None:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) in _GONE:
                    return None
                raise
            if answer["ContentLength"] > BYTES_MAX:
                raise BadFailureObjectError("it is larger than any object that Lambda writes for a batch")
            return answer["Body"].read()

        return attempt("read an object of the destination on failure", get, self._deadline)
