"""Asks AWS how a stack is: each part by itself, all at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from baler.cli.aws_session import aws_session
from baler.cli.period import Period
from baler.cli.s3 import s3_client
from baler.commands.status.alarms import alarms_of
from baler.commands.status.answer import CLIENT, asked
from baler.commands.status.health import LastBundle, Queue, Status
from baler.commands.status.metrics import Metrics
from baler.commands.status.queue_depths import QueueDepths
from baler.files.archive.bucket import ArchiveBucket
from baler.files.bundle.manifest import META_FILE_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

# How far back the newest bundle is looked for, step by step: a page of keys is a thousand bundles.
_STEPS: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Stack:
    """The names of the file pipeline's parts: the stack's outputs of the same names.

    Attributes:
        ingest_queue_urls: of all lanes, with spaces between.
        others: what names of alarms begin with that are shown elsewhere; none where this is all that is shown.
    """

    name: str
    ingest_queue_urls: str
    dead_letter_queue_url: str
    archive: str
    others: tuple[str, ...] = ()


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
        self._depths = QueueDepths(sqs)
        self._cloudwatch = cloudwatch
        self._archive = archive
        self._clock = clock
        self._metrics = Metrics(cloudwatch, stack.name, stack.ingest_queue_urls.split())

    @classmethod
    def open(cls, stack: Stack) -> StackInspector:
        """Make the clients; endpoint, region and credentials are boto3's own settings.

        Raises:
            BotoCoreError, ValueError, S3RefusedError: those are not usable.
        """
        archive = ArchiveBucket(s3_client(), stack.archive)
        # A service whose stubs are not installed makes client() return nothing that is known.
        session = aws_session()
        cloudwatch = cast("Any", session).client("cloudwatch", config=CLIENT)
        return cls(stack, session.client("sqs", config=CLIENT), cloudwatch, archive, lambda: datetime.now(UTC))

    def inspect(self) -> Status:
        """Ask for everything."""
        now = self._clock()
        queue = asked(self._queue)
        dead_letters = asked(self._dead_letters)
        measured = asked(lambda: self._metrics.measured(now))
        latency = asked(lambda: self._metrics.latency(now))
        last_bundle = asked(lambda: self._last_bundle(now))
        alarms = asked(lambda: alarms_of(self._cloudwatch, self._stack.name, but=self._stack.others))
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
        lanes = [self._depths.of(url) for url in self._stack.ingest_queue_urls.split()]
        return Queue(sum(lane.waiting for lane in lanes), sum(lane.in_flight for lane in lanes))

    def _dead_letters(self) -> int:
        return self._depths.of(self._stack.dead_letter_queue_url).messages

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
