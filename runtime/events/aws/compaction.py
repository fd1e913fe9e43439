"""What the compactor reads and sends beside the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from baler.aws.queue import OutgoingMessage, SqsQueue
from baler.store_errors import Unavailable
from runtime.events.aws.raw_store import S3RawSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

    from baler.aws.http.s3 import HttpS3
    from baler.aws.http.sqs import HttpSqs
    from runtime.events.compactor.message_batch import ObjectReport


class S3ProcessedStore:
    """The ProcessedStore port (see runtime/events/compactor/ports.py).

    Args:
        client: of the processed bucket.
        bucket: its name.
        pool: reads objects at the same time.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpS3, bucket: str, pool: Executor, deadline: float = math.inf) -> None:
        self._source = S3RawSource(client, bucket, deadline, what="a processed object")
        self._pool = pool

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """Read objects, and leave out those for which S3 does not answer."""
        reads = {key: self._pool.submit(self._source.get, key) for key in keys}
        found: dict[str, bytes | None] = {}
        for key, read in reads.items():
            try:
                found[key] = read.result()
            except Unavailable:
                continue
        return found


class SqsCompactionQueues:
    """The DeadLetters port, and the queue itself (see runtime/events/compactor/message_batch.py).

    Args:
        client: `baler.aws.http`'s.
        queue: URL of the queue that the batches come from.
        dead_letters: URL of its dead letters.
        deadline: when calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpSqs, *, queue: str, dead_letters: str, deadline: float = math.inf) -> None:
        self._queue = SqsQueue(client, queue, deadline)
        self._dead_letters = SqsQueue(client, dead_letters, deadline)

    def move(self, objects: Sequence[ObjectReport]) -> dict[int, str]:
        """Send messages, with the attributes that `baler dead-letters` reads."""
        return self._dead_letters.send("send to the dead letters", [_letter(each) for each in objects])

    def set_visibility(self, after: Mapping[str, int]) -> None:
        """Set when messages that stay are seen again, in seconds from now, by their receipt handles.

        Raises:
            Unavailable: the queue's own timeout holds for some.
        """
        self._queue.set_visibility(after)


class S3Listing:
    """Lists the files below an address, s3://bucket/prefix."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def __call__(self, location: str, /) -> Iterator[tuple[str, datetime]]:
        """Yield addresses and when they were written."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", ()):
                yield f"s3://{bucket}/{each.get('Key', '')}", each["LastModified"]  # type: ignore[reportTypedDictNotRequiredAccess] - S3 always says it


def _letter(each: ObjectReport) -> OutgoingMessage:
    message, refusal = each.message, each.report.refusal
    return OutgoingMessage(
        each.text,
        {
            "reason": "" if refusal is None else refusal.value,
            "message-id": message.message_id,
            "sent-timestamp": round(message.sent_at * 1000),
            "receive-count": message.receives,
        },
    )
