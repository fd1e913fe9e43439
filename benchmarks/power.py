"""Power tuning: what each memory size of a function makes of its speed and its price.

Lambda gives a function a share of a processor by its memory. Here the processes that do the functions' work are held to
that share (benchmarks/throttle.py), and what they take is priced by the price list. Waiting for the fast floor or the
sink is in it, as waiting for AWS would be.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.prices import price
from benchmarks import deliveries
from benchmarks.content import json_lines
from benchmarks.contestant import running
from benchmarks.end_to_end import BATCH, FILE_BYTES
from benchmarks.events import invocation
from benchmarks.floor.endpoints import Endpoints
from benchmarks.package import PYTHON, environment
from benchmarks.spread import Spread, in_turns
from benchmarks.throttle import throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.contestant import Contestant, Taken
    from benchmarks.stage import Stage

MEGABYTES: Final = (256, 512, 1024, 1769)
"""The sizes. With less than 256 MB the aggregator's own 74 MiB and its buffers leave no room for a large file."""

AGGREGATOR: Final = "aggregator, a batch of 100 files of 2 KB"
COURIER: Final = "courier, a bundle of 1 MB"

# Lambda developer guide, "Configure Lambda function memory": at this size a function has one whole processor.
_MEGABYTES_OF_ONE_PROCESSOR: Final = 1769
_MEGABYTES_OF_A_GIGABYTE: Final = 1024
_BUNDLES: Final = 20
_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Powered:
    """One function of one size.

    Attributes:
        seconds: for one piece of work.
        usd: US dollars for a million of them, memory alone: a request costs the same whatever the size.
    """

    seconds: Spread
    usd: Spread


def share_of(megabytes: int) -> float:
    """Return the share of a processor that a function of this size has, one at the most: Python has use for one."""
    return min(1.0, megabytes / _MEGABYTES_OF_ONE_PROCESSOR)


def usd_of(seconds: float, megabytes: int) -> float:
    """Return what a million runs of so many seconds cost, on Arm as the function is deployed."""
    return price("lambda_arm64").of(seconds * megabytes / _MEGABYTES_OF_A_GIGABYTE * _MILLION)


def measure(stage: Stage, task: Path, folder: Path, logs: Path, rounds: int) -> dict[str, dict[int, Powered]]:
    """Let both functions work with each size in turns; returns by function, then by size.

    Args:
        stage: where.
        task: the aggregator's unpacked package.
        folder: for the bundle and the certificates.
        logs: folder for what the processes print.
        rounds: how often each.
    """
    files = stage.land("power", [json_lines(FILE_BYTES, number) for number in range(BATCH)])
    path = deliveries.bundle(folder, deliveries.SMALL)
    with ExitStack() as stack:
        table = stack.enter_context(stage.claim_table())
        variables = environment(task, stage.queue_url, table)
        aggregator = stack.enter_context(
            running("function", stage.endpoints, logs, python=PYTHON, environment=variables)
        )
        sink = stack.enter_context(deliveries.running_sink(folder))
        courier = stack.enter_context(running("courier_http", Endpoints.of_one("https://localhost"), logs))

        def aggregate() -> Taken:
            stage.empty(table)
            return aggregator.do(BATCH, invocations=[invocation(files)])

        return {
            AGGREGATOR: _sweep(aggregator, aggregate, 1, rounds),
            COURIER: _sweep(courier, lambda: deliveries.send(courier, sink, path, _BUNDLES), _BUNDLES, rounds),
        }


def _sweep(contestant: Contestant, work: Callable[[], Taken], pieces: int, rounds: int) -> dict[int, Powered]:
    def at(megabytes: int) -> Callable[[], Taken]:
        def run() -> Taken:
            with throttled(contestant.pid, share_of(megabytes)):
                return work()

        return run

    work()
    taken = in_turns({str(megabytes): at(megabytes) for megabytes in MEGABYTES}, rounds)
    return {megabytes: _powered(taken[str(megabytes)], pieces, megabytes) for megabytes in MEGABYTES}


def _powered(samples: Sequence[Taken], pieces: int, megabytes: int) -> Powered:
    seconds = [taken.seconds / pieces for taken in samples]
    return Powered(Spread(tuple(seconds)), Spread(tuple(usd_of(each, megabytes) for each in seconds)))
