"""What a run has done and learned: it draws the consequences of each round of sends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import RETRY_AFTER_MAX_SECONDS
from baler.store_errors import Unavailable
from runtime.files.courier.outcome import (
    INTERNAL_ERROR,
    Broken,
    Damaged,
    DeliveredBefore,
    Gone,
    Sent,
    Stopped,
    Unreadable,
)
from runtime.files.courier.pace import Pace
from runtime.files.courier.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.files.courier.breaker import Breaker
    from runtime.files.courier.delivery import Stores
    from runtime.files.courier.limits import CourierLimits
    from runtime.files.courier.outcome import Outcome
    from runtime.files.courier.ports import WaitingBundle
    from runtime.files.courier.run_report import RunReport
    from runtime.files.courier.tenure import Tenure

DAMAGED: Final = "damaged"
"""Why a bundle is set aside that was never sent whole."""

_BACKOFF_MAX_SECONDS: Final = 10.0


class Books:
    """The books of one run.

    Args:
        stores: the mailbox, where bundles are set aside, and the table of breaker and records.
        tenure: the lease.
        limits: the stack's settings.

    Attributes:
        breaker: as it stands in the table.
    """

    def __init__(self, stores: Stores, tenure: Tenure, limits: CourierLimits) -> None:
        self.breaker = tenure.lease.breaker
        self._stores = stores
        self._tenure = tenure
        self._limits = limits
        self._pace = Pace(limits.parallel_sends)
        self._tally = Tally()
        # What this run does not try again; how often it tried what it may; and what the mailbox fails to do. A bundle
        # that was put there again is another.
        self._done: set[WaitingBundle] = set()
        self._failures: Counter[WaitingBundle] = Counter()
        self._unusable: dict[WaitingBundle, Unavailable] = {}

    @property
    def sends(self) -> int:
        """How many bundles the next round sends."""
        return self._pace.sends

    def may_probe(self, bundle: WaitingBundle) -> bool:
        """Whether the run tries a bundle as a probe: not what it has settled."""
        return bundle not in self._done

    def may_send(self, bundle: WaitingBundle) -> bool:
        """Whether the run tries a bundle in a round: nor what failed again and again while others passed."""
        return self.may_probe(bundle) and self._failures[bundle] < self._limits.breaker.failures_to_open

    def forgive(self) -> None:
        """Hold against no bundle what came of it while the breaker opened: each has its turn as a probe, and is sent.

        What could not be removed or set aside has been dealt with all the same.
        """
        self._failures.clear()
        self._done.intersection_update(self._unusable)

    def begin_probe(self, bundle: WaitingBundle) -> None:
        """Store that a probe is out, which proves the lease as well; raises what the table does."""
        self.breaker = self.breaker.probing(bundle.bundle_id, self._stores.clock(), self._limits.breaker)
        self._stores.table.save(self._tenure.lease, self.breaker)

    def weigh(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return a round's outcomes in view of what is known of its bundles (`Breaker.weigh`)."""
        return [
            replace(each, answer=self.breaker.weigh(each.answer, each.bundle.bundle_id))
            if isinstance(each, Sent)
            else each
            for each in outcomes
        ]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Draw the consequences of a round: in the report, in the breaker, in the records of what was refused.

        Raises:
            FencedError: another courier has taken the lease over.
            Unavailable: the table cannot be used.
        """
        for outcome in outcomes:
            self._tally.add(outcome)
            self._mark(outcome)
        for outcome in outcomes:
            if isinstance(outcome, Stopped):
                raise outcome.error
        self._judge(sorted((each for each in outcomes if isinstance(each, Sent)), key=lambda sent: sent.ended_at))
        for outcome in outcomes:
            if isinstance(outcome, Sent) and outcome.answer.meaning is Meaning.REFUSED:
                self._handle_refusal(outcome)
            if isinstance(outcome, Damaged):
                self._quarantine(outcome.bundle, DAMAGED)

    def report(
        self, *, fenced: bool = False, failure: Unavailable | None = None, error: Exception | None = None
    ) -> RunReport:
        """Return what happened since the last report.

        Args:
            fenced: the lease is another's: what is known of the breaker may be old.
            failure: what ended the run.
            error: what ended it, where nobody expects it.
        """
        if error is not None:
            self._tally.broke(error)
            failure = _of_ours(error)
        tally, self._tally = self._tally, Tally()
        failure = failure or next(iter(self._unusable.values()), None)
        return tally.report(None if fenced else self.breaker, fenced=fenced, failure=failure)

    def backoff_seconds(self, failed: Sequence[Outcome]) -> float:
        """Return the wait before the next round: longer with each failure in a row, or what the receiver asks for."""
        asked = max((outcome.answer.retry_after_seconds for outcome in failed if isinstance(outcome, Sent)), default=0)
        return max(min(max(self.breaker.failures, 1), _BACKOFF_MAX_SECONDS), min(asked, RETRY_AFTER_MAX_SECONDS))

    def _judge(self, sent: Sequence[Sent]) -> None:
        """Let pace and breaker learn of a round's answers, in the order in which they came."""
        is_busy = False
        for outcome in sent:
            self._pace = self._pace.after(outcome.answer)
            if outcome.answer.meaning is Meaning.BUSY:
                if is_busy and self.breaker.closed:
                    # It said so to several at once: the pace must have its chance before the breaker has.
                    continue
                is_busy = True
            before = self.breaker
            after = before.after(outcome.answer, outcome.bundle.bundle_id, outcome.ended_at, self._limits.breaker)
            self._become(after, outcome.ended_at)
            if not (before.closed and after.closed):
                # One at a time after an acceptance that closes it. Poisonous bundles that are refused beside each other
                # would open it again before one of their refusals counts, and never be set aside.
                self._pace = Pace(self._limits.parallel_sends)

    def _mark(self, outcome: Outcome) -> None:
        """Note what this run does not try again, and what the mailbox failed to do."""
        bundle = outcome.bundle
        self._unusable.pop(bundle, None)
        match outcome:
            case Unreadable(error=error):
                self._unusable[bundle] = error
                self._failures[bundle] += 1
            case Broken(error=error):
                self._unusable[bundle] = _of_ours(error)
                self._failures[bundle] += 1
            case Sent(answer=Answer(meaning=Meaning.ACCEPTED), left=left) | DeliveredBefore(left=left):
                # What is removed is in no listing any more.
                self._failures.pop(bundle, None)
                if left is not None:
                    self._unusable[bundle] = left
                    self._done.add(bundle)
            case Sent(answer=Answer(meaning=Meaning.REFUSED)) | Gone() | Damaged():
                self._done.add(bundle)
            case Sent() | Stopped():
                self._failures[bundle] += 1

    def _become(self, after: Breaker, at: float) -> None:
        """Store the breaker's state where it changed."""
        before = self.breaker
        if after == before:
            return
        self._tally.changed(before, after, at)
        self.breaker = after
        self._stores.table.save(self._tenure.lease, after)

    def _handle_refusal(self, sent: Sent) -> None:
        """Count the refusal of a bundle for its own sake, and set it aside where others pass and it never does."""
        counts = self.breaker.blames_bundles
        record = replace(
            sent.record,
            attempts=sent.record.attempts + 1,
            refusals=sent.record.refusals + int(counts),
            reason=sent.answer.reason,
        )
        aside = self.breaker.closed and record.refusals >= self._limits.refusal_tries
        # Who sends it again, by `baler redeliver`, means all of its tries. Noted first: a bundle that is set aside and
        # keeps its count would have one try left.
        self._stores.table.note(replace(record, refusals=0) if aside else record)
        if aside:
            self._quarantine(sent.bundle, sent.answer.reason)

    def _quarantine(self, bundle: WaitingBundle, reason: str) -> None:
        self._tenure.renew()
        try:
            self._stores.mailbox.quarantine(bundle, reason)
        except Unavailable as error:
            self._unusable[bundle] = error
        except Exception as error:  # noqa: BLE001 - the next run would meet it again, at the same bundle
            self._unusable[bundle] = _of_ours(error)
            self._tally.broke(error)
        else:
            self._tally.set_aside(bundle, reason)


def _of_ours(error: Exception) -> Unavailable:
    return Unavailable(f"{INTERNAL_ERROR}: {type(error).__name__}")
