"""The raw bucket, as the processor writes it and the transformer reads it."""

from __future__ import annotations

import base64
import math
from concurrent.futures import wait
from contextlib import closing
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from baler.aws.http.s3 import HttpS3
    from baler.events.raw_object import StreamObject

CONTENT_TYPE: Final = "application/x-ndjson"

# What S3 says where a key is taken; 412 where the document of the answer did not come along.
_TAKEN: Final = frozenset({"PreconditionFailed", "412"})
# 404 only for a role that may list the bucket: S3 says 403 to others, which is a fault that is tried again.
_GONE: Final = frozenset({"NoSuchKey", "404"})
_CHUNK_BYTES: Final = 1024 * 1024


class S3RawStore:
    """The RawStore port (see runtime/events/processor/ports.py).

    Args:
        client: of the raw bucket.
        bucket: its name.
        pool: puts the objects of a batch at the same time.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpS3, bucket: str, pool: Executor, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._bucket = bucket
        self._pool = pool
        self._deadline = deadline

    def put(self, objects: Sequence[StreamObject]) -> None:
        """Put them; S3 refuses bytes that do not match their checksum. No put goes on when this is over."""
        puts = [self._pool.submit(self._put, each) for each in objects]
        wait(puts)
        for put in puts:
            put.result()

    def _put(self, each: StreamObject) -> None:
        # The last part of the name is the hash of the content.
        digest = each.key.removesuffix(".json").rpartition("_")[2]
        checksum = base64.b64encode(bytes.fromhex(digest)).decode()

        def put() -> None:
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=each.key,
                    Body=each.content,
                    ContentType=CONTENT_TYPE,
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise

        attempt("put a raw object", put, self._deadline)


class S3RawSource:
    """The Source port (see runtime/events/transformer/ports.py).

    Args:
        client: of the raw bucket.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
        what: an object of it is, for reasons.
    """

    def __init__(self, client: HttpS3, bucket: str, deadline: float = math.inf, *, what: str = "a raw object") -> None:
        self._client = until(client, deadline)
        self._bucket = bucket
        self._deadline = deadline
        self._what = what

    def get(self, key: str) -> bytes | None:
        """Read an object whole: a batch of Lambda's has at most 6 MB, and so has what was made of it."""

        def get() -> bytes | None:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) in _GONE:
                    return None
                raise
            with closing(answer["Body"]) as body:
                return b"".join(body.iter_chunks(_CHUNK_BYTES))

        return attempt(f"get {self._what}", get, self._deadline)
