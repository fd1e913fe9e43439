"""Runs many schedules on all cores, and counts."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from simulation.faults import Kind
from simulation.invariants import Harm
from simulation.subject import Pipeline, subject_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from multiprocessing.queues import SimpleQueue

_CHUNK: Final = 50


@dataclass
class Tally:
    """What schedules came to.

    Attributes:
        schedules, steps, crashes: how many ran, calls that they made, processes that died in them.
        harms: how many schedules did which harm.
        failed: the seeds that did.
        met: which kinds of fault met which calls.
    """

    schedules: int = 0
    steps: int = 0
    crashes: int = 0
    harms: dict[Harm, int] = field(default_factory=lambda: dict.fromkeys(Harm, 0))
    failed: list[int] = field(default_factory=list[int])
    met: set[tuple[str, Kind]] = field(default_factory=set[tuple[str, Kind]])

    def add(self, other: Tally) -> None:
        """Count another's schedules too."""
        self.schedules += other.schedules
        self.steps += other.steps
        self.crashes += other.crashes
        self.failed += other.failed
        self.met |= other.met
        for harm, count in other.harms.items():
            self.harms[harm] += count

    def line(self, seconds: float) -> str:
        """The closing line of a campaign that took so long."""
        harms = ", ".join(f"{harm} {count}" for harm, count in self.harms.items())
        return (
            f"{self.schedules} schedules, {self.steps} steps, {self.crashes} crashes injected, {harms} "
            f"({self.schedules / max(seconds, 1e-3):.0f} schedules/s)"
        )


def run_campaign(schedules: int, broken: str | None = None, pipeline: Pipeline = Pipeline.FILES) -> Generator[Tally]:
    """Run the seeds from 0, and yield what was counted, chunk by chunk; closing the iterator ends it early.

    One process a core, and each kept to its own: see fibers.py.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    # A process that is forked with threads may hang.
    context = multiprocessing.get_context("spawn")
    free: SimpleQueue[int] = context.SimpleQueue()
    for core in cores:
        free.put(core)
    chunks = [(pipeline, start, min(start + _CHUNK, schedules), broken) for start in range(0, schedules, _CHUNK)]
    # The workers inherit that Ctrl-C is blocked: it is for this process to end them. One that comes while they are
    # being started is delivered here afterwards; ignoring it meanwhile would lose it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        pool = context.Pool(min(len(cores), len(chunks)), _keep_to_one_core, (free,))
    except BaseException:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        raise
    with pool, closing(free):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield from pool.imap_unordered(_run_chunk, chunks)


def _keep_to_one_core(free: SimpleQueue[int]) -> None:
    core = free.get()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def _run_chunk(chunk: tuple[Pipeline, int, int, str | None]) -> Tally:
    pipeline, start, stop, broken = chunk
    subject, tally = subject_of(pipeline), Tally()
    for seed in range(start, stop):
        ran = subject.run(seed, broken, False)
        tally.schedules += 1
        tally.steps += ran.steps
        tally.crashes += ran.crashes
        tally.met.update((injected.name, injected.decision.kind) for injected in ran.injected)
        if ran.violation is not None:
            tally.harms[ran.violation.harm] += 1
            tally.failed.append(seed)
    return tally
