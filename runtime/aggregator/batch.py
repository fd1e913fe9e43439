"""A batch of messages: which files they announce, into which bundles those go, and what becomes of each message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from runtime.aggregator.attempt import Attempt, Result, Stores
from runtime.aggregator.latency import Latency, Stopwatch
from runtime.aggregator.notification import Poison, landed_files
from runtime.aggregator.verdict import DUPLICATE, Outcome, Reason, Verdict, rejected
from runtime.bundle.ids import ENTROPY_BYTES, new_bundle_id
from runtime.claims.model import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from runtime.claims.protocol import ClaimProtocol
    from runtime.files import LandedFile

# A request that was sent before its sender was killed takes effect within this many seconds, or not at all.
LEASE_MARGIN_SECONDS: Final = 30.0
# Files that one attempt claims at the most. The time that is left is looked at between attempts only, so this is what
# keeps an invocation from claiming until it is killed when messages announce far more files than it can bundle.
BUNDLE_FILES: Final = 1000


@dataclass(frozen=True, slots=True)
class Limits:
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
    """

    message_id: str
    body: str
    sent_at: float


@dataclass(slots=True)
class Report:
    """What became of a batch.

    Attributes:
        messages: the verdict on each message, by message id.
        results: of each attempt at a bundle.
        files: the verdict on each file that was announced.
        latencies: of each file whose bundle was put into the mailbox here.
        left: when SQS took each message that stays in the queue, seconds since the epoch.
    """

    messages: dict[str, Verdict] = field(default_factory=dict[str, Verdict])
    results: list[Result] = field(default_factory=list[Result])
    files: dict[LandedFile, Verdict] = field(default_factory=dict["LandedFile", Verdict])
    latencies: list[Latency] = field(default_factory=list[Latency])
    left: list[float] = field(default_factory=list[float])


class Aggregator:
    """Turns messages into bundles.

    Args:
        protocol: claims.
        stores: the buckets.
        limits: what the stack allows.
        clock: the time, seconds since the epoch.
        entropy: returns that many random bytes.
    """

    def __init__(
        self,
        protocol: ClaimProtocol,
        stores: Stores,
        limits: Limits,
        clock: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._protocol = protocol
        self._stores = stores
        self._limits = limits
        self._clock = clock
        self._entropy = entropy

    def handle(self, messages: Sequence[Message], deadline: float) -> Report:
        """Process a batch.

        Args:
            messages: the batch; the same file may be in it more than once.
            deadline: seconds since the epoch at which the process is killed.
        """
        report = Report()
        stopwatch = Stopwatch(self._clock())
        announced: dict[str, list[LandedFile]] = {}
        for message in messages:
            try:
                announced[message.message_id] = landed_files(message.body, self._limits.landing_bucket)
            except Poison as poison:
                report.messages[message.message_id] = rejected(poison.reason)
                continue
            for file in announced[message.message_id]:
                stopwatch.announced(file, message.sent_at)
        files_by_identity = {file.identity: file for files in announced.values() for file in files}
        verdicts = self._bundle(files_by_identity, report, stopwatch, deadline)
        for message_id, files in announced.items():
            report.messages[message_id] = _overall(verdicts[file.identity] for file in files)
            report.files.update((file, verdicts[file.identity]) for file in files)
        report.left = [message.sent_at for message in messages if not report.messages[message.message_id].done]
        return report

    def _bundle(
        self, files: dict[str, LandedFile], report: Report, stopwatch: Stopwatch, deadline: float
    ) -> dict[str, Verdict]:
        verdicts: dict[str, Verdict] = {}
        fitting: list[LandedFile] = []
        for file in files.values():
            if file.size > self._limits.max_file_bytes:
                verdicts[file.identity] = rejected(Reason.TOO_LARGE)
            else:
                fitting.append(file)
        for group in self._groups(fitting):
            attempt = Attempt(self._protocol, self._stores, self._clock, deadline, self._limits.in_memory_bytes)
            result = attempt.run(group, self._claims(group, deadline))
            report.results.append(result)
            verdicts.update(result.verdicts)
            report.latencies += [
                stopwatch.delivered(files[identity], moment) for identity, moment in result.delivered_at.items()
            ]
        return verdicts

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
        bundle_id = new_bundle_id(now, self._entropy(ENTROPY_BYTES))
        return [
            Claim(
                identity=file.identity,
                bundle_id=bundle_id,
                lease_until=deadline + LEASE_MARGIN_SECONDS,
                expires_at=int(now) + self._limits.claim_lifetime_seconds,
            )
            for file in group
        ]


def _overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a message: that of its files which needs it most to be seen again."""
    worst = DUPLICATE
    for verdict in verdicts:
        if _URGENCY[verdict.outcome] > _URGENCY[worst.outcome]:
            worst = verdict
    return worst


_URGENCY: Final = {Outcome.DUPLICATE: 0, Outcome.BUNDLED: 1, Outcome.REJECTED: 2, Outcome.RETRY: 3}
