"""What a source has at which time, and how the schedule fires."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from simulation.workload import START

from baler.lake.path import Path
from baler.lake.sources import Field, Source

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE: Final = Source(
    name="posts",
    type="posts",
    url="https://source.example/posts",
    id=Path(("id",)),
    fields=(Field("title", Path(("title",))),),
)

INVALID: Final = 8
"""The table calls this record invalid, by a reason of its own."""
POISON: Final = 9
"""The table refuses every request with this record in it."""

_COLOURS: Final = ("red", "red", "blue", "green")
_PERIODS: Final = (20.0, 60.0, 300.0)
# Schedules begin at nine in the morning.
_TO_MIDNIGHT: Final = 15 * 3600.0
_LATE: Final = (0.0, 0.0, 0.0, 5.0, 25.0, 90.0, 320.0)


@dataclass(frozen=True)
class Change:
    """From a time on, seconds from the start, the source has these records: pairs of id and title, in its order."""

    after: float
    records: tuple[tuple[int, str], ...]

    @property
    def body(self) -> bytes:
        """What the source answers."""
        return json.dumps([{"id": number, "title": title} for number, title in self.records]).encode()


@dataclass(frozen=True)
class Firing:
    """An event of the schedule: when it is for, and when it arrives, seconds from the start."""

    event_after: float
    arrives_after: float

    @property
    def event(self) -> datetime:
        """What the event says of its time: whole seconds."""
        return datetime.fromtimestamp(START, UTC).replace(microsecond=0) + timedelta(seconds=self.event_after)


@dataclass(frozen=True)
class Workload:
    """What one schedule is about.

    Attributes:
        changes: of the source; the first one is at the start.
        firings: of the schedule, by arrival.
        consumed_after: until then curation's queue is not read, so that much comes at once.
        keeps_versions: versions are kept beside the records.
        remembers_tokens: the table knows a transaction's name for ten minutes.
        contention: share of transactions that another cancels.
    """

    changes: tuple[Change, ...]
    firings: tuple[Firing, ...]
    consumed_after: float
    keeps_versions: bool
    remembers_tokens: bool
    contention: float

    def body_at(self, after: float) -> bytes:
        """Return what the source answers, so many seconds from the start."""
        return [change for change in self.changes if change.after <= after][-1].body


def draw_workload(seed: int) -> Workload:
    """Draw one from a seed; some schedules run past midnight."""
    rng = random.Random(f"lake {seed}")  # noqa: S311 - a schedule, no secret
    chance: Callable[[float], bool] = lambda share: rng.random() < share  # noqa: E731
    period, fires = rng.choice(_PERIODS), rng.randint(2, 5)
    start = _TO_MIDNIGHT - rng.randint(1, fires) * period + 1.0 if chance(0.4) else 0.0
    firings = [
        Firing(start + turn * period, start + turn * period + rng.choice(_LATE))
        for turn in range(fires)
        for _ in range(2 if chance(0.3) else 1)
    ]
    return Workload(
        changes=_draw_changes(rng, start, rng.choice((period, period, 40.0)), fires),
        firings=tuple(sorted(firings, key=lambda each: each.arrives_after)),
        consumed_after=rng.choice((0.0, 0.0, start + fires * period + 60.0)),
        keeps_versions=chance(0.3),
        remembers_tokens=chance(0.5),
        contention=rng.choice((0.0, 0.0, 0.2, 0.5)),
    )


def _draw_changes(rng: random.Random, start: float, period: float, turns: int) -> tuple[Change, ...]:
    """Let records change, come and go, and the whole source go back to what it was."""
    chance: Callable[[float], bool] = lambda share: rng.random() < share  # noqa: E731
    bad = rng.choice(([], [], [], [], [], [], [], [], [INVALID], [POISON]))
    numbers = [*range(1, rng.randint(1, 4) + 1), *bad]
    titles = {number: rng.choice(_COLOURS) for number in numbers}
    changes: list[Change] = []
    for turn in range(turns):
        after = 0.0 if turn == 0 else start + turn * period - rng.choice((0.0, 10.0))
        if turn > 1 and chance(0.4):
            changes.append(Change(after, changes[-2].records))
            continue
        titles = {number: rng.choice(_COLOURS) if chance(0.4) else title for number, title in titles.items()}
        there = [(number, title) for number, title in titles.items() if chance(0.85)]
        if there and chance(0.1):
            there.append((there[0][0], rng.choice(_COLOURS)))
        changes.append(Change(after, tuple(there)))
    return tuple(changes)
