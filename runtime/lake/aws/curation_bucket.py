"""The raw bucket as curation reads it, and where it sets bad records aside."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import math
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.aws.http.s3 import metadata_in
from baler.lake.raw_key import RAW_PREFIX, RAW_SUFFIX, REJECTED_PREFIX
from runtime.lake.curation.reading import RawObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_s3 import S3Client

    from baler.aws.http.s3 import HttpS3
    from runtime.lake.curation.reading import BadRecord

_CONTENT_TYPE: Final = "application/x-ndjson"
# 404 only for a role that may list the bucket: S3 says 403 to others, which is a fault that is tried again.
# InvalidArgument (400) is a version id that S3 never gave out, MethodNotAllowed (405) that of a delete marker: whoever
# wrote such a message, it never becomes better.
_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404", "InvalidArgument", "MethodNotAllowed"})
_TAKEN: Final = frozenset({"PreconditionFailed", "412"})
_CHUNK_BYTES: Final = 1024 * 1024


class S3CurationBucket:
    """The RawStore and Aside ports (see runtime/lake/curation/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s of the raw bucket.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: S3Client | HttpS3, bucket: str, deadline: float = math.inf) -> None:
        # Both have the same calls, but boto3's types know only literal arguments.
        self._client: Any = until(client, deadline)
        self._bucket = bucket
        self._deadline = deadline

    def get(self, key: str, version: str | None) -> RawObject | None:
        """Read a version of an object whole: ingestion puts no more than 16 MB."""
        named = {} if version is None else {"VersionId": version}

        def get() -> RawObject | None:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, **named)
            except ClientError as error:
                if code_of(error) in _GONE:
                    return None
                raise
            with closing(answer["Body"]) as body:
                content = b"".join(body.iter_chunks(_CHUNK_BYTES))
            return RawObject(content, metadata_in(answer["Headers"]) if "Headers" in answer else answer["Metadata"])

        return attempt("get a raw object", get, self._deadline)

    def put(self, key: str, records: Sequence[BadRecord]) -> None:
        """Write a line for each bad record: its place or id, and what is wrong. The record itself is in the raw object.

        The name says the content, so that a repeated message puts nothing more.
        """
        lines = [json.dumps({"raw_s3_key": key, **dataclasses.asdict(each)}) for each in records]
        content = "".join(f"{line}\n" for line in lines).encode()
        digest = hashlib.sha256(content)
        name = key.removeprefix(RAW_PREFIX).removesuffix(RAW_SUFFIX)

        def put() -> None:
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=f"{REJECTED_PREFIX}{name}-{digest.hexdigest()[:16]}{RAW_SUFFIX}",
                    Body=content,
                    ContentType=_CONTENT_TYPE,
                    ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise

        attempt("set bad records aside", put, self._deadline)
