"""The circuit breaker between the courier and the receiver: pure transitions, of which each state is stored whole.

What closes it depends on what opened it. A receiver that could not be reached is back as soon as it answers at all. One
that refuses every bundle, or our credentials, answers all the time: only an acceptance shows that it takes bundles
again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.files.courier.answer import Meaning

if TYPE_CHECKING:
    from baler.files.courier.answer import Answer

RETRY_AFTER_MAX_SECONDS: Final = 300.0
"""A receiver that asks for a longer pause is asked again after this: a wrong header must not stop all for days."""

_NAMES_MAX: Final = 10
# What says that nothing is taken there, or nothing from us; or was said by something in between, of one bundle alone.
_SAID_OF_ALL: Final = frozenset({Meaning.UNAUTHORIZED, Meaning.MISPLACED})


class Phase(StrEnum):
    """Whether bundles are sent."""

    CLOSED = "closed"
    """As many as the pace allows."""

    OPEN = "open"
    """One probe an interval, and nothing else."""

    HALF_OPEN = "half-open"
    """As open, and a probe is out or was lost: `probe_at` says when the next one may go."""


class Cause(StrEnum):
    """Why it is open. The later ones are stricter: they say more, and are not taken back for an earlier one."""

    UNREACHABLE = "unreachable"
    """No answer, or one of 5xx, 429 or 408: an acceptance or a refusal of the bundle closes it."""

    REFUSES_EVERYTHING = "refuses-everything"
    """Different bundles in a row, or whatever is sent there (404, 405, 415, 3xx): only 2xx closes it."""

    CREDENTIALS = "credentials"
    """401, 403, a refused client certificate, or credentials that cannot be used: only 2xx closes it."""


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """The stack's settings.

    Attributes:
        failures_to_open: failures in a row, or different bundles refused in a row, that open it.
        probe_interval_seconds: least time from one probe to the next.
    """

    failures_to_open: int
    probe_interval_seconds: float


@dataclass(frozen=True, slots=True)
class Breaker:
    """One state. Times are seconds since the epoch.

    Attributes:
        phase: whether bundles are sent.
        cause: why it is open; None while it is closed.
        reason: of the last failure, a word for people: "503", "timeout", "connection-refused".
        failures: failures in a row while it is closed.
        refused: the ids of the different bundles that were refused in a row without an acceptance, at most as many as
            open it; a replay of a bundle is no other bundle.
        opened_at: when it opened; 0 while it is closed.
        probe_at: the earliest time of the next probe; 0 while it is closed.
        probes: how many since it opened.
        probed: the id of the bundle that was the last one; the next probe is the bundle that comes after it. Not by
            number: with one bundle a minute and one probe a minute, the same one could have its turn each time.
        accused: the ids of the latest bundles that were answered 401, 403, 404, 405, 415 or 3xx, and of which nobody
            knows yet whether that was said of all.
        suspects: the latest of those after which another bundle was accepted: it was said of them alone, by a firewall
            that does not like their content, for example. The next such answer counts as a refusal, so that none of
            them opens it again and again; and accuses anew, so that there is an acceptance before each that counts.
    """

    phase: Phase = Phase.CLOSED
    cause: Cause | None = None
    reason: str = ""
    failures: int = 0
    refused: tuple[str, ...] = ()
    opened_at: float = 0.0
    probe_at: float = 0.0
    probes: int = 0
    probed: str = ""
    accused: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether bundles are sent at all."""
        return self.phase is Phase.CLOSED

    @property
    def blames_bundles(self) -> bool:
        """Whether a refusal says something of the bundle: not while every bundle is refused, or nobody is let in."""
        return self.cause is None or self.cause is Cause.UNREACHABLE

    def open_seconds(self, now: float) -> float:
        """Return how long it has been open; 0 while it is closed."""
        return 0.0 if self.closed else max(now - self.opened_at, 0.0)

    def seconds_to_probe(self, now: float, limits: BreakerLimits) -> float:
        """Return how long the next probe must wait; 0 where it is due.

        A time further off than any that is stored here was written by a clock that was wrong, and holds nobody.
        """
        wait = self.probe_at - now
        return 0.0 if wait > max(limits.probe_interval_seconds, RETRY_AFTER_MAX_SECONDS) else max(wait, 0.0)

    def probing(self, bundle_id: str, now: float, limits: BreakerLimits) -> Breaker:
        """Return the state to store before a bundle is sent as a probe: one that is lost costs an interval, no more."""
        return replace(
            self,
            phase=Phase.HALF_OPEN,
            probe_at=now + limits.probe_interval_seconds,
            probes=self.probes + 1,
            probed=bundle_id,
        )

    def weigh(self, answer: Answer, bundle_id: str) -> Answer:
        """Return an answer as what it is in view of the ones before: a refusal, where it is said of a suspect."""
        if answer.meaning in _SAID_OF_ALL and bundle_id in self.suspects and self.blames_bundles:
            return replace(answer, meaning=Meaning.REFUSED)
        return answer

    def after(self, answer: Answer, bundle_id: str, now: float, limits: BreakerLimits) -> Breaker:
        """Return the state after an answer.

        Args:
            answer: what the receiver said, or that it said nothing, as it was weighed.
            bundle_id: of what was sent.
            now: when the answer came.
            limits: the stack's settings.
        """
        if answer.meaning is Meaning.ACCEPTED:
            names = dict.fromkeys((*self.suspects, *self.accused))
            return Breaker(suspects=tuple(name for name in names if name != bundle_id)[-_NAMES_MAX:])
        after = self._after_failed_send(answer, bundle_id, now, limits)
        is_of_suspect = answer.meaning is Meaning.REFUSED and bundle_id in self.suspects
        if answer.meaning not in _SAID_OF_ALL and not is_of_suspect:
            return after
        return replace(
            after,
            accused=(*(name for name in self.accused if name != bundle_id), bundle_id)[-_NAMES_MAX:],
            suspects=tuple(name for name in self.suspects if name != bundle_id),
        )

    def _after_failed_send(self, answer: Answer, bundle_id: str, now: float, limits: BreakerLimits) -> Breaker:
        match answer.meaning:
            case Meaning.REFUSED:
                return self._after_refusal(answer, bundle_id, now, limits)
            case Meaning.UNAUTHORIZED:
                # At once: receivers lock out who tries wrong credentials again and again.
                return self._opened(Cause.CREDENTIALS, answer, now, limits)
            case Meaning.MISPLACED:
                return self._after_failure(Cause.REFUSES_EVERYTHING, answer, now, limits)
            case _:
                return self._after_failure(Cause.UNREACHABLE, answer, now, limits)

    def _after_refusal(self, answer: Answer, bundle_id: str, now: float, limits: BreakerLimits) -> Breaker:
        """A living receiver does not want this bundle; several different ones in a row, and it wants none."""
        refused = self.refused if bundle_id in self.refused else (*self.refused, bundle_id)
        if len(refused) >= limits.failures_to_open:
            opened = self._opened(Cause.REFUSES_EVERYTHING, answer, now, limits)
            return replace(opened, refused=refused[: limits.failures_to_open])
        if self.cause is not None and not self.blames_bundles:
            # It answers, as it did all the time.
            return replace(self._opened(self.cause, answer, now, limits), refused=refused)
        return Breaker(reason=answer.reason, refused=refused, accused=self.accused, suspects=self.suspects)

    def _after_failure(self, cause: Cause, answer: Answer, now: float, limits: BreakerLimits) -> Breaker:
        if self.closed and self.failures + 1 < limits.failures_to_open:
            return replace(self, failures=self.failures + 1, reason=answer.reason)
        if self.cause is not None and cause is Cause.UNREACHABLE:
            # That it cannot be reached now makes nothing good of what was wrong when it could.
            cause = self.cause
        return self._opened(cause, answer, now, limits)

    def _opened(self, cause: Cause, answer: Answer, now: float, limits: BreakerLimits) -> Breaker:
        """Open it, or keep it open: the next probe is due an interval after the last one, or when the receiver says."""
        earliest = now + limits.probe_interval_seconds if self.closed else self.probe_at
        return replace(
            self,
            phase=Phase.OPEN,
            cause=cause,
            reason=answer.reason,
            failures=0,
            opened_at=now if self.closed else self.opened_at,
            probe_at=max(earliest, now + min(answer.retry_after_seconds, RETRY_AFTER_MAX_SECONDS)),
        )
