"""The processed bucket, as the transformer writes it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.events.processed_object import processed_key

if TYPE_CHECKING:
    from baler.aws.http.s3 import HttpS3

_CONTENT_TYPE: Final = "application/x-ndjson"


class S3ProcessedTarget:
    """The Target port (see runtime/events/transformer/ports.py).

    Args:
        client: of the processed bucket.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpS3, bucket: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._bucket = bucket
        self._deadline = deadline

    def put(self, key: str, body: bytes) -> None:
        """Write what was made of a raw object, in the place of what was there; the signature covers the bytes."""
        name = processed_key(key)

        def put() -> None:
            self._client.put_object(Bucket=self._bucket, Key=name, Body=body, ContentType=_CONTENT_TYPE)

        attempt("put a processed object", put, self._deadline)
