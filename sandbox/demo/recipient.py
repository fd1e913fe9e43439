"""Whoever has the files in the end: a consumer that pulls, or a receiver to which the courier delivers."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from baler.files.bundle.ids import PREFIX
from sandbox.courier import breaker_of, receipts_of
from sandbox.demo.breaker_watch import watched_breaker
from sandbox.demo.consumer import running_consumer
from sandbox.demo.outage import OUTAGE_SECONDS, begins_after, outage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from sandbox.deployed import DeployedFiles
    from sandbox.engine.endpoint import Endpoint
    from sandbox.receivers.premises import Premises

_COLLECT_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Arrivals:
    """What is known at the end of the bundles that arrived.

    Attributes:
        times: when each bundle was where its latency is measured to, at the latest, seconds since the epoch, by key.
        measured_to: what that is: "mailbox" or "receipt".
        quarantined: why bundles were not taken, by key.
        repeated: bundles that the recipient has twice.
        unacknowledged: whether a bundle without a time is a fault: the courier has a receipt of each.
        report: what else belongs into the summary.
    """

    times: Mapping[str, float]
    measured_to: str
    quarantined: Mapping[str, str]
    repeated: tuple[str, ...] = ()
    unacknowledged: bool = False
    report: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Recipient:
    """Whoever has the files in the end, while the demo runs.

    Attributes:
        folder: of the files that arrived.
        check: raises SandboxError if nothing will arrive any more.
        reported: returns about how many files arrived, at once.
        received: returns how many are in the folder.
        busy: returns whether something is still to happen, whatever arrived.
        arrivals: called when everything is over.
    """

    folder: Path
    check: Callable[[], None]
    reported: Callable[[], int]
    received: Callable[[], int]
    busy: Callable[[], bool]
    arrivals: Callable[[], Arrivals]


@contextmanager
def consumer(deployed: DeployedFiles, folder: Path, log: Path, say: Callable[[str], None]) -> Generator[Recipient]:
    """Let a consumer pull, as a process that is started again whenever it dies."""
    with running_consumer(deployed, folder, log) as running:

        def arrivals() -> Arrivals:
            # S3 keeps whole seconds of when an object was put.
            times = {key: datetime.fromisoformat(at).timestamp() + 1 for key, at in running.mailbox_times.items()}
            return Arrivals(times, "mailbox", running.quarantined)

        yield Recipient(
            folder=folder,
            check=running.check,
            reported=lambda: running.received,
            received=lambda: _files_below(folder),
            busy=lambda: False,
            arrivals=arrivals,
        )
        if running.deaths:
            say(f"The consumer died and was started again {running.deaths} times.")


@contextmanager
def receiver(
    premises: Premises, aws: Endpoint, deployed: DeployedFiles, uploads_seconds: float, say: Callable[[str], None]
) -> Generator[Recipient]:
    """Let the courier deliver to a receiver, which is away for a while in the middle of the uploads.

    Args:
        premises: the receiver; it runs.
        aws: clients of an operator.
        deployed: the stack, which has a courier.
        uploads_seconds: how long the uploads will take.
        say: shows a line.
    """
    assert deployed.courier is not None  # noqa: S101 - as asked for
    courier, mailbox = deployed.courier, deployed.distribution_bucket

    def waits() -> bool:
        """Tell whether there is a bundle that the courier cannot deliver."""
        return aws.s3.list_objects_v2(Bucket=mailbox, Prefix=PREFIX, MaxKeys=1)["KeyCount"] > 0

    with (
        _collecting(premises) as collected,
        watched_breaker(lambda: breaker_of(aws, courier), lambda change: say(str(change))) as watch,
        outage(premises, begins_after(uploads_seconds), say, lambda: watch.is_open or not waits()) as away,
    ):

        def arrivals() -> Arrivals:
            collected()
            records = receipts_of(aws, courier)
            return Arrivals(
                times={key: record.delivered_at for key, record in records.items() if record.delivered_at},
                measured_to="receipt",
                quarantined=premises.damaged,
                repeated=tuple(premises.repeated),
                unacknowledged=True,
                report={"outage_seconds": OUTAGE_SECONDS, "breaker": [asdict(change) for change in watch.changes]},
            )

        yield Recipient(
            folder=premises.received,
            check=away.check,
            reported=collected.so_far,
            received=collected.so_far,
            busy=lambda: not away.is_over,
            arrivals=arrivals,
        )


class _Collected:
    """How many files a receiver has, brought into its folder again and again."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._lock = threading.Lock()
        self._files = 0

    def __call__(self) -> None:
        """Collect once more, and count."""
        with self._lock:
            self._premises.collect()
            self._files = _files_below(self._premises.received)

    def so_far(self) -> int:
        """How many there were when they were counted last, a moment ago."""
        return self._files


@contextmanager
def _collecting(premises: Premises) -> Generator[_Collected]:
    """Collect what arrives until the block ends, on a thread of its own."""
    collected, ended = _Collected(premises), threading.Event()

    def collect() -> None:
        while not ended.wait(_COLLECT_SECONDS):
            collected()

    collector = threading.Thread(target=collect, daemon=True)
    collector.start()
    try:
        yield collected
    finally:
        ended.set()
        collector.join()


def _files_below(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))
