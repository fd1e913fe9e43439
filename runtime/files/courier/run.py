"""What one courier does while it holds the lease."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import RETRY_AFTER_MAX_SECONDS
from baler.files.courier.lease import RENEWAL_SECONDS, FencedError
from baler.store_errors import Unavailable
from runtime.files.courier.delivery import (
    INTERNAL_ERROR,
    Broken,
    Damaged,
    DeliveredBefore,
    Gone,
    Sent,
    Stopped,
    Unreadable,
    deliver,
)
from runtime.files.courier.pace import Pace
from runtime.files.courier.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from baler.files.courier.breaker import Breaker
    from baler.files.courier.lease import Lease
    from runtime.files.courier.delivery import Outcome, Stores
    from runtime.files.courier.limits import CourierLimits
    from runtime.files.courier.ports import Crew, WaitingBundle
    from runtime.files.courier.run_report import RunReport

OPEN_SECONDS: Final = 10.0
"""What a bundle may take to be opened, so that its send still has all of its time: else a mailbox that is slow near the
end of a run would look like a receiver that is."""

SETTLE_SECONDS: Final = 15.0
"""What is left after the last send for its receipt, the removal and the lease."""

PROGRESS_SECONDS: Final = 60.0
"""How often a long run shows what it has done."""

DAMAGED: Final = "damaged"
"""Why a bundle is set aside that was never sent whole."""

_BACKOFF_MAX_SECONDS: Final = 10.0


class _Next(Enum):
    """How a look at the mailbox ended."""

    LOOK_AGAIN = auto()
    NOTHING_LEFT = auto()
    """All that may be sent now was tried: the lease is given back unless a bell rang meanwhile.

    Also after a probe that failed. It may have hung for long, and the tick that rang meanwhile is the one that would
    have found the receiver back within a minute.
    """
    STOP = auto()
    """The next probe is far off, or time is up: whatever waits is another run's."""


class Run:
    """One courier's run under its lease.

    Args:
        stores: what deliveries go through.
        crew: runs sends beside each other.
        limits: the stack's settings.
        pause: waits for so many seconds.
        lease: held.
        deadline: when all must be over, seconds since the epoch.
        progress: is given what happened, about each minute.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a run works with
        self,
        stores: Stores,
        crew: Crew,
        limits: CourierLimits,
        pause: Callable[[float], None],
        lease: Lease,
        deadline: float,
        progress: Callable[[RunReport], None] | None,
    ) -> None:
        self._stores = stores
        self._crew = crew
        self._limits = limits
        self._pause = pause
        self._lease = lease
        self._deadline = deadline
        self._progress = progress
        self._shown_at = stores.clock()
        self._breaker = lease.breaker
        self._pace = Pace(limits.parallel_sends)
        self._tally = Tally()
        # What this run does not try again; how often it tried what it may; and what the mailbox fails to do. A bundle
        # that was put there again is another.
        self._done: set[WaitingBundle] = set()
        self._failures: Counter[WaitingBundle] = Counter()
        self._unusable: dict[WaitingBundle, Unavailable] = {}

    def work(self) -> RunReport:
        """Deliver until there is nothing to do, and give the lease back."""
        try:
            while self._look():
                pass
        except FencedError:
            return self._tally.report(None, fenced=True, failure=self._failure())
        except Unavailable as error:
            self._give_up()
            return self._tally.report(self._breaker, failure=error)
        except Exception as error:  # noqa: BLE001 - what was done is reported whatever ended the run
            self._give_up()
            self._tally.broke(error)
            return self._tally.report(self._breaker, failure=_of_ours(error))
        return self._tally.report(self._breaker, failure=self._failure())

    def _failure(self) -> Unavailable | None:
        """Return why the mailbox could not be used for some bundle."""
        return next(iter(self._unusable.values()), None)

    def _give_up(self) -> None:
        """Give the lease back if that can be done: whatever fails for this courier may go well for the next."""
        try:
            self._stores.table.release(self._lease, bells=None)
        except (FencedError, Unavailable):
            return  # it runs out

    def _look(self) -> bool:
        """Look into the mailbox once; return whether to look again."""
        # Bells that ring from here on may be about what this listing no longer shows.
        bells = self._lease.bells
        match self._rounds() if self._breaker.closed else self._probe():
            case _Next.LOOK_AGAIN:
                self._renew()
                return True
            case _Next.NOTHING_LEFT:
                if self._stores.table.release(self._lease, bells=bells):
                    return False
                self._renew()
                return True
            case _Next.STOP:
                self._stores.table.release(self._lease, bells=None)
                return False

    def _rounds(self) -> _Next:
        """Send round by round, oldest first, while the breaker is closed."""
        most = self._limits.breaker.failures_to_open
        waiting = (bundle for bundle in self._waiting() if self._failures[bundle] < most)
        again = False
        while self._breaker.closed:
            if not self._has_time_after(0):
                return _Next.STOP
            bundles = list(islice(waiting, self._pace.sends))
            if not bundles:
                return _Next.LOOK_AGAIN if again else _Next.NOTHING_LEFT
            outcomes = self._send(bundles)
            self._settle(outcomes)
            failed = [outcome for outcome in outcomes if _has_failed(outcome)]
            # What failed is tried again after all others: one bundle that the receiver cannot take holds up no other.
            again = again or bool(failed)
            if failed and self._breaker.closed and not self._wait(self._backoff_seconds(failed)):
                return _Next.STOP
        return _Next.LOOK_AGAIN

    def _probe(self) -> _Next:
        """Send one bundle when the next probe is due."""
        limits = self._limits.breaker
        wait = self._breaker.seconds_to_probe(self._stores.clock(), limits)
        if wait > limits.probe_interval_seconds or not self._wait(wait):
            return _Next.STOP
        for bundle in self._in_turn():
            if not self._has_time_after(0):
                return _Next.STOP
            probes = self._breaker.probes
            [outcome] = self._send([bundle], partial(self._begin_probe, bundle))
            self._settle([outcome])
            if self._breaker.closed:
                return _Next.LOOK_AGAIN
            if self._breaker.probes != probes:
                # Also one that was cut off, since the bundle turned out to be damaged or could not be read.
                return _Next.NOTHING_LEFT
        return _Next.NOTHING_LEFT

    def _in_turn(self) -> Iterator[WaitingBundle]:
        """Yield what waits, those first that come after the last probe: however many are poisonous hold up no other."""
        probed = self._breaker.probed
        yield from (bundle for bundle in self._waiting() if bundle.bundle_id > probed)
        yield from (bundle for bundle in self._waiting() if bundle.bundle_id <= probed)

    def _begin_probe(self, bundle: WaitingBundle) -> None:
        """Store that a probe is out, which proves the lease as well."""
        self._breaker = self._breaker.probing(bundle.bundle_id, self._stores.clock(), self._limits.breaker)
        self._stores.table.save(self._lease, self._breaker)

    def _waiting(self) -> Iterator[WaitingBundle]:
        return (bundle for bundle in self._stores.mailbox.waiting() if bundle not in self._done)

    def _has_time_after(self, seconds: float) -> bool:
        needed = OPEN_SECONDS + self._limits.send_timeout_seconds + SETTLE_SECONDS
        return self._stores.clock() + seconds + needed <= self._deadline

    def _send(self, bundles: Sequence[WaitingBundle], prove: Callable[[], object] | None = None) -> list[Outcome]:
        """Send bundles beside each other, and renew the lease meanwhile."""
        lease, stores = self._lease, self._stores

        def renew() -> object:
            return stores.table.renew(lease, stores.clock())

        def deadline() -> float:
            return min(stores.clock() + self._limits.send_timeout_seconds, self._deadline - SETTLE_SECONDS)

        def meanwhile() -> None:
            try:
                renew()
            except (FencedError, Unavailable):
                return  # each send proves the lease itself before its receipt

        return self._crew.together(
            [lambda bundle=bundle: deliver(bundle, lease, stores, deadline, prove or renew) for bundle in bundles],
            meanwhile,
        )

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        """Draw the consequences of a round: in the report, in the breaker, in the records of what was refused."""
        now = self._stores.clock()
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
        self._show(now)

    def _judge(self, sent: Sequence[Sent]) -> None:
        """Let pace and breaker learn of a round's answers, in the order in which they came."""
        is_busy = False
        for outcome in sent:
            self._pace = self._pace.after(outcome.answer)
            if outcome.answer.meaning is Meaning.BUSY:
                if is_busy and self._breaker.closed:
                    # It said so to several at once: the pace must have its chance before the breaker has.
                    continue
                is_busy = True
            after = self._breaker.after(
                outcome.answer, outcome.bundle.bundle_id, outcome.ended_at, self._limits.breaker
            )
            self._become(after, outcome.ended_at)

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
        before = self._breaker
        if after == before:
            return
        self._tally.changed(before, after, at)
        self._breaker = after
        self._stores.table.save(self._lease, after)

    def _handle_refusal(self, sent: Sent) -> None:
        """Count the refusal of a bundle for its own sake, and set it aside where others pass and it never does."""
        counts = self._breaker.blames_bundles
        record = replace(
            sent.record,
            attempts=sent.record.attempts + 1,
            refusals=sent.record.refusals + int(counts),
            reason=sent.answer.reason,
        )
        aside = self._breaker.closed and record.refusals >= self._limits.refusal_tries
        # Who sends it again, by `baler redeliver`, means all of its tries. Noted first: a bundle that is set aside and
        # keeps its count would have one try left.
        self._stores.table.note(replace(record, refusals=0) if aside else record)
        if aside:
            self._quarantine(sent.bundle, sent.answer.reason)

    def _quarantine(self, bundle: WaitingBundle, reason: str) -> None:
        self._renew()
        try:
            self._stores.mailbox.quarantine(bundle, reason)
        except Unavailable as error:
            self._unusable[bundle] = error
        except Exception as error:  # noqa: BLE001 - the next run would meet it again, at the same bundle
            self._unusable[bundle] = _of_ours(error)
            self._tally.broke(error)
        else:
            self._tally.set_aside(bundle, reason)

    def _backoff_seconds(self, failed: Sequence[Outcome]) -> float:
        """Return the wait before the next round: longer with each failure in a row, or what the receiver asks for."""
        asked = max((outcome.answer.retry_after_seconds for outcome in failed if isinstance(outcome, Sent)), default=0)
        return max(min(max(self._breaker.failures, 1), _BACKOFF_MAX_SECONDS), min(asked, RETRY_AFTER_MAX_SECONDS))

    def _wait(self, seconds: float) -> bool:
        """Wait, and keep the lease; False, at once, where no time to send would be left after it."""
        if not self._has_time_after(seconds):
            return False
        # By what was waited, not by the clock: a clock that is set back prolongs nothing.
        left = seconds
        while left > 0:
            self._pause(min(left, RENEWAL_SECONDS))
            left -= RENEWAL_SECONDS
            self._renew()
        return True

    def _renew(self) -> None:
        self._lease = self._stores.table.renew(self._lease, self._stores.clock())

    def _show(self, now: float) -> None:
        """Show what happened since the last time, at the end of a minute."""
        if self._progress is None or now - self._shown_at < PROGRESS_SECONDS:
            return
        self._shown_at = now
        self._progress(self._tally.report(self._breaker))
        self._tally = Tally()


def _of_ours(error: Exception) -> Unavailable:
    return Unavailable(f"{INTERNAL_ERROR}: {type(error).__name__}")


def _has_failed(outcome: Outcome) -> bool:
    """Whether an attempt failed for another reason than the bundle."""
    if isinstance(outcome, Sent):
        return outcome.answer.meaning not in {Meaning.ACCEPTED, Meaning.REFUSED}
    return isinstance(outcome, Unreadable | Broken)
