"""Gathers what happens in a run for its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.files.courier.answer import Meaning
from runtime.files.courier.outcome import INTERNAL_ERROR, Broken, DeliveredBefore, Sent, Unreadable
from runtime.files.courier.run_report import BreakerChange, Delivery, Miss, RunReport

if TYPE_CHECKING:
    from baler.files.courier.breaker import Breaker
    from baler.store_errors import Unavailable
    from runtime.files.courier.outcome import Outcome
    from runtime.files.courier.ports import WaitingBundle


class Tally:
    """What happened so far."""

    def __init__(self) -> None:
        self._delivered: list[Delivery] = []
        self._refused: list[Miss] = []
        self._failed: list[Miss] = []
        self._quarantined: list[Miss] = []
        self._unreadable: list[Miss] = []
        self._removed: list[str] = []
        self._changes: list[BreakerChange] = []
        self._errors: list[Exception] = []

    def add(self, outcome: Outcome) -> None:
        """Take in what became of one bundle."""
        match outcome:
            case Sent():
                self._add_sent(outcome)
            case Unreadable(bundle, error):
                self._unreadable.append(Miss(bundle.bundle_id, str(error)))
            case Broken(bundle, error):
                self._errors.append(error)
                self._unreadable.append(Miss(bundle.bundle_id, INTERNAL_ERROR))
            case DeliveredBefore(bundle, None):
                self._removed.append(bundle.bundle_id)
            case _:
                pass  # what was set aside says so itself, and what is gone or not noted is another look's

    def changed(self, before: Breaker, after: Breaker, at: float) -> None:
        """Take in a state of the breaker; only another phase or cause is a change that people care about."""
        if (before.closed, before.cause) != (after.closed, after.cause):
            self._changes.append(BreakerChange(before, after, at))

    def set_aside(self, bundle: WaitingBundle, reason: str) -> None:
        """Take in a bundle that was set aside."""
        self._quarantined.append(Miss(bundle.bundle_id, reason))

    def broke(self, error: Exception) -> None:
        """Take in an error that nobody expects."""
        self._errors.append(error)

    def report(self, breaker: Breaker | None, *, fenced: bool = False, failure: Unavailable | None = None) -> RunReport:
        """Return all of it."""
        return RunReport(
            held=True,
            breaker=breaker,
            delivered=tuple(self._delivered),
            refused=tuple(self._refused),
            failed=tuple(self._failed),
            quarantined=tuple(self._quarantined),
            unreadable=tuple(self._unreadable),
            removed=tuple(self._removed),
            changes=tuple(self._changes),
            fenced=fenced,
            failure=failure,
            errors=tuple(self._errors),
        )

    def _add_sent(self, sent: Sent) -> None:
        if sent.error is not None:
            self._errors.append(sent.error)
        miss = Miss(sent.bundle.bundle_id, sent.answer.reason)
        match sent.answer.meaning:
            case Meaning.ACCEPTED:
                self._delivered.append(_delivery(sent))
            case Meaning.REFUSED:
                self._refused.append(miss)
            case _:
                self._failed.append(miss)


def _delivery(sent: Sent) -> Delivery:
    parcel = sent.parcel
    # How long ago its files landed says nothing of a replay.
    landed_at = None if parcel.delivery.replay_id else parcel.oldest_event_at
    return Delivery(
        delivery=parcel.delivery,
        size=parcel.size,
        file_count=parcel.file_count,
        attempts=sent.record.attempts,
        status=sent.record.status,
        # The clocks may disagree by a little.
        latency_seconds=None if landed_at is None else round(max(sent.ended_at - landed_at, 0.0), 3),
    )
