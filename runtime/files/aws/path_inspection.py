"""Reads how a file's path into the ingest queue and out of it is set up; each part by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from baler.aws.faults import code_of
from baler.files.path_fault import Fault
from runtime.files.mailbox_monitor.path import Inspection, Part, mapping_faults, notification_faults, queue_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from runtime.files.mailbox_monitor.path import IngestPath, Lane

    # What is wrong with a part, and how many messages are in it where it is a queue.
    _Read = tuple[list[Fault], int | None]

CONFIG: Final = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
"""A service that does not answer costs about 13 seconds, which leaves time to count the mailbox."""

_COUNTED: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_NO_QUEUE: Final = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
# A mapping that was deleted has no ARN any more that an allowance could name: Lambda may answer either.
_NO_MAPPING: Final = frozenset({"ResourceNotFoundException", "AccessDeniedException"})

logger = Logger()
_Value = TypeVar("_Value")


class Inspector:
    """Inspects the path.

    Args:
        path: the names of its parts.
        s3: boto3's client; the two others as well.
    """

    def __init__(self, path: IngestPath, s3: S3Client, sqs: SQSClient, functions: LambdaClient) -> None:
        self._path = path
        self._s3 = s3
        self._sqs = sqs
        self._functions = functions

    def inspect(self) -> Inspection:
        """Read all parts at the same time. What AWS refuses or does not answer is logged, and hides nothing else."""
        lanes = self._path.lanes
        parts: list[tuple[Part, Callable[[], _Read]]] = [
            (Part.NOTIFICATION, self._notification),
            *((Part.QUEUE, partial(self._queue, lane)) for lane in lanes),
            *((Part.MAPPING, partial(self._mapping, lane)) for lane in lanes),
        ]
        with ThreadPoolExecutor(len(parts)) as readers:
            reads = [(part, readers.submit(_read, part, read_part)) for part, read_part in parts]
            found = [(part, reading.result()) for part, reading in reads]
        counts = [None if reading is None else reading[1] for part, reading in found if part is Part.QUEUE]
        return Inspection(
            faults=_each_once(fault for _, reading in found if reading for fault in reading[0]),
            unread=_each_once(part for part, reading in found if reading is None),
            messages=sum(count for count in counts if count is not None) if None not in counts else None,
        )

    def _notification(self) -> _Read:
        configuration = self._s3.get_bucket_notification_configuration(Bucket=self._path.bucket)
        return [
            fault
            for lane in self._path.lanes
            for fault in notification_faults(configuration, lane.queue_arn, lane.prefix)
        ], None

    def _queue(self, lane: Lane) -> _Read:
        try:
            answer = self._sqs.get_queue_attributes(
                QueueUrl=lane.queue_url, AttributeNames=["Policy", "RedrivePolicy", *_COUNTED]
            )
        except ClientError as error:
            if code_of(error) in _NO_QUEUE:
                return [Fault.QUEUE_MISSING], None
            raise
        attributes = {str(name): value for name, value in answer.get("Attributes", {}).items()}
        faults = queue_faults(attributes, lane.queue_arn, f"arn:aws:s3:::{self._path.bucket}")
        return faults, sum(int(attributes.get(name, 0)) for name in _COUNTED)

    def _mapping(self, lane: Lane) -> _Read:
        try:
            mapping = self._functions.get_event_source_mapping(UUID=lane.mapping)
        except ClientError as error:
            if code_of(error) not in _NO_MAPPING:
                raise
            logger.warning("there is no event source mapping, or it may not be read", answer=code_of(error))
            mapping = None
        return mapping_faults(mapping, lane.queue_arn, self._path.alias_arn), None


def _each_once(values: Iterable[_Value]) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(values))


def _read(part: Part, read: Callable[[], _Read]) -> _Read | None:
    try:
        return read()
    except (ClientError, BotoCoreError) as error:
        reason = code_of(error) if isinstance(error, ClientError) else type(error).__name__
        logger.warning("could not read a part of the path", part=part, reason=reason)
        return None
