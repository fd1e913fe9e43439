"""Keeps a record that kills the function from holding its shard.

Lambda halves a batch whose run died until the record is alone, and then offers it for as long as the retention lasts.
What kills leaves no error to be known by, so a run with a single record is noted while it lasts. `KILLS` runs that
never ended set the record aside: it becomes a rejected line, which holds its exact bytes.

Only a run in which the record is alone is noted: of several, the others might have killed. And a run that its own
deadline ends is ended before, by a timer: in an outage calls hang, and no good record may be set aside for that. Where
the end cannot be noted, it is tried once more with the next record of this process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.events.stream.shard_key import ShardKey
    from runtime.events.processor.ports import RunTable, Timer

KILLS: Final = 3
"""Runs with one record alone that never ended: then it is set aside."""

DEADLINE_MARGIN_SECONDS: Final = 1.0
"""So long before the deadline the end of a run is noted."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run with a single record.

    Attributes:
        kills: the record has killed often enough to be set aside.
        end: notes that the run has an answer, good or bad.
        abandon: leaves the run without an end, since an exception is about to end it: it counts as a kill.
    """

    kills: bool
    end: Callable[[], None]
    abandon: Callable[[], None]


class CrashCounter:
    """Counts, for each record, the runs that it killed.

    Args:
        runs: where runs are noted.
        timer: calls a function at a moment.
        new_run_id: makes an id that no other run has.
    """

    def __init__(self, runs: RunTable, timer: Timer, new_run_id: Callable[[], str]) -> None:
        self._runs = runs
        self._timer = timer
        self._new_run_id = new_run_id
        # Runs of this process whose end could not be noted: shard, sequence number, run.
        self._unnoted: list[tuple[ShardKey, str, str]] = []

    def begin(self, shard: ShardKey, sequence_number: str, deadline: float) -> Run:
        """Note that a run with a single record begins; `deadline` in seconds since the epoch.

        Raises:
            Unavailable: it could not be noted, or not before the deadline.
        """
        while self._unnoted:
            # No new run before this is noted: in an outage it would be one more that never ended.
            self._runs.end(*self._unnoted[0])
            del self._unnoted[0]
        run_id = self._new_run_id()
        note_end = partial(self._end, shard, sequence_number, run_id)
        # Before the run is noted: the call that notes it may hang until the deadline, and take effect.
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = True
            note_end()

        abandon = self._end_at(deadline - DEADLINE_MARGIN_SECONDS, expire)
        try:
            killed = self._runs.begin(shard, sequence_number, run_id)
        except Unavailable:
            abandon()
            self._unnoted.append((shard, sequence_number, run_id))
            raise
        if expired:
            # It was noted after its own end, and nobody would end it again.
            note_end()
            raise Unavailable("the run began at its deadline")

        def end() -> None:
            abandon()
            note_end()

        return Run(killed >= KILLS, end, abandon)

    def _end_at(self, when: float, end: Callable[[], None]) -> Callable[[], None]:
        return self._timer(when, end)

    def _end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None:
        try:
            self._runs.end(shard, sequence_number, run_id)
        except Unavailable:
            self._unnoted.append((shard, sequence_number, run_id))
