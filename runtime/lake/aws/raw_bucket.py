"""The raw layer in S3."""

from __future__ import annotations

import base64
import hashlib
import math
from typing import TYPE_CHECKING, Final

from baler.aws.attempts import attempt
from baler.aws.deadline import until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from baler.aws.http.s3 import HttpS3
    from baler.lake.raw_key import RawKey, RawMetadata

_CONTENT_TYPE: Final = "application/json"


class S3RawStore:
    """The RawStore port (see runtime/lake/ingestion/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s of the raw bucket.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client | HttpS3, bucket: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._bucket = bucket
        self._deadline = deadline

    def put(self, key: RawKey, metadata: RawMetadata, content: bytes) -> None:
        """Put an object; S3 refuses bytes that do not match their checksum.

        Not only if the key is free: an attempt before may have put the same bytes, and others after them. The versions
        of the bucket keep both, and the later generation says that these are the newest.
        """
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()

        def put() -> None:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key.text,
                Body=content,
                ContentType=_CONTENT_TYPE,
                ChecksumSHA256=checksum,
                Metadata=metadata.written(),
            )

        attempt("put a raw object", put, self._deadline)
