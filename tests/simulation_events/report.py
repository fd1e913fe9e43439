"""How a schedule of the event stream reads."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from simulation.report import injected_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulation_events.schedule import Outcome
    from simulation_events.workload import Workload


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
    yield f"  {workload.readers} readers, each reads {workload.batch} records at most"
    for child, parent in workload.parents:
        yield f"  shard {child} is read after shard {parent}"
    for shard, records in groupby(sorted(workload.records, key=lambda each: each.shard), lambda each: each.shard):
        written = (f"{each.number} {each.nature} {each.partition} after {each.after:g} s" for each in records)
        yield f"  shard {shard}: {', '.join(written)}"
    for foreign in workload.foreign:
        yield f"  after {foreign.after:.1f} s the transformer is told of {foreign.key}"
    if workload.oldest_seconds < math.inf:
        yield f"  records of {workload.oldest_seconds:g} s are given up, and brought back after {workload.days} days"
    if workload.idle_seconds:
        yield f"  nobody reads for {workload.idle_seconds:g} s"
    yield from (f"  after {after:.1f} s the operator redrives" for after in workload.redrives)
    for replay in workload.replays:
        yield f"  after {replay.after:.1f} s shard {replay.shard} is replayed from {replay.first} to {replay.last}"
    yield from (f"  after {after:.1f} s newer code is to process all once more" for after in workload.reprocessed)
    for version in sorted(workload.rewritten_at):
        yield f"  hours are rewritten from state {version} of the table on"
    for lost in workload.lost:
        yield f"  after {lost.after:.1f} s reader {lost.reader} begins anew at its record {lost.position}"
