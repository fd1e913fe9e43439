"""What the model prints, and what it writes for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from benchmarks.model.prediction import percentile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.model.prediction import Prediction

_QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99.9": 0.999}


def table(stack: str, predictions: Iterable[Prediction]) -> Table:
    """Return one row a prediction."""
    told = Table(
        title=f"{stack} on AWS, predicted: seconds from S3's event to the mailbox",
        title_justify="left",
        title_style="bold",
    )
    told.add_column("files/s", justify="right")
    told.add_column("maximum concurrency", justify="right")
    for name in _QUANTILES:
        told.add_column(name, justify="right")
    told.add_column("p99.9 at first", justify="right")
    told.add_column("a batch", justify="right")
    told.add_column("at work", justify="right")
    told.add_column("$ a month", justify="right")
    for one in predictions:
        told.add_row(
            f"{one.rate:,.0f}",
            f"{one.maximum_concurrency}",
            *(_seconds(one.latency(quantile)) for quantile in _QUANTILES.values()),
            _seconds(_at_first(one)),
            f"{one.outcome.files / max(1, one.outcome.batches):.0f}",
            f"{one.busy:.1f}",
            f"{one.month.bill.usd:,.0f}" if one.keeps_up else "-",
        )
    return told


def advice(predictions: Iterable[Prediction]) -> list[str]:
    """Return what binds and what to do about it, a line each; nothing where nothing binds."""
    return [
        f"{one.rate:,.0f} files/s, maximum concurrency {one.maximum_concurrency}: {sentence}"
        for one in predictions
        for sentence in one.advice
    ]


def document(stack: str, seed: int, predictions: Iterable[Prediction]) -> dict[str, object]:
    """Return everything, for programs; a latency is null where the backlog grows without end."""
    return {
        "stack": stack,
        "seed": seed,
        "predictions": [
            {
                "files_per_second": one.rate,
                "maximum_concurrency": one.maximum_concurrency,
                "keeps_up": one.keeps_up,
                "latency_seconds": {name: one.latency(quantile) for name, quantile in _QUANTILES.items()},
                "warm_up_p999_seconds": _at_first(one),
                "files_per_batch": one.outcome.files / max(1, one.outcome.batches),
                "concurrency_mean": one.busy,
                "concurrency_most": one.outcome.most_busy,
                "readers_most": one.outcome.most_readers,
                "backlog": one.outcome.backlog,
                "concurrency_needed": one.concurrency_needed,
                "usd_per_month": one.month.bill.usd if one.keeps_up else None,
                "limits": [
                    {"name": limit.name, "used": limit.used, "allowed": limit.allowed, "binds": limit.binds}
                    for limit in one.limits
                ],
                "advice": one.advice,
            }
            for one in predictions
        ],
    }


def _at_first(one: Prediction) -> float | None:
    return percentile(one.outcome.warm_up, 0.999) if one.keeps_up and one.outcome.warm_up else None


def _seconds(value: float | None) -> str:
    return "grows" if value is None else f"{value:.1f}"
