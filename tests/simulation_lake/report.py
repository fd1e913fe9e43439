"""How a schedule of the lake reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.report import injected_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation_lake.schedule import Outcome
    from simulation_lake.workload import Workload


def describe(outcome: Outcome, drawn: int) -> str:
    """Tell what a schedule did: what broke, what went wrong before (of so many decisions drawn), and all calls."""
    return "\n".join(_lines(outcome, drawn))


def _lines(outcome: Outcome, drawn: int) -> Iterator[str]:
    yield f"seed {outcome.schedule.seed}: {outcome.violation or 'all invariants hold'}"
    yield from _workload(outcome.schedule.workload)
    yield f"  what goes wrong ({len(outcome.injected)} of the {drawn} decisions of the seed):"
    yield from (injected_line(injected) for injected in outcome.injected)
    yield "  what happens:"
    yield from outcome.trace


def _workload(workload: Workload) -> Iterator[str]:
    for change in workload.changes:
        records = ", ".join(f"{number} {title}" for number, title in change.records) or "nothing"
        yield f"  after {change.after:.1f} s the source has {records}"
    for firing in workload.firings:
        yield f"  after {firing.arrives_after:.1f} s comes the event of {firing.event:%H:%M:%S}"
    if workload.consumed_after:
        yield f"  nobody reads curation's queue for {workload.consumed_after:g} s"
    if workload.keeps_versions:
        yield "  versions are kept"
    if not workload.remembers_tokens:
        yield "  the table forgets the names of transactions"
    if workload.contention:
        yield f"  one in {1 / workload.contention:g} transactions is cancelled for another's sake"
