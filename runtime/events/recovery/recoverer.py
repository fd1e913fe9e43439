"""Brings the records together with what recovers them: from an object, or from the stream."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from baler.events.recovery.failure_object import BadFailureObjectError, failure_object
from baler.events.stream.shard_key import ShardKey
from baler.store_errors import Unavailable
from runtime.events.recovery.ports import NoSuchShardError
from runtime.events.recovery.recovery import RecoveryReport
from runtime.events.recovery.request import BadRequestError, RedriveRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.recovery.failure_object import FailureObject
    from baler.events.stream_record import StreamRecord
    from runtime.events.recovery.ports import FailureStore, StreamSource
    from runtime.events.recovery.recovery import Recovery
    from runtime.events.recovery.request import ReplayRequest, RunTerms
    from runtime.events.recovery.restoration import Restoration

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Time:
    """Until when work is begun, and when the function is ended; seconds since the epoch."""

    until: float
    deadline: float


class Recoverer:
    """Answers requests.

    Args:
        stream: ARN.
        failures: the destination on failure.
        source: the stream.
        recovery: commits what is not committed.
        restoration: puts back what is gone.
        clock: seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - wired in one place
        self,
        stream: str,
        failures: FailureStore,
        source: StreamSource,
        recovery: Recovery,
        restoration: Restoration,
        clock: Callable[[], float],
    ) -> None:
        self._stream = stream
        self._failures = failures
        self._source = source
        self._recovery = recovery
        self._restoration = restoration
        self._clock = clock

    def answer(self, request: RedriveRequest | ReplayRequest, deadline: float) -> Answer:
        """Do what is asked, as far as its time allows, and say what was done.

        Returns:
            The fields of RecoveryReport, and `records`: how many are done with. Of a redrive `condition` and
            `shard_id` beside; of a replay `after` (where to go on; None at the end), `horizon` (what arrived before
            has expired; None where nothing has), and `expired`: whether records of the range have expired that
            nothing had committed. Or `refused`, a sentence: the same request is refused again.

        Args:
            request: which.
            deadline: when the function is ended, seconds since the epoch.
        """
        time = _Time(self._clock() + request.terms.seconds, deadline)
        try:
            if isinstance(request, RedriveRequest):
                return self._redrive(request, time)
            return self._replay(request, time)
        except (BadFailureObjectError, BadRequestError, NoSuchShardError) as error:
            return {"refused": str(error)}

    def _redrive(self, request: RedriveRequest, time: _Time) -> Answer:
        try:
            content = self._failures.get(request.key)
            if content is None:
                raise BadRequestError("there is no such object")
            given_up = failure_object(content)
            shard = ShardKey(self._stream, self._life(request, given_up), given_up.shard_id)
        except Unavailable as error:
            return _answer(RecoveryReport(failure=str(error)), 0)
        report = self._recover(request.terms, shard, given_up.records, time)
        done = len(given_up.records) - report.left
        return _answer(report, done, condition=given_up.condition, shard_id=given_up.shard_id)

    def _life(self, request: RedriveRequest, given_up: FailureObject) -> int:
        """Return the life of the stream that an object's records are of.

        Raises:
            BadRequestError: they are of no stream of ours, or of a life that is not known.
        """
        if given_up.stream != self._stream:
            raise BadRequestError("its records are of another stream")
        if request.terms.life is not None:
            return request.terms.life
        created_at = self._source.created_at()
        if given_up.records[0].arrived_at < created_at:
            raise BadRequestError(
                "its records are of a stream that had this one's name before: give --life, the number before the "
                "first dot in the names of raw objects of that time"
            )
        return created_at

    def _replay(self, request: ReplayRequest, time: _Time) -> Answer:
        total, done, after, horizon, expired = RecoveryReport(), 0, request.after, None, False
        kept: tuple[StreamRecord, ...] = ()
        try:
            created_at = self._source.created_at()
            shard = ShardKey(self._stream, request.terms.life or created_at, request.shard_id)
            kept_since = self._source.horizon()
            # Before it was made the stream had no records that could expire.
            horizon = kept_since if kept_since > created_at else None
            for page in self._source.pages(request.shard_id, max(request.start, kept_since), after):
                chosen = tuple(takewhile(lambda record: record.arrived_at < request.end, page.records))
                report = self._recover(request.terms, shard, chosen, time)
                total = _sum(total, report)
                if report.left > report.beyond:
                    break  # the page is read again, and what was done of it is covered then
                # The processor has not come to the oldest record that there is: what lay before it was never read.
                is_oldest = not after and horizon is not None and request.start < horizon
                expired = expired or (is_oldest and 0 < len(chosen) == report.beyond)
                if request.put_back and not request.terms.dry_run and chosen:
                    kept = self._restoration.restore(shard, (*kept, *chosen))
                done += len(chosen) - report.left
                if page.at_end or report.beyond or len(chosen) < len(page.records):
                    return _answer(total, done, after=None, horizon=horizon, expired=expired)
                after = _last_before(kept, chosen) or after
                # A batch that goes on behind the page is put back as a whole: to stop within it would come nowhere.
                if self._clock() >= (time.deadline if kept else time.until):
                    break
        except Unavailable as error:
            total = replace(total, failure=str(error))
        # What was kept is read again by the next call.
        return _answer(total, done - len(kept), after=after, horizon=horizon, expired=expired)

    def _recover(
        self, terms: RunTerms, shard: ShardKey, records: Sequence[StreamRecord], time: _Time
    ) -> RecoveryReport:
        if not records:
            return RecoveryReport()
        if terms.dry_run:
            return self._recovery.preview(terms.run, shard, records)
        return self._recovery.recover(
            terms.run, shard, records, terms.at_most, until=time.until, deadline=time.deadline
        )


def _last_before(kept: Sequence[StreamRecord], chosen: Sequence[StreamRecord]) -> str:
    """Return the last number that need not be read again; "" where there is none."""
    done = [record for record in chosen if not kept or record.sequence_number < kept[0].sequence_number]
    return done[-1].sequence_number if done else ""


def _answer(report: RecoveryReport, records: int, **more: object) -> Answer:
    return {**asdict(report), "records": records, **more}


def _sum(one: RecoveryReport, other: RecoveryReport) -> RecoveryReport:
    numbers = ("covered", "recovered", "left", "beyond", "events", "rejections")
    added = {name: getattr(one, name) + getattr(other, name) for name in numbers}
    return replace(one, **added, failure=other.failure)
