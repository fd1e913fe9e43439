"""What the model of the event stream prints, and what it writes for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from baler.commands.cost.traffic import SECONDS_PER_MONTH
from benchmarks.model.events.limits import event_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model.events.plan import Plan

_MILLION: Final = 1e6
# Of the batch, its size as it is set and the records that are in it; of an object, what is put a second and its size.
_COLUMNS: Final = (
    *("events/s", "shards", "batch", "records", "p50 s", "p95 s", "functions", "objects/s", "KB", "$", "$/M"),
)


def table(stack: str, plans: Sequence[Plan]) -> Table:
    """Return a row a rate."""
    made = Table(title=f"{stack}: what a rate of events needs")
    for name in _COLUMNS:
        made.add_column(name, justify="right")
    for plan in plans:
        row = document_of(plan)
        made.add_row(
            f"{row['events_per_second']:,.0f}",
            f"{row['shards']:,}",
            f"{row['batch_size']:,}",
            f"{row['batch_records']:.0f}",
            f"{row['latency_p50_seconds']:.1f}",
            f"{row['latency_p95_seconds']:.1f}",
            f"{sum(row['functions_at_once'].values()):.1f}",
            f"{row['objects_per_second']:,.1f}",
            f"{row['object_bytes'] / 1000:.1f}",
            f"{row['usd_a_month']:,.0f}",
            f"{row['usd_a_million_events']:.2f}",
        )
    return made


def advice(plans: Sequence[Plan]) -> list[str]:
    """Return what binds, a line each."""
    return [
        f"{plan.profile.events_per_second:,.0f} events/s: {limit.name}: {limit.used:,.1f} of {limit.allowed:,.0f}: "
        f"{limit.remedy}"
        for plan in plans
        for limit in event_limits(plan)
        if limit.binds
    ]


def document(stack: str, plans: Sequence[Plan]) -> dict[str, Any]:
    """Return everything for programs."""
    return {"stack": stack, "plans": [document_of(plan) for plan in plans]}


def document_of(plan: Plan) -> dict[str, Any]:
    """Return one rate for programs: seconds, bytes and dollars in the names."""
    traffic, bill = plan.month.traffic, plan.month.bill
    return {
        "events_per_second": plan.profile.events_per_second,
        "event_bytes": plan.profile.event_bytes,
        "shards": traffic.shards,
        "batch_size": plan.settings.batch_size,
        "batch_records": traffic.batch_records,
        "batch_seconds": traffic.batch_seconds,
        "records_per_second_of_a_shard_at_most": traffic.shard_capacity,
        "latency_p50_seconds": plan.latency_p50,
        "latency_p95_seconds": plan.latency_p95,
        "functions_at_once": {
            "processor": plan.processors,
            "transformer": plan.transformers,
            "compactor": plan.compactors,
        },
        "objects_per_second": traffic.objects / SECONDS_PER_MONTH,
        "object_bytes": traffic.object_events * traffic.raw_bytes,
        "keeps_up": plan.keeps_up,
        "table_keeps_up": plan.table_keeps_up,
        "usd_a_month": bill.usd,
        "usd_a_million_events": bill.usd / (traffic.events / _MILLION),
        "usd_by_part": {part.value: bill.of(part) for part in bill.parts},
        "limits": [
            {"name": limit.name, "used": limit.used, "allowed": limit.allowed, "binds": limit.binds}
            for limit in event_limits(plan)
        ],
    }
