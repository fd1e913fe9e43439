"""What the model of lanes prints, and what it writes for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model.scale.outage import Recovery
    from benchmarks.model.scale.shape import Shape, Trial

_QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99.9": 0.999}
_SHAPE: Final = ("queues", "concurrency", "table", "S3")
_REFUSED: Final = ("waiting", "puts refused", "table throttled", "reads slowed")
_IN_FLIGHT: Final = ("most in flight", "nothing given out")
_AFTERWARDS: Final = {"p50": 0.5, "p95": 0.95}


def table(trials: Sequence[Trial]) -> Table:
    """Return a row for each trial."""
    told = _table("Seconds from S3's event to the mailbox, by what is declared")
    for name in ("files/s", *_SHAPE, *_QUANTILES, *_REFUSED, "$ a month"):
        told.add_column(name, justify="right")
    for one in trials:
        told.add_row(
            f"{one.rate:,.0f}",
            *_shape(one.shape),
            *(_seconds(one.latency(quantile)) for quantile in _QUANTILES.values()),
            f"{one.outcome.backlog:,}",
            f"{one.refused_puts:.0%}",
            f"{one.outcome.throttled:.0%}",
            f"{one.outcome.slowed:.0%}",
            f"{one.usd_per_month:,.0f}" if one.keeps_up else "-",
        )
    return told


def outage_table(recoveries: Sequence[Recovery]) -> Table:
    """Return a row for each shape after an outage."""
    told = _table("After a minute in which every function died")
    for name in ("files/s", "queues", "concurrency", *_IN_FLIGHT, "caught up after", *_AFTERWARDS):
        told.add_column(name, justify="right")
    for one in recoveries:
        told.add_row(
            f"{one.rate:,.0f}",
            f"{one.shape.lanes}",
            f"{one.shape.concurrency}",
            f"{one.outcome.most_in_flight:,}",
            f"{one.outcome.refused_seconds:.0f}",
            _seconds(one.seconds_to_catch_up),
            *(_seconds(one.latency_afterwards(quantile)) for quantile in _AFTERWARDS.values()),
        )
    return told


def document(stack: str, seed: int, trials: Sequence[Trial], recoveries: Sequence[Recovery]) -> dict[str, object]:
    """Return everything, for programs; a latency is null where the backlog grows without end."""
    return {
        "stack": stack,
        "seed": seed,
        "trials": [
            {
                "files_per_second": one.rate,
                **_fields(one.shape),
                "keeps_up": one.keeps_up,
                "latency_seconds": {name: one.latency(quantile) for name, quantile in _QUANTILES.items()},
                "backlog": one.outcome.backlog,
                "files_per_batch": one.outcome.files / max(1, one.outcome.batches),
                "functions_most": one.outcome.most_busy,
                "most_in_flight": one.outcome.most_in_flight,
                "failed_batches": one.outcome.failed_batches,
                "refused_puts": one.refused_puts,
                "throttled_writes": one.outcome.throttled,
                "slowed_reads": one.outcome.slowed,
                "usd_per_month": one.usd_per_month if one.keeps_up else None,
            }
            for one in trials
        ],
        "outages": [
            {
                "files_per_second": one.rate,
                **_fields(one.shape),
                "most_in_flight": one.outcome.most_in_flight,
                "refused_seconds": one.outcome.refused_seconds,
                "caught_up_seconds": one.seconds_to_catch_up,
                "latency_afterwards_seconds": {
                    name: one.latency_afterwards(quantile) for name, quantile in _QUANTILES.items()
                },
            }
            for one in recoveries
        ],
    }


def _shape(shape: Shape) -> list[str]:
    return [
        f"{shape.lanes}",
        f"{shape.concurrency}",
        f"{shape.table_writes:,.0f}",
        "divided" if shape.partitioned else "as new",
    ]


def _fields(shape: Shape) -> dict[str, object]:
    return {
        "queues": shape.lanes,
        "maximum_concurrency": shape.concurrency,
        "table_writes_per_second": shape.table_writes,
        "s3_has_partitioned": shape.partitioned,
    }


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold")


def _seconds(value: float | None) -> str:
    return "grows" if value is None else f"{value:.1f}"
