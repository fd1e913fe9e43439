"""Compactors that are wrong, each in one way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from runtime.events.compactor.compactor import Compactor, Outcome, Report
from simulation_events.catalog import CatalogTable, DataFile, State
from simulation_events.situation import Design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.events.partition import Partition
    from baler.events.table.source_rows import SourceRows


class _Changed(CatalogTable):
    """A table whose states differ from the real one's."""

    state: type[State] = State

    def snapshot(self) -> State:
        real = super().snapshot()
        return self.state(real.call, real.catalog, real.version, real.files)


class _AppendingState(State):
    def holding(self, sources: Sequence[SourceRows]) -> frozenset[str]:
        del sources
        return frozenset()


class Appends(_Changed):
    """Adds rows, whatever the table has of their source."""

    state = _AppendingState


class _TwoStepState(State):
    def commit(self, sources: Sequence[SourceRows], replaced: frozenset[str]) -> bool:
        if replaced:
            if not super().commit((), replaced):
                return False
            newer = CatalogTable(self.call, self.catalog).snapshot()
            return newer.commit(sources, frozenset())
        return super().commit(sources, replaced)


class DeletesThenAppends(_Changed):
    """Replaces in two commits."""

    state = _TwoStepState


class _BlindState(State):
    def rewrite(self, hour: Partition) -> bool:
        return _Blindly(self.call, self.catalog, self.version, self.files).rewrite(hour)


class _Blindly(State):
    def _swap(self, files: tuple[DataFile, ...]) -> bool:
        subject = f"state {self.version}"
        return self.call("catalog.commit", subject, lambda: self.catalog.swap(self.catalog.version, files))


class RewritesBlindly(_Changed):
    """Puts a rewritten hour in place of whatever is current."""

    state = _BlindState


class SweepsTheYoung(CatalogTable):
    """Deletes whatever the current state does not have."""

    def sweep(self, before: datetime) -> int:
        del before
        return super().sweep(datetime.max.replace(tzinfo=UTC))


class ReadsObjectsFirst(Compactor):
    """Keeps what it read of an object over a conflict."""

    def _commit(self, keys: Sequence[str]) -> dict[str, Report]:
        self._read_before = super()._rows_of(keys)
        return super()._commit(keys)

    def _rows_of(self, keys: Sequence[str]) -> dict[str, Report]:
        del keys
        return self._read_before


class _DeafState(State):
    def commit(self, sources: Sequence[SourceRows], replaced: frozenset[str]) -> bool:
        super().commit(sources, replaced)
        return True


class TakesConflictForSuccess(_Changed):
    """Makes nothing of another's commit that came first."""

    state = _DeafState


class TakesUnknownForSuccess(Compactor):
    """Acknowledges what was not answered."""

    def _commit(self, keys: Sequence[str]) -> dict[str, Report]:
        return {
            key: Report(Outcome.COMMITTED) if report.outcome is Outcome.RETRY else report
            for key, report in super()._commit(keys).items()
        }


BROKEN_COMPACTORS: Final = {
    "appends": Design(catalog=Appends),
    "deletes-then-appends": Design(catalog=DeletesThenAppends),
    "rewrites-blindly": Design(catalog=RewritesBlindly),
    "sweeps-the-young": Design(catalog=SweepsTheYoung),
    "reads-objects-first": Design(compactor=ReadsObjectsFirst),
    "takes-conflict-for-success": Design(catalog=TakesConflictForSuccess),
    "takes-unknown-for-success": Design(compactor=TakesUnknownForSuccess),
    "acknowledges-before-the-commit": Design(acknowledges_first=True),
}
