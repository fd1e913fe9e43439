"""Keeps a message that kills the function from taking its neighbours along.

What kills (a file that needs more memory than there is, a crash in a library) leaves no error to be known by. So runs
are noted in a journal, of messages alone that were received before: a good message costs nothing. When one comes again
and its last run never ended, it is a suspect: the others of its batch are processed first, then each suspect alone. One
that killed `KILLS` runs in which it was alone goes to the dead-letter queue.

A failure that the function sees ends the run as success does, and so does the function's own deadline, by a timer: in
an outage messages are received often, and none of them becomes a suspect. Where the end cannot be noted, the messages
come again soon: sooner than those of a run that was killed, which are hidden until the end of their visibility timeout.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from baler.files.reason import Reason
from baler.store_errors import Unavailable
from runtime.files.aggregator.attempt import LEAST_SECONDS
from runtime.files.aggregator.file_outcome import rejected, retry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.files.claims.protocol import Concurrently
    from runtime.files.aggregator.batch import Aggregator, BatchReport, Message

KILLS: Final = 3
"""Runs in a row in which a message was alone, and which never ended: then it is rejected."""

# From this receive on a message is in the journal, so that it can be alone from the next one.
_JOURNAL_FROM: Final = 2
# The share of the time that is left which the journal may take before the batch is processed.
_JOURNAL_SHARE: Final = 0.1
# Before the deadline, the end of a run is noted: the process is not killed by a message, but by the clock.
_DEADLINE_MARGIN_SECONDS: Final = 1.0
# Waits before the end of a run is noted once more, beside the retries of each call.
_WAITS_SECONDS: Final = (0.1, 0.4, 1.6)
_LIFETIME_SECONDS: Final = 86_400
# A message of a run that was killed is hidden for its visibility timeout: six times the time of a whole invocation
# (components/files/timing.py) since it was received, of which it may have waited some for its batch.
_HIDDEN_TIMES: Final = 5


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The latest run that had a message.

    Attributes:
        message_id: the message.
        run_id: the run.
        hidden_until: seconds since the epoch before which the message comes again only if the run did not kill.
        alone: whether the message was alone in it.
        suspect: whether an earlier run never ended.
        kills: how many runs in a row, before it, had the message alone and never ended.
        expires_at: seconds since the epoch.
    """

    message_id: str
    run_id: str
    hidden_until: float
    alone: bool
    suspect: bool
    kills: int
    expires_at: int


class Journal(Protocol):
    """Where runs are noted. Reads are strongly consistent."""

    def entry(self, message_id: str) -> JournalEntry | None:
        """Return the entry of a message."""
        ...

    def write(self, entry: JournalEntry) -> None:
        """Replace the entry of a message."""
        ...

    def has_ended(self, run_id: str) -> bool:
        """Whether the end of a run was noted."""
        ...

    def end(self, run_id: str, expires_at: int) -> None:
        """Note the end of a run."""
        ...


@dataclass(frozen=True, slots=True)
class _History:
    suspect: bool = False
    kills: int = 0


class Isolation:
    """Processes batches, suspects alone.

    Args:
        aggregator: processes messages.
        journal: returns the journal, whose calls are over by a moment, seconds since the epoch.
        concurrently: how to make the calls that each message costs.
        clock: the time, seconds since the epoch.
        pause: waits for so many seconds.
        timer: calls a function at a moment unless what it returns is called before.
        new_run_id: makes an id that no other run has.
    """

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        aggregator: Aggregator,
        *,
        journal: Callable[[float], Journal],
        concurrently: Concurrently,
        clock: Callable[[], float],
        pause: Callable[[float], None],
        timer: Callable[[float, Callable[[], None]], Callable[[], None]],
        new_run_id: Callable[[], str],
    ) -> None:
        self._aggregator = aggregator
        self._journal = journal
        self._concurrently = concurrently
        self._clock = clock
        self._pause = pause
        self._timer = timer
        self._new_run_id = new_run_id
        # Runs of this process whose end could not be noted.
        self._ended: set[str] = set()

    def handle(self, messages: Sequence[Message], deadline: float) -> BatchReport:
        """Process a batch; see Aggregator.handle. Where the journal does not answer, all its messages are together."""
        seen_before = [message for message in messages if message.receives >= _JOURNAL_FROM]
        histories = self._histories(seen_before, deadline) if seen_before else {}
        if not histories:
            return self._aggregator.handle(messages, deadline)
        known = {message.message_id: histories.get(message.message_id, _History()) for message in messages}
        others = [message for message in messages if not known[message.message_id].suspect]
        guilty = [message for message in messages if known[message.message_id].kills >= KILLS]
        # Those that killed least come first: they are most likely to leave time for the next.
        suspects = sorted(
            (message for message in messages if message not in others and message not in guilty),
            key=lambda message: known[message.message_id].kills,
        )
        report = self._aggregator.settle(guilty, rejected(Reason.KILLS))
        ended = True
        if others:
            run, ended = self._run(others, histories, deadline, alone=False)
            report.add(run)
        for suspect in suspects:
            if not ended or deadline - self._clock() < LEAST_SECONDS:
                reason = Reason.OUT_OF_TIME if ended else Reason.CLAIMS_UNAVAILABLE
                report.add(self._aggregator.settle([suspect], retry(reason)))
                continue
            run, ended = self._run([suspect], histories, deadline, alone=True)
            report.add(run)
        return report

    def _histories(self, messages: Sequence[Message], deadline: float) -> dict[str, _History]:
        """Return what the journal says of messages that were received before; nothing where it does not answer."""
        now = self._clock()
        journal = self._journal(now + _JOURNAL_SHARE * (deadline - now))
        ids = [message.message_id for message in messages]
        try:
            entries = dict(zip(ids, self._concurrently(journal.entry, ids), strict=True))
            runs = sorted({entry.run_id for entry in entries.values() if entry} - self._ended)
            ended = {
                run for run, ended in zip(runs, self._concurrently(journal.has_ended, runs), strict=True) if ended
            } | self._ended
        except Unavailable:
            return {}
        return {message_id: _history(entry, ended, now) for message_id, entry in entries.items()}

    def _run(
        self, messages: Sequence[Message], histories: dict[str, _History], deadline: float, *, alone: bool
    ) -> tuple[BatchReport, bool]:
        """Process messages, between the begin and the end of a run; say too whether the end could be noted."""
        run_id = self._new_run_id()
        expires_at = int(self._clock()) + _LIFETIME_SECONDS
        hidden_until = self._clock() + _HIDDEN_TIMES * (deadline - self._clock())
        entries = [
            JournalEntry(message.message_id, run_id, hidden_until, alone, history.suspect, history.kills, expires_at)
            for message in messages
            if (history := histories.get(message.message_id))
        ]
        if not entries:
            return self._aggregator.handle(messages, deadline), True
        in_time = self._journal(deadline)

        def end_in_time() -> None:
            with suppress(Unavailable):
                in_time.end(run_id, expires_at)

        # From before the first note until after the last: in between, the clock may end the run at any moment.
        cancel = self._end_at(deadline - _DEADLINE_MARGIN_SECONDS, end_in_time)
        try:
            self._begin(entries, deadline)
            report = self._aggregator.handle(messages, deadline)
        except Exception:
            self._end(run_id, expires_at, deadline)
            cancel()
            raise
        ended = self._end(run_id, expires_at, deadline)
        cancel()
        if not ended:
            report.soon |= {entry.message_id for entry in entries}
        return report, ended

    def _begin(self, entries: Sequence[JournalEntry], deadline: float) -> None:
        now = self._clock()
        journal = self._journal(now + _JOURNAL_SHARE * (deadline - now))

        def write(entry: JournalEntry) -> None:
            with suppress(Unavailable):  # a run that is not in the journal is not held against its messages
                journal.write(entry)

        list(self._concurrently(write, entries))

    def _end_at(self, when: float, end: Callable[[], None]) -> Callable[[], None]:
        return self._timer(when, end)

    def _end(self, run_id: str, expires_at: int, deadline: float) -> bool:
        journal = self._journal(deadline - _DEADLINE_MARGIN_SECONDS / 2)
        for wait in (0.0, *_WAITS_SECONDS):
            if wait:
                self._pause(wait)
            try:
                journal.end(run_id, expires_at)
            except Unavailable:
                if self._clock() + wait > deadline - LEAST_SECONDS:
                    break
            else:
                return True
        self._ended.add(run_id)
        return False


def _history(entry: JournalEntry | None, ended: set[str], now: float) -> _History:
    if entry is None or entry.run_id in ended:
        return _History()
    if now < entry.hidden_until:
        # It ended and could not note that; or it goes on, since the queue delivers a message twice at times.
        return _History(entry.suspect, entry.kills)
    return _History(suspect=True, kills=entry.kills + entry.alone)
