"""A batch of messages: which files they announce, into which bundles those go, and what becomes of each message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.files.bundle.ids import ENTROPY_BYTES, new_bundle_id
from baler.files.claims.model import Claim
from baler.files.notification import LandedFiles, Poison, landed_files
from baler.files.reason import Reason
from runtime.files.aggregator.attempt import Attempt, AttemptResult, Stores
from runtime.files.aggregator.file_outcome import DUPLICATE, FileOutcome, Outcome, rejected, retry
from runtime.files.aggregator.latency import Latency, Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from baler.files.landed_file import LandedFile

# A request that was sent before its sender was killed takes effect within this many seconds, or not at all.
LEASE_MARGIN_SECONDS: Final = 30.0
# Files that one attempt claims at the most. The time that is left is looked at between attempts only, so this is what
# keeps an invocation from claiming until it is killed when messages announce far more files than it can bundle.
BUNDLE_FILES: Final = 1000


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one stack allows.

    Attributes:
        landing_bucket: the bucket whose files are taken.
        claim_lifetime_seconds: how long a claim stands: longer than the file it is on.
        max_file_bytes: larger files are rejected.
        max_bundle_bytes: a batch of more bytes (before compression) makes several bundles.
        in_memory_bytes: a bundle is in memory up to this size, and on disk past it.
    """

    landing_bucket: str
    claim_lifetime_seconds: int
    max_file_bytes: int
    max_bundle_bytes: int
    in_memory_bytes: int


@dataclass(frozen=True, slots=True)
class Message:
    """An SQS message.

    Attributes:
        message_id: its id.
        body: what S3 wrote into it.
        sent_at: when SQS took it, seconds since the epoch (SentTimestamp). It stays the same from receive to receive
            and when SQS moves the message to the dead letters. A redrive makes a new message with a new SentTimestamp,
            SQS's own (SQS developer guide, "dead-letter queue redrive") as much as `baler dead-letters redrive`: the
            days that a file spent among the dead letters are then in the delay of its event.
        receives: how often it was received, this time included (ApproximateReceiveCount).
        received_at: when it was received first, seconds since the epoch (ApproximateFirstReceiveTimestamp); None where
            nobody says.
    """

    message_id: str
    body: str
    sent_at: float
    receives: int = 1
    received_at: float | None = None


@dataclass(slots=True)
class BatchReport:
    """What became of a batch.

    Attributes:
        messages: the outcome on each message, by message id.
        results: of each attempt at a bundle.
        files: the outcome on each file that was announced.
        latencies: of each file whose bundle was put into the mailbox here.
        announced: what each message announces, by message id; of poison, nothing.
        sent_at: when SQS took each message, by message id; seconds since the epoch.
        moved: ids of the messages that were moved to the dead-letter queue.
        soon: ids of the messages that must come again within `SOON_SECONDS`, if they do (see isolation.py).
        errors: what no port is said to raise, and did.
    """

    messages: dict[str, FileOutcome] = field(default_factory=dict[str, FileOutcome])
    results: list[AttemptResult] = field(default_factory=list[AttemptResult])
    files: dict[LandedFile, FileOutcome] = field(default_factory=dict["LandedFile", FileOutcome])
    latencies: list[Latency] = field(default_factory=list[Latency])
    announced: dict[str, LandedFiles] = field(default_factory=dict[str, LandedFiles])
    sent_at: dict[str, float] = field(default_factory=dict[str, float])
    moved: set[str] = field(default_factory=set[str])
    soon: set[str] = field(default_factory=set[str])
    errors: list[Exception] = field(default_factory=list[Exception])

    def settled(self, message_id: str) -> bool:
        """Whether a message may be deleted from the queue."""
        return self.messages[message_id].done or message_id in self.moved

    @property
    def left(self) -> dict[str, float]:
        """The messages that stay in the queue: when SQS took each, by message id; seconds since the epoch."""
        return {message_id: sent_at for message_id, sent_at in self.sent_at.items() if not self.settled(message_id)}

    def add(self, other: BatchReport) -> None:
        """Add what became of other messages of the same batch."""
        self.messages |= other.messages
        self.results += other.results
        self.files |= other.files
        self.latencies += other.latencies
        self.announced |= other.announced
        self.sent_at |= other.sent_at
        self.moved |= other.moved
        self.soon |= other.soon
        self.errors += other.errors


class Aggregator:
    """Turns messages into bundles.

    Args:
        stores: returns the stores, whose calls are over by a moment; see Attempt.
        limits: what the stack allows.
        clock: the time, seconds since the epoch.
        entropy: returns that many random bytes.
    """

    def __init__(
        self,
        stores: Callable[[float], Stores],
        limits: BatchLimits,
        clock: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._stores = stores
        self._limits = limits
        self._clock = clock
        self._entropy = entropy

    def handle(self, messages: Sequence[Message], deadline: float) -> BatchReport:
        """Process a batch.

        Args:
            messages: the batch; the same file may be in it more than once.
            deadline: seconds since the epoch at which the process is killed.
        """
        report = self._read(messages)
        stopwatch = Stopwatch(self._clock())
        for message in messages:
            for file in report.announced[message.message_id]:
                stopwatch.announced(file, message.sent_at, message.received_at)
        files_by_identity = {file.identity: file for files in report.announced.values() for file in files}
        outcomes = self._bundle(files_by_identity, report, stopwatch, deadline)
        for message_id, files in report.announced.items():
            if message_id not in report.messages:
                bad_records = (rejected(poison.reason) for poison in files.refused)
                report.messages[message_id] = _overall([*(outcomes[file.identity] for file in files), *bad_records])
            report.files.update((file, outcomes[file.identity]) for file in files)
        return report

    def settle(self, messages: Sequence[Message], outcome: FileOutcome) -> BatchReport:
        """Give messages and their files one outcome, without processing them."""
        report = self._read(messages)
        for message_id, files in report.announced.items():
            report.messages[message_id] = outcome
            report.files.update(dict.fromkeys(files, outcome))
        return report

    def _read(self, messages: Sequence[Message]) -> BatchReport:
        """Return which files the messages announce; those that cannot be read have their outcomes already."""
        report = BatchReport()
        for message in messages:
            report.sent_at[message.message_id] = message.sent_at
            report.announced[message.message_id] = LandedFiles()
            try:
                report.announced[message.message_id] = landed_files(message.body, self._limits.landing_bucket)
            except Poison as poison:
                report.messages[message.message_id] = rejected(poison.reason)
            except Exception as error:  # noqa: BLE001 - of any kind: it must not stop the messages beside this one
                report.errors.append(error)
                report.messages[message.message_id] = retry(Reason.INTERNAL_ERROR)
        return report

    def _bundle(
        self, files: dict[str, LandedFile], report: BatchReport, stopwatch: Stopwatch, deadline: float
    ) -> dict[str, FileOutcome]:
        outcomes: dict[str, FileOutcome] = {}
        fitting: list[LandedFile] = []
        for file in files.values():
            if file.size > self._limits.max_file_bytes:
                outcomes[file.identity] = rejected(Reason.TOO_LARGE)
            else:
                fitting.append(file)
        for group in self._groups(fitting):
            results = self._attempt(group, report, deadline)
            report.results += results
            for result in results:
                outcomes.update(result.outcomes)
                result.latencies = [
                    stopwatch.delivered(files[identity], moment) for identity, moment in result.delivered_at.items()
                ]
                report.latencies += result.latencies
        return outcomes

    def _attempt(self, group: Sequence[LandedFile], report: BatchReport, deadline: float) -> list[AttemptResult]:
        result = self._once(group, report, deadline)
        return [result] if result is not None else self._in_halves(group, report, deadline)

    def _in_halves(self, group: Sequence[LandedFile], report: BatchReport, deadline: float) -> list[AttemptResult]:
        """After an error that nobody expects, find the file that it comes with, so that the others are bundled.

        Where both halves fail, it comes with no file of ours: then all are left for later.
        """
        half = len(group) // 2
        halves = [group[:half], group[half:]] if half else []
        results = [self._once(part, report, deadline) for part in halves]
        if not any(results):
            return [AttemptResult(dict.fromkeys((file.identity for file in group), retry(Reason.INTERNAL_ERROR)))]
        return [
            each
            for part, result in zip(halves, results, strict=True)
            for each in ([result] if result is not None else self._in_halves(part, report, deadline))
        ]

    def _once(self, group: Sequence[LandedFile], report: BatchReport, deadline: float) -> AttemptResult | None:
        attempt = Attempt(self._stores, self._clock, deadline, self._limits.in_memory_bytes, self._new_bundle_id)
        try:
            return attempt.run(group, self._claims(group, deadline))
        except Exception as error:  # noqa: BLE001 - of any kind: it is logged, and must not stop the files beside it
            report.errors.append(error)
            return None

    def _groups(self, files: Sequence[LandedFile]) -> Iterator[list[LandedFile]]:
        """Split files, in their order, into bundles of bounded size and bounded number."""
        group: list[LandedFile] = []
        size = 0
        for file in files:
            if group and (size + file.size > self._limits.max_bundle_bytes or len(group) == BUNDLE_FILES):
                yield group
                group, size = [], 0
            group.append(file)
            size += file.size
        if group:
            yield group

    def _claims(self, group: Sequence[LandedFile], deadline: float) -> list[Claim]:
        now = self._clock()
        bundle_id = self._new_bundle_id()
        return [
            Claim(
                identity=file.identity,
                bundle_id=bundle_id,
                lease_until=deadline + LEASE_MARGIN_SECONDS,
                expires_at=int(now) + self._limits.claim_lifetime_seconds,
            )
            for file in group
        ]

    def _new_bundle_id(self) -> str:
        return new_bundle_id(self._clock(), self._entropy(ENTROPY_BYTES))


def _overall(outcomes: Iterable[FileOutcome]) -> FileOutcome:
    """The outcome on a message: that of its files which needs it most to be seen again."""
    worst = DUPLICATE
    for outcome in outcomes:
        if _URGENCY[outcome.kind] > _URGENCY[worst.kind]:
            worst = outcome
    return worst


_URGENCY: Final = {Outcome.DUPLICATE: 0, Outcome.BUNDLED: 1, Outcome.REJECTED: 2, Outcome.RETRY: 3}
