"""One run for one event of the schedule: all sources beside each other, and apart from each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime.lake.ingestion.outcome import RunOutcome, SourceReport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from baler.lake.sources import Source
    from runtime.lake.ingestion.source_run import RunTimes, SourceRun

AHEAD_SECONDS: Final = 300.0
"""How far an event's time may lie ahead of our clock. A later one would supersede every event until its time comes."""


class StaleEventError(Exception):
    """An event is too old to fetch anything for, or lies ahead: a later event does its work, or should.

    Attributes:
        age_seconds: of the event.
    """

    def __init__(self, age_seconds: float) -> None:
        super().__init__(f"the event is {age_seconds:.0f} s old")
        self.age_seconds = age_seconds


@dataclass(frozen=True, slots=True)
class SourceCrash:
    """A run of one source ended by an error that nobody foresaw.

    Attributes:
        source: its name.
        error: to be logged.
    """

    source: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class RunReport:
    """What became of all sources.

    Attributes:
        sources: in the order of their declarations, without those that are paused.
        crashes: beside their reports, which say "unexpected".
    """

    sources: tuple[SourceReport, ...]
    crashes: tuple[SourceCrash, ...] = ()

    @property
    def worth_retry(self) -> bool:
        """Whether the same event may fare better: something of ours failed, and not a source."""
        return any(report.ours for report in self.sources)


def check_age(event: datetime, now: float, stale_seconds: float) -> None:
    """Drop events that wait for hours, as after a throttled night: sources would be asked for each of them.

    Args:
        event: time of the schedule's event.
        now: seconds since the epoch.
        stale_seconds: the age from which an event is dropped.

    Raises:
        StaleEventError: it is to be dropped.
    """
    age = now - event.timestamp()
    if age >= stale_seconds or age < -AHEAD_SECONDS:
        raise StaleEventError(age)


def ingest(sources: Sequence[Source], event: datetime, times: RunTimes, report_by: float, run: SourceRun) -> RunReport:
    """Run every source that is not paused in a thread of its own, and wait for all of them.

    A source that is not over by `report_by` (seconds since the epoch), whatever holds it, is reported as overrun and
    holds up nobody.
    """
    asked = [source for source in sources if not source.paused]
    pool = ThreadPoolExecutor(max_workers=max(1, len(asked)), thread_name_prefix="source")
    futures = [pool.submit(run.run, source, event, times) for source in asked]
    try:
        wait(futures, timeout=max(0.0, report_by - run.clock()))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    pairs = [_report(source, future) for source, future in zip(asked, futures, strict=True)]
    return RunReport(tuple(report for report, _ in pairs), tuple(crash for _, crash in pairs if crash is not None))


def _report(source: Source, future: Future[SourceReport]) -> tuple[SourceReport, SourceCrash | None]:
    if not future.done() or future.cancelled():
        return SourceReport(source.name, RunOutcome.FAILED, "overrun", ours=True), None
    error = future.exception()
    if error is not None:
        failed = SourceReport(source.name, RunOutcome.FAILED, "unexpected", ours=True)
        return failed, SourceCrash(source.name, error)
    return future.result(), None
