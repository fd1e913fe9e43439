"""How far reconciliation is: which files are judged for good, and where an unfinished sweep goes on.

A sweep reads the whole landing bucket once, since S3 lists by key and not by time. That may take longer than a function
may run, so each page that is done is noted, and the next run goes on behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baler.files.reconciliation.ports import Marker

OVERLAP_SECONDS: Final = 86_400
"""How much of what the last sweep judged is judged once more.

For a large file S3 gives the time at which its upload began, not the time at which it was complete (S3 user guide,
"Object metadata", Last-Modified): it may be a day older than its event.
"""

SWEEP_SECONDS: Final = 23.75 * 3600
"""Time between the beginnings of two sweeps: a day, less one run, so that a sweep is never a day and a run late."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A reading of the landing bucket. All times are seconds since the epoch.

    Attributes:
        landed_from, landed_until: it judges the files that landed in between.
        after: the last version that is done; None at the beginning.
        oldest_open: when the oldest file landed that is not settled so far; None if all are.
    """

    landed_from: float
    landed_until: float
    after: Marker | None = None
    oldest_open: float | None = None

    def done(self, after: Marker | None, oldest_open: float | None) -> Sweep:
        """Return the sweep with one page more, whose oldest unsettled file is given."""
        return replace(self, after=after, oldest_open=_earlier(self.oldest_open, oldest_open))


@dataclass(frozen=True, slots=True)
class Progress:
    """What one run leaves to the next. All times are seconds since the epoch.

    Attributes:
        generation: counts what was saved, so that of two runs at once only one goes on.
        begun_at: when the last sweep began.
        judged_until: every file that landed before was judged by a sweep that came to its end.
        oldest_open: when the oldest file landed that the last complete sweep could not settle.
        sweep: the one that is under way.
    """

    generation: int
    begun_at: float
    judged_until: float
    oldest_open: float | None = None
    sweep: Sweep | None = None

    @classmethod
    def first(cls, now: float) -> Progress:
        """Return where a stack begins that was never swept: everything is open, and nobody is to blame yet."""
        return cls(generation=0, begun_at=0.0, judged_until=now, oldest_open=0.0)

    def is_due(self, now: float) -> bool:
        """Tell whether it is time for another sweep. A beginning in the future is a clock that was wrong."""
        return self.sweep is None and not 0 <= now - self.begun_at < SWEEP_SECONDS

    def begin(self, now: float, grace_seconds: float) -> Progress:
        """Return a new sweep, in the place of one that is under way, over all that is not settled for good."""
        settled = min(self.judged_until, now) - OVERLAP_SECONDS
        landed_from = settled if self.oldest_open is None else min(settled, self.oldest_open)
        sweep = Sweep(landed_from, now - grace_seconds)
        return replace(self, generation=self.generation + 1, begun_at=now, sweep=sweep)

    def carried_on(self, sweep: Sweep) -> Progress:
        """Return what is to be saved after a page that was not the last."""
        return replace(self, generation=self.generation + 1, sweep=sweep)

    def completed(self, sweep: Sweep) -> Progress:
        """Return what is to be saved after the last page."""
        return Progress(self.generation + 1, self.begun_at, sweep.landed_until, sweep.oldest_open)

    def age(self, now: float) -> float:
        """Return how old the newest file is, in seconds, up to which every file was judged."""
        return max(0.0, now - self.judged_until)


def _earlier(one: float | None, other: float | None) -> float | None:
    times = [time for time in (one, other) if time is not None]
    return min(times, default=None)
