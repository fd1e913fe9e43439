"""Reads how a file's path into the ingest queue and out of it is set up; each part by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from baler.aws.faults import code_of
from baler.files.path_fault import Fault
from runtime.files.mailbox_monitor.path import mapping_faults, notification_faults, queue_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

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


class Part(StrEnum):
    """What is read: the dimension of the metric of what could not be, and the word in the logs."""

    NOTIFICATION = "notification"
    QUEUE = "queue"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class IngestPath:
    """The parts of the path, by name.

    Attributes:
        bucket: the landing bucket.
        queue_url, queue_arn: the ingest queue.
        mapping: UUID of the event source mapping.
        alias_arn: what it should invoke.
    """

    bucket: str
    queue_url: str
    queue_arn: str
    mapping: str
    alias_arn: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found.

    Attributes:
        faults: of all parts that could be read.
        unread: the parts that could not.
        messages: in the queue, visible or not; None where it could not be read.
    """

    faults: tuple[Fault, ...]
    unread: tuple[Part, ...]
    messages: int | None


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
        parts: dict[Part, Callable[[], tuple[list[Fault], int | None]]] = {
            Part.NOTIFICATION: self._notification,
            Part.QUEUE: self._queue,
            Part.MAPPING: self._mapping,
        }
        with ThreadPoolExecutor(len(parts)) as readers:
            read = {part: readers.submit(_read, part, read_part) for part, read_part in parts.items()}
            found = {part: reading.result() for part, reading in read.items()}
        return Inspection(
            faults=tuple(fault for reading in found.values() if reading for fault in reading[0]),
            unread=tuple(part for part, reading in found.items() if reading is None),
            messages=reading[1] if (reading := found[Part.QUEUE]) else None,
        )

    def _notification(self) -> tuple[list[Fault], None]:
        configuration = self._s3.get_bucket_notification_configuration(Bucket=self._path.bucket)
        return notification_faults(configuration, self._path.queue_arn), None

    def _queue(self) -> tuple[list[Fault], int | None]:
        try:
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._path.queue_url, AttributeNames=["Policy", "RedrivePolicy", *_COUNTED]
            )
        except ClientError as error:
            if code_of(error) in _NO_QUEUE:
                return [Fault.QUEUE_MISSING], None
            raise
        attributes = {str(name): value for name, value in answer.get("Attributes", {}).items()}
        faults = queue_faults(attributes, self._path.queue_arn, f"arn:aws:s3:::{self._path.bucket}")
        return faults, sum(int(attributes.get(name, 0)) for name in _COUNTED)

    def _mapping(self) -> tuple[list[Fault], None]:
        try:
            mapping = self._functions.get_event_source_mapping(UUID=self._path.mapping)
        except ClientError as error:
            if code_of(error) not in _NO_MAPPING:
                raise
            logger.warning("there is no event source mapping, or it may not be read", answer=code_of(error))
            mapping = None
        return mapping_faults(mapping, self._path.queue_arn, self._path.alias_arn), None


def _read(part: Part, read: Callable[[], tuple[list[Fault], int | None]]) -> tuple[list[Fault], int | None] | None:
    try:
        return read()
    except (ClientError, BotoCoreError) as error:
        reason = code_of(error) if isinstance(error, ClientError) else type(error).__name__
        logger.warning("could not read a part of the path", part=part, reason=reason)
        return None
