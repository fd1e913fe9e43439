"""Lambda's poller of one shard, by AWS's rules.

One batch of a shard is under way at a time (ParallelizationFactor 1). An error, a time-out and a crash halve the batch,
which costs no retry; a batch of one is offered again. A partial answer cuts the batch at the lowest number that failed,
and what is left is offered again; a number that is not in the batch is an error. Before each attempt, records that are
too old are given up: they go to the on-failure destination. The function may live on while the poller holds it for
dead: its answer then counts for nothing. A child shard waits for its parent's end.

The sandbox has the same rules for itself (baler_kinesis.delivery); test_poller.py holds the two to each other.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.events.stream_record import StreamRecord

# Before what failed is offered again: the wait doubles, as Lambda's does.
_BACKOFF_SECONDS: Final = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)


@dataclass(frozen=True)
class MappingRules:
    """A mapping's configuration, and what AWS leaves open.

    Attributes:
        batch: records in one at most.
        halves_partial: a partial answer that cuts nothing off halves the batch; AWS does not say.
        oldest_seconds: the age at which a record is given up.
        begins_at: when it is switched on, seconds since the epoch.
    """

    batch: int
    halves_partial: bool = False
    oldest_seconds: float = math.inf
    begins_at: float = 0.0


class ShardPoller:
    """Reads one shard.

    Attributes:
        name: in reports.
        records: of the shard, in order; each can be had from its arrival on.
    """

    def __init__(
        self,
        name: str,
        records: Sequence[StreamRecord],
        rules: MappingRules,
        parent: Callable[[], bool],
        discard: Callable[[Sequence[StreamRecord]], None],
    ) -> None:
        """Take also whether the parent, if any, is at its end, and what takes the records that are given up."""
        self.name = name
        self.records = records
        self._rules = rules
        self._parent_is_over = parent
        self._discard = discard
        self._position = 0
        self._again: list[Sequence[StreamRecord]] = []
        self._again_at = 0.0
        self._failures = 0
        self._tokens = itertools.count(1)
        self._token: int | None = None
        self._current: Sequence[StreamRecord] = ()

    @property
    def is_over(self) -> bool:
        """Whether all records are done."""
        return self._token is None and not self._again and self._position == len(self.records)

    def ready_at(self) -> float | None:
        """When there is a batch to begin, seconds since the epoch; None while there is none."""
        if self._token is not None or self.is_over or not self._parent_is_over():
            return None
        if self._again:
            return self._again_at
        return max(self._rules.begins_at, self.records[self._position].arrived_at)

    def begin(self, now: float) -> tuple[int, Sequence[StreamRecord]] | None:
        """Return what names the next batch, and the batch; None if all of it is too old."""
        offered = self._again.pop(0) if self._again else self._read(now)
        young = [record for record in offered if record.arrived_at >= now - self._rules.oldest_seconds]
        if len(young) < len(offered):
            self._discard([record for record in offered if record not in young])
        if not young:
            self._failures = 0
            return None
        self._current = young
        self._token = next(self._tokens)
        return self._token, young

    def _read(self, now: float) -> Sequence[StreamRecord]:
        begin, end = self._position, self._position
        while end < min(len(self.records), begin + self._rules.batch) and self.records[end].arrived_at <= now:
            end += 1
        self._position = end
        return self.records[begin:end]

    def succeed(self, token: int) -> None:
        """All of the batch is done."""
        if token == self._token:
            self._token = None
            self._failures = 0

    def fail(self, token: int, now: float) -> None:
        """The function failed or is held for dead."""
        if token != self._token:
            return
        self._token = None
        self._wait(now)
        middle = len(self._current) // 2
        halves = [self._current[:middle], self._current[middle:]]
        self._again = [*(half for half in halves if half), *self._again]

    def fail_from(self, token: int, number: str, now: float) -> None:
        """The function answered with the lowest number that failed."""
        if token != self._token:
            return
        numbers = [record.sequence_number for record in self._current]
        at = numbers.index(number) if number in numbers else None
        if at is None or (at == 0 and self._rules.halves_partial):
            self.fail(token, now)
            return
        self._token = None
        self._wait(now)
        self._again.insert(0, self._current[at:])

    def lose_checkpoint(self, position: int) -> None:
        """Begin anew, and pass over nothing that is not done; what is under way counts for nothing."""
        under_way = [self._current] if self._token is not None else []
        undone = [record for batch in (*under_way, *self._again) for record in batch]
        done = self.records.index(undone[0]) if undone else self._position
        self._token = None
        self._again.clear()
        self._position = min(position, done)

    def _wait(self, now: float) -> None:
        self._again_at = now + _BACKOFF_SECONDS[min(self._failures, len(_BACKOFF_SECONDS) - 1)]
        self._failures += 1
