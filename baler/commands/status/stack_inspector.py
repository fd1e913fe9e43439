"""Asks AWS how a stack is: each part by itself, all at the same time."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from botocore.config import Config

from baler.cli.aws_session import aws_session
from baler.cli.period import Period
from baler.cli.s3 import s3_client
from baler.commands.status.answer import answered
from baler.commands.status.health import AlarmState, LastBundle, Queue, Status, Unanswered
from baler.commands.status.metrics import Metrics
from baler.files.archive.bucket import ArchiveBucket
from baler.files.bundle.manifest import META_FILE_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_sqs import SQSClient

# Somebody waits for the screen: a service that does not answer soon is shown as such.
_CLIENT: Final = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
# How far back the newest bundle is looked for, step by step: a page of keys is a thousand bundles.
_STEPS: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stack:
    """The names of a stack's parts: its outputs of the same names."""

    name: str
    ingest_queue_url: str
    dead_letter_queue_url: str
    archive: str


class StackInspector:
    """Looks at one stack, as often as wanted.

    Args:
        stack: which.
        sqs: boto3's client.
        cloudwatch: boto3's client.
        archive: the stack's archive.
        clock: returns the time.
    """

    def __init__(
        self, stack: Stack, sqs: SQSClient, cloudwatch: Any, archive: ArchiveBucket, clock: Callable[[], datetime]
    ) -> None:
        self._stack = stack
        self._sqs = sqs
        self._cloudwatch = cloudwatch
        self._archive = archive
        self._clock = clock
        self._metrics = Metrics(cloudwatch, stack.name, stack.ingest_queue_url)

    @classmethod
    def open(cls, stack: Stack) -> StackInspector:
        """Make the clients; endpoint, region and credentials are boto3's own settings.

        Raises:
            BotoCoreError, ValueError, S3RefusedError: those are not usable.
        """
        archive = ArchiveBucket(s3_client(), stack.archive)
        # A service whose stubs are not installed makes client() return nothing that is known.
        session = aws_session()
        cloudwatch = cast("Any", session).client("cloudwatch", config=_CLIENT)
        return cls(stack, session.client("sqs", config=_CLIENT), cloudwatch, archive, lambda: datetime.now(UTC))

    def inspect(self) -> Status:
        """Ask for everything."""
        now = self._clock()
        queue = _asked(self._queue)
        dead_letters = _asked(self._dead_letters)
        measured = _asked(lambda: self._metrics.measured(now))
        latency = _asked(lambda: self._metrics.latency(now))
        last_bundle = _asked(lambda: self._last_bundle(now))
        alarms = _asked(self._alarms)
        return Status(
            stack=self._stack.name,
            at=now,
            queue=queue.result(),
            dead_letters=dead_letters.result(),
            measured=measured.result(),
            last_bundle=last_bundle.result(),
            latency=latency.result(),
            alarms=alarms.result(),
        )

    def _queue(self) -> Queue:
        return Queue(*self._depth(self._stack.ingest_queue_url))

    def _dead_letters(self) -> int:
        return sum(self._depth(self._stack.dead_letter_queue_url))

    def _depth(self, url: str) -> tuple[int, int]:
        """Return how many messages are visible, and how many are hidden by a reader."""
        found = self._sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
        return int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"])

    def _last_bundle(self, now: datetime) -> LastBundle | None:
        for step in _STEPS:
            newest = None
            for bundle_id in self._archive.bundle_ids(Period(start=now - step)):
                newest = bundle_id
            if newest is not None:
                found = self._archive.inspect(newest)
                created = datetime.strptime(newest.partition("Z")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
                files = found.metadata.get(META_FILE_COUNT, "")
                return LastBundle(newest, created, found.size, int(files) if files.isdecimal() else None)
        return None

    def _alarms(self) -> tuple[AlarmState, ...] | Unanswered:
        found = tuple(self._of_this_stack())
        if not found:
            # Nobody's alarms would all be off.
            return Unanswered(f"there are no alarms of a stack {self._stack.name!r} in this region: check --stack")
        return found

    def _of_this_stack(self) -> Iterator[AlarmState]:
        prefix = f"baler-{self._stack.name}-"
        # `baler-prod-...` is also how alarms of a stack `prod-eu` begin; their topic tells them apart.
        topic = re.compile(rf"arn:[^:]+:sns:.*:{re.escape(prefix)}alarms-[0-9a-z]+")
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        for page in pages:
            for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
                if any(topic.fullmatch(action) for action in alarm.get("AlarmActions", ())):
                    yield _alarm(alarm, prefix)


def _asked(ask: Callable[[], T]) -> Future[T | Unanswered]:
    """Ask on a thread of its own. It ends with the process: Ctrl-C does not wait for a service that is silent."""
    answer: Future[T | Unanswered] = Future()

    def run() -> None:
        try:
            answer.set_result(answered(ask))
        except BaseException as error:  # noqa: BLE001 - raised where the answer is read
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer


def _alarm(described: Mapping[str, Any], prefix: str) -> AlarmState:
    return AlarmState(
        name=described["AlarmName"].removeprefix(prefix),
        state=described["StateValue"],
        since=described["StateUpdatedTimestamp"].astimezone(UTC),
        description=described.get("AlarmDescription", ""),
    )
