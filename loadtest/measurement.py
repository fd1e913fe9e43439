"""One run, as the process sees it that measures: the only one, or the master of several."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from loadtest.bundles import BundleWatch
from loadtest.delivery_watcher import DeliveryWatcher
from loadtest.drain import DRAIN_SECONDS, Drain, Ending
from loadtest.files import Upload
from loadtest.ledger import DeliveryLedger
from loadtest.queues import messages_in
from loadtest.receipts import ReceiptWatch
from loadtest.slo_result import Circumstances, SloResult, judge
from loadtest.stack_under_test import StackUnderTestError
from loadtest.uploads import Share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from loadtest.shapes import Shape
    from loadtest.stack_under_test import StackUnderTest

Watched = Literal["mailbox", "archive", "receipts"]
Watch: TypeAlias = BundleWatch | ReceiptWatch

# An attempt may have begun, and so named its bundle, by a clock that is a little behind this one.
_CLOCK_MARGIN_SECONDS: Final = 60.0
_CLIENT: Final = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True)
class Finished:
    """A finished run.

    Attributes:
        slo: what it has shown.
        circumstances: what else is known of it.
        seconds: from the start of the schedule to the end of the wait.
        dead_letters: messages that moved to the dead-letter queue meanwhile.
    """

    slo: SloResult
    circumstances: Circumstances
    seconds: float
    dead_letters: int


class Measurement:
    """A run from its start.

    Args:
        target: the stack.
        shape: the load.
        processes: how many processes share it.
        watched: where files are looked for: a bucket, or the receipts of the courier.
        on_delivery: called with the latency, in seconds, of each file that is delivered.

    Attributes:
        run: the run's id, which is in the key of every file.
        ledger: what was uploaded and what was delivered.
        watch: what was found there.
        started: seconds since the epoch.
        queued_before: messages that were in the ingest queue before the first upload.
        finished: set by finish().

    Raises:
        StackUnderTestError: the stack cannot be reached, or does not let itself be watched.
    """

    def __init__(
        self,
        target: StackUnderTest,
        shape: Shape,
        processes: int,
        watched: Watched,
        on_delivery: Callable[[float], None],
    ) -> None:
        self.target = target
        self.shape = shape
        self.processes = processes
        self.watched: Watched = watched
        self._on_delivery = on_delivery
        self._s3: S3Client = boto3.client("s3", region_name=target.region, config=_CLIENT)
        self._sqs: SQSClient = boto3.client("sqs", region_name=target.region, config=_CLIENT)
        self.started = time.time()
        self.run = f"{datetime.fromtimestamp(self.started, UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.ledger = DeliveryLedger(self.run, shape.files)
        self.watch = self._chosen_watch()
        self._uploading = set(range(processes))
        self._cpu_seconds: dict[int, float] = {}
        self._clock_errors: dict[int, float] = {}
        self._stalled_seconds: dict[int, float] = {}
        self.watcher = DeliveryWatcher(
            self.watch,
            self.ledger,
            Drain(self.started + shape.seconds + DRAIN_SECONDS),
            lambda: bool(self._uploading),
            self._queued,
            on_delivery,
        )
        try:
            self._try_to_look()
            self.queued_before = self._queued()
            self._dead_before = messages_in(self._sqs, target.dead_letter_queue_url)
        except (BotoCoreError, ClientError) as error:
            raise StackUnderTestError(f"The stack cannot be watched: {error}") from error
        self.finished: Finished | None = None

    def _queued(self) -> int:
        return sum(messages_in(self._sqs, url) for url in self.target.lanes)

    @property
    def shares(self) -> list[Share]:
        """What each process uploads."""
        phases = [[phase.seconds, phase.rate] for phase in self.shape.phases]
        return [
            Share(self.run, index, self.processes, phases, self.target.region, self.target.landing_bucket)
            for index in range(self.processes)
        ]

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the uploading processes; the only process also watches."""
        return sum(self._cpu_seconds.values())

    @property
    def stalled_seconds(self) -> float:
        """The longest time for which an uploading process did nothing, since it had no processor."""
        return max(self._stalled_seconds.values(), default=0.0)

    @property
    def upload_errors(self) -> Counter[str]:
        """Why uploads failed, and how many for each reason."""
        return Counter(upload.error for upload in self.ledger.uploads.values() if upload.error)

    def receive(self, report: Mapping[str, Any]) -> None:
        """Take in what ExternalParty reports, from this process or another."""
        index = report["index"]
        for latency in self.ledger.note_uploads(Upload(*fields) for fields in report["uploads"]):
            self._on_delivery(latency)
        self._cpu_seconds[index] = report["cpu_seconds"]
        self._stalled_seconds[index] = report["stalled_seconds"]
        # A message takes a moment, a wrong clock is wrong for every message: the smallest difference is the clock's.
        difference = abs(time.time() - report["now"])
        self._clock_errors[index] = min(difference, self._clock_errors.get(index, difference))
        if report["done"]:
            self._uploading.discard(index)

    def progress(self) -> str:
        """Tell in a line how far it is."""
        uploads, missing = len(self.ledger.uploads), len(self.ledger.missing)
        return (
            f"{time.time() - self.started:.0f} s: {uploads} of {self.shape.files} files uploaded, "
            f"{missing} on their way"
        )

    def finish(self, ending: Ending) -> Finished:
        """Judge the run."""
        ended = time.time()
        circumstances = Circumstances(
            ending=ending,
            unseen=self._unseen() if self.watched == "mailbox" else frozenset(),
            vanished=self.watch.vanished,
            broken=tuple(self.watch.broken),
            clock_error=max(self._clock_errors.values(), default=0.0),
        )
        dead_letters = messages_in(self._sqs, self.target.dead_letter_queue_url) - self._dead_before
        slo = judge(self.shape, self.ledger, circumstances)
        self.finished = Finished(slo, circumstances, ended - self.started, dead_letters)
        return self.finished

    def _unseen(self) -> frozenset[int]:
        """Return those of the missing files that are in the archive."""
        if not self.ledger.missing:
            return frozenset()
        archived = DeliveryLedger(self.run)
        archived.note_uploads(self.ledger.uploads[number] for number in self.ledger.missing)
        for bundle in self._watch(self.target.archive_bucket).look(time.time(), everything=True):
            archived.note_bundle(bundle.manifest, bundle.at)
        return frozenset(self.ledger.missing - archived.missing)

    def _chosen_watch(self) -> Watch:
        match self.watched:
            case "mailbox":
                return self._watch(self.target.distribution_bucket)
            case "archive":
                return self._watch(self.target.archive_bucket)
            case "receipts":
                if not self.target.courier_table:
                    raise StackUnderTestError(
                        "The stack has no courier, and so no receipts: watch the mailbox (--watch mailbox)."
                    )
                dynamodb: DynamoDBClient = boto3.client("dynamodb", region_name=self.target.region, config=_CLIENT)
                return ReceiptWatch(
                    self._s3, dynamodb, self.target.archive_bucket, self.target.courier_table, self._since
                )

    def _try_to_look(self) -> None:
        """Look once, at nothing yet, so that a stack that cannot be watched is refused before anything is uploaded."""
        list(self.watch.look(self.started, everything=True))

    @property
    def _since(self) -> float:
        return self.started - _CLOCK_MARGIN_SECONDS

    def _watch(self, bucket: str) -> BundleWatch:
        return BundleWatch(self._s3, bucket, self._since)
