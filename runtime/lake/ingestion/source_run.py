"""One run of one source: lease, fetch, raw, state."""

from __future__ import annotations

import dataclasses
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.lake.order import Order
from baler.lake.raw_key import RawKey, RawMetadata
from baler.store_errors import Unavailable
from runtime.lake.ingestion.fetch import FetchError, NotModified
from runtime.lake.ingestion.outcome import RunOutcome, SourceReport
from runtime.lake.ingestion.ports import ConflictError, SecretMissingError
from runtime.lake.ingestion.source_state import GENERATIONS, Remembered, declaration_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from baler.lake.sources import Source
    from runtime.lake.ingestion.fetch import Fetched, Fetcher
    from runtime.lake.ingestion.ports import RawStore, Secrets, States
    from runtime.lake.ingestion.source_state import SourceState


@dataclass(frozen=True, slots=True)
class RunTimes:
    """When a run must be over, seconds since the epoch.

    Attributes:
        fetch_by: no more is asked of a source after it.
        lease_until: another run may begin after it; not before this one is over, however it ends.
    """

    fetch_by: float
    lease_until: float


@dataclass(frozen=True, slots=True)
class SourceRun:
    """Runs sources; threads may share it.

    Attributes:
        fetcher: asks them.
        secrets, raw, states: see the ports.
        clock: the time, seconds since the epoch.
    """

    fetcher: Fetcher
    secrets: Secrets
    raw: RawStore
    states: States
    clock: Callable[[], float] = time.time

    def run(self, source: Source, event: datetime, times: RunTimes) -> SourceReport:
        """Fetch a source for an event, put what is new, and then remember it.

        Whatever dies in between leaves the lease behind, and the next run publishes all of its fetch.
        """
        try:
            state = self.states.get(source.name)
            skipped = _skipped(state, event, self.clock())
            if skipped is not None:
                return SourceReport(source.name, skipped)
            state = state.taken(event, uuid.uuid4().hex, times.lease_until)
            self.states.replace(state)
        except ConflictError:
            return SourceReport(source.name, RunOutcome.BUSY)
        except Unavailable:
            return _failed(source, "state-unavailable", ours=True)
        return self._run_leased(source, event, times, state)

    def _run_leased(self, source: Source, event: datetime, times: RunTimes, state: SourceState) -> SourceReport:
        declaration = declaration_of(source)
        remembered = state.remembered
        if remembered is not None and remembered.declaration != declaration:
            remembered = None
        try:
            fetched = self._fetch(source, times, remembered)
            if remembered is not None and isinstance(fetched, NotModified):
                return self._write(state.ended_well(remembered), _unchanged(source))
            assert not isinstance(fetched, NotModified)  # noqa: S101 - asked for with what is remembered alone
            is_unchanged = remembered is not None and fetched.content_sha256 == remembered.content
            report = _unchanged(source) if is_unchanged else self._publish(source, event, state, fetched)
        except _RunError as error:
            after = state.failed(error.report.reason, published=error.published)
            return self._write(after, dataclasses.replace(error.report, failures=after.failures))
        fresh = Remembered(fetched.content_sha256, declaration, fetched.etag, fetched.last_modified)
        return self._write(state.ended_well(fresh), report)

    def _fetch(self, source: Source, times: RunTimes, remembered: Remembered | None) -> Fetched | NotModified:
        try:
            headers = self.secrets.headers_of(source) if source.headers else ()
            return self.fetcher.fetch(source, headers, times.fetch_by, remembered)
        except FetchError as error:
            raise _RunError(_failed(source, error.reason)) from error
        except SecretMissingError as error:
            raise _RunError(_failed(source, "secret-missing")) from error
        except Unavailable as error:
            raise _RunError(_failed(source, "secret-unavailable", ours=True)) from error

    def _publish(self, source: Source, event: datetime, state: SourceState, fetched: Fetched) -> SourceReport:
        """Put each page, with a generation of its own: an item that two pages have is that of the later one."""
        keys: list[str] = []
        for place, page in enumerate(fetched.pages):
            key = RawKey.of(source.name, event, page.content)
            order = Order(event, state.generation - GENERATIONS + 1 + place)
            metadata = RawMetadata(source.name, source.type, order, key.content_sha256, page.count)
            try:
                self.raw.put(key, metadata, page.content)
            except Unavailable as error:
                raise _RunError(_failed(source, "raw-unavailable", ours=True), published=True) from error
            keys.append(key.text)
        report = SourceReport(
            source.name,
            RunOutcome.PUBLISHED if fetched.pages else RunOutcome.EMPTY,
            records=sum(page.count for page in fetched.pages),
            objects=len(fetched.pages),
            keys=tuple(keys),
        )
        if fetched.incomplete:
            incomplete = dataclasses.replace(report, outcome=RunOutcome.INCOMPLETE, reason=fetched.incomplete)
            raise _RunError(incomplete, published=True)
        return report

    def _write(self, after: SourceState, report: SourceReport) -> SourceReport:
        """Release the lease; where that fails, the next run takes what was published for uncertain, which it may be."""
        try:
            self.states.replace(after)
        except ConflictError:
            return dataclasses.replace(report, outcome=RunOutcome.FENCED, failures=0)
        except Unavailable:
            return dataclasses.replace(report, outcome=RunOutcome.FAILED, reason="state-unavailable", ours=True)
        return report


class _RunError(Exception):
    """A run did not end well; `published` says that something was put, or may have been."""

    def __init__(self, report: SourceReport, *, published: bool = False) -> None:
        super().__init__(report.reason)
        self.report = report
        self.published = published


def _skipped(state: SourceState, event: datetime, now: float) -> RunOutcome | None:
    """Say why a source is not fetched for an event; None where it is."""
    if state.last_event is not None:
        if event < state.last_event:
            return RunOutcome.SUPERSEDED
        if event == state.last_event and state.event_done:
            return RunOutcome.DONE
    return RunOutcome.BUSY if state.lease and now < state.lease_until else None


def _unchanged(source: Source) -> SourceReport:
    return SourceReport(source.name, RunOutcome.UNCHANGED)


def _failed(source: Source, reason: str, *, ours: bool = False) -> SourceReport:
    return SourceReport(source.name, RunOutcome.FAILED, reason, ours=ours)
