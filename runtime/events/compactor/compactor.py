"""Brings processed objects into the table, each once, and the table into few files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from baler.events.event_time import LATEST
from baler.events.raw_object import ForeignObjectError
from baler.events.refusal_reason import RefusalReason
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from baler.events.partition import Partition
    from baler.events.table.source_rows import SourceRows
    from runtime.events.compactor.ports import EventTable, ProcessedStore, ReadRows, Snapshot, TableSize

_Answer = TypeVar("_Answer")

TRIES: Final = 4
"""How often a commit is made anew because another one came first, or because a call failed that may go well now. Two
writers that take turns need two."""
SETTLING: Final = timedelta(minutes=15)
"""So long after its end an hour is rewritten: by then nearly all of its events are in the table."""
RETENTION: Final = timedelta(days=1)
"""How long a state of the table can be queried after another one took its place, and how old a file must be to be
nobody's: more than a query or an invocation lasts."""
MOST_BYTES: Final = 48 * 1024 * 1024
"""Of processed objects in one commit; a row takes about ten times its bytes of memory until it is written."""


class Outcome(StrEnum):
    """What became of an announced object."""

    COMMITTED = "committed"
    """Its events are in the table, and no other rows of it."""

    RETRY = "retry"
    """Something did not answer, there was no time, or others were faster each time."""

    REFUSED = "refused"
    """Never: it is not what a transformer wrote, or it is gone. For the dead letters and an alarm."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an object.

    Attributes:
        outcome: in one word.
        reason: of RETRY.
        refusal: of REFUSED.
        rows: of COMMITTED.
        replaced: whether the table had rows of it: it was announced again, or processed anew.
    """

    outcome: Outcome
    reason: str = ""
    refusal: RefusalReason | None = None
    rows: SourceRows | None = None
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Announced:
    """A processed object of which S3 has told.

    Attributes:
        key: of the object.
        size: bytes, as its event has them.
    """

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What a run made of the table.

    Attributes:
        rewritten_hours: hours whose files are fewer now.
        removed_files: files that no state of the table had any more.
        size: what the table has now.
    """

    rewritten_hours: int
    removed_files: int
    size: TableSize


class Compactor:
    """Brings objects into the table.

    A source replaces what the table has of it. So an event that comes twice, a retry after an unknown outcome, and what
    was processed anew all meet themselves.

    Args:
        table: the table.
        store: the processed objects.
        read: makes rows of one.
        has_time: whether another commit may begin.
        on_conflict: called each time that another commit came first.
        pause: called before something is tried again that failed.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        *,
        table: EventTable,
        store: ProcessedStore,
        read: ReadRows,
        has_time: Callable[[], bool],
        on_conflict: Callable[[], None] = lambda: None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._table = table
        self._store = store
        self._read = read
        self._has_time = has_time
        self._on_conflict = on_conflict
        self._pause = pause

    def handle(self, announced: Sequence[Announced]) -> Mapping[str, Report]:
        """Bring objects into the table; return what became of each, by its key."""
        reports: dict[str, Report] = {}
        for keys in _portions({each.key: each.size for each in announced}):
            reports |= self._commit(keys)
        return reports

    def _commit(self, keys: Sequence[str]) -> dict[str, Report]:
        reason = ""
        for _ in range(TRIES):
            if not self._has_time():
                reason = reason or "no time is left"
                break
            try:
                reports = self._commit_once(keys)
            except Unavailable as error:
                # One of some thirty calls, each tried again already. What waits would wait for all of the queue's
                # time-out; and if the commit took effect, it meets itself.
                reason = str(error)
                self._pause()
                continue
            if reports is not None:
                return reports
            reason = "other commits came first"
            self._on_conflict()
        return dict.fromkeys(keys, Report(Outcome.RETRY, reason))

    def _commit_once(self, keys: Sequence[str]) -> dict[str, Report] | None:
        """Return what became of each; None where another commit came first.

        Raises:
            Unavailable: a store does not answer. Whether the commit took effect is unknown.
        """
        # Before the objects: if one is processed anew after it was read here, and its new rows are committed
        # first, then this state is no longer the current one, and the old rows are not.
        snapshot = self._table.snapshot()
        reports = self._rows_of(keys)
        sources = [report.rows for report in reports.values() if report.rows]
        held = snapshot.holding(sources) if sources else frozenset[str]()
        if sources and not snapshot.commit(sources, held):
            return None
        return reports | {key: replace(reports[key], replaced=True) for key in held}

    def _rows_of(self, keys: Sequence[str]) -> dict[str, Report]:
        bodies = self._store.get(keys)
        return {key: self._report(key, bodies) for key in keys}

    def _report(self, key: str, bodies: Mapping[str, bytes | None]) -> Report:
        if key not in bodies:
            return Report(Outcome.RETRY, "it could not be read")
        body = bodies[key]
        if body is None:
            return Report(Outcome.REFUSED, refusal=RefusalReason.OBJECT_MISSING)
        try:
            return Report(Outcome.COMMITTED, rows=self._read(key, body))
        except ForeignObjectError:
            return Report(Outcome.REFUSED, refusal=RefusalReason.FOREIGN_CONTENT)

    def keep(self, now: datetime, days: int, *, open_hours: bool = False) -> Maintenance:
        """Drop hours that are past their time, bring closed ones into few files, and delete what nobody reads any more.

        Args:
            now: UTC.
            days: how long after its own time an event stays in the table; 0 for ever.
            open_hours: rewrite those too that have not ended, which get new files again.

        Raises:
            Unavailable: a store does not answer. What was done by then stays, and the next run goes on.
        """
        if days:
            self._until_done(lambda snapshot: snapshot.drop(now - timedelta(days=days)))
        rewritten: set[Partition] = set()
        before = LATEST if open_hours else now - SETTLING
        while self._has_time() and (hours := self._answer(lambda: self._table.snapshot().scattered(before))):
            for hour in hours:
                if self._until_done(lambda snapshot, hour=hour: snapshot.rewrite(hour)):
                    rewritten.add(hour)
            if not rewritten.issuperset(hours):
                break
        removed = self._answer(lambda: self._table.sweep(now - RETENTION)) if self._has_time() else 0
        return Maintenance(len(rewritten), removed, self._answer(self._table.size))

    def _until_done(self, step: Callable[[Snapshot], bool]) -> bool:
        """Whether a step was done, as often as it had to be made anew."""
        for _ in range(TRIES):
            if not self._has_time():
                return False
            if self._answer(lambda: step(self._table.snapshot())):
                return True
            self._on_conflict()
        return False

    def _answer(self, ask: Callable[[], _Answer]) -> _Answer:
        """Return an answer, as often as it has to be asked for.

        Raises:
            Unavailable: it does not come, or there is no time for more.
        """
        for _ in range(TRIES - 1):
            try:
                return ask()
            except Unavailable:
                if not self._has_time():
                    raise
                self._pause()
        return ask()


def _portions(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield the keys in groups of at most `MOST_BYTES`, each of one object at least."""
    portion: list[str] = []
    size = 0
    for key, each in sizes.items():
        if portion and size + each > MOST_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(key)
        size += each
    if portion:
        yield portion
