"""What one courier does while it holds the lease."""

from __future__ import annotations

from enum import Enum, auto
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from baler.files.courier.answer import Meaning
from baler.files.courier.lease import FencedError
from baler.store_errors import Unavailable
from runtime.files.courier.delivery import deliver
from runtime.files.courier.outcome import Broken, Sent, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runtime.files.courier.books import Books
    from runtime.files.courier.delivery import Stores
    from runtime.files.courier.limits import CourierLimits
    from runtime.files.courier.outcome import Outcome
    from runtime.files.courier.ports import Crew, WaitingBundle
    from runtime.files.courier.run_report import RunReport
    from runtime.files.courier.tenure import Tenure

PROGRESS_SECONDS: Final = 60.0
"""How often a long run shows what it has done."""


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
        tenure: its lease and its time.
        books: what it has done and learned.
        progress: is given what happened, about each minute; None for nobody.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a run works with
        self,
        stores: Stores,
        crew: Crew,
        limits: CourierLimits,
        tenure: Tenure,
        books: Books,
        progress: Callable[[RunReport], None] | None,
    ) -> None:
        self._stores = stores
        self._crew = crew
        self._limits = limits
        self._tenure = tenure
        self._books = books
        self._progress = progress
        self._shown_at = stores.clock()

    def work(self) -> RunReport:
        """Deliver until there is nothing to do, and give the lease back."""
        try:
            while self._look():
                pass
        except FencedError:
            return self._books.report(fenced=True)
        except Unavailable as error:
            self._tenure.give_up()
            return self._books.report(failure=error)
        except Exception as error:  # noqa: BLE001 - what was done is reported whatever ended the run
            self._tenure.give_up()
            return self._books.report(error=error)
        return self._books.report()

    def _look(self) -> bool:
        """Look into the mailbox once; return whether to look again."""
        # Bells that ring from here on may be about what this listing no longer shows.
        bells = self._tenure.lease.bells
        match self._rounds() if self._books.breaker.closed else self._probe():
            case _Next.LOOK_AGAIN:
                self._tenure.renew()
                return True
            case _Next.NOTHING_LEFT:
                return not self._tenure.release(bells=bells)
            case _Next.STOP:
                return not self._tenure.release(bells=None)

    def _rounds(self) -> _Next:
        """Send round by round, oldest first, while the breaker is closed."""
        waiting = filter(self._books.may_send, self._stores.mailbox.waiting())
        again = False
        while self._books.breaker.closed:
            if not self._tenure.has_time_after(0):
                return _Next.STOP
            bundles = list(islice(waiting, self._books.sends))
            if not bundles:
                return _Next.LOOK_AGAIN if again else _Next.NOTHING_LEFT
            outcomes = self._send(bundles, self._tenure.prove)
            failed = [outcome for outcome in outcomes if _has_failed(outcome)]
            # What failed is tried again after all others: one bundle that the receiver cannot take holds up no other.
            again = again or bool(failed)
            if failed and self._books.breaker.closed and not self._tenure.wait(self._books.backoff_seconds(failed)):
                return _Next.STOP
        return _Next.LOOK_AGAIN

    def _probe(self) -> _Next:
        """Send one bundle when the next probe is due."""
        limits = self._limits.breaker
        wait = self._books.breaker.seconds_to_probe(self._stores.clock(), limits)
        if wait > limits.probe_interval_seconds or not self._tenure.wait(wait):
            return _Next.STOP
        self._books.forgive()
        for bundle in self._in_turn():
            if not self._tenure.has_time_after(0):
                return _Next.STOP
            probes = self._books.breaker.probes
            self._send([bundle], partial(self._books.begin_probe, bundle))
            if self._books.breaker.closed:
                return _Next.LOOK_AGAIN
            if self._books.breaker.probes != probes:
                # Also one that was cut off, since the bundle turned out to be damaged or could not be read.
                return _Next.NOTHING_LEFT
        return _Next.NOTHING_LEFT

    def _in_turn(self) -> Iterator[WaitingBundle]:
        """Yield what waits, those first that come after the last probe: however many are poisonous hold up no other."""
        probed = self._books.breaker.probed
        waiting = self._stores.mailbox.waiting
        yield from (each for each in waiting() if each.bundle_id > probed and self._books.may_probe(each))
        yield from (each for each in waiting() if each.bundle_id <= probed and self._books.may_probe(each))

    def _send(self, bundles: Sequence[WaitingBundle], prove: Callable[[], object]) -> list[Outcome]:
        """Send bundles beside each other, keep the lease meanwhile, and draw the consequences."""
        lease, deadline = self._tenure.lease, self._tenure.send_deadline
        sent = self._crew.together(
            [lambda bundle=bundle: deliver(bundle, lease, self._stores, deadline, prove) for bundle in bundles],
            self._tenure.keep,
        )
        outcomes = self._books.weigh(sent)
        self._books.settle(outcomes)
        self._show()
        return outcomes

    def _show(self) -> None:
        """Show what happened since the last time, at the end of a minute."""
        now = self._stores.clock()
        if self._progress is not None and now - self._shown_at >= PROGRESS_SECONDS:
            self._shown_at = now
            self._progress(self._books.report())


def _has_failed(outcome: Outcome) -> bool:
    """Whether an attempt failed for another reason than the bundle."""
    if isinstance(outcome, Sent):
        return outcome.answer.meaning not in {Meaning.ACCEPTED, Meaning.REFUSED}
    return isinstance(outcome, Unreadable | Broken)
