"""What AWS lets a stack have, and what a rate of events needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.events.processing import COMPACTOR_CONCURRENCY
from baler.commands.cost.traffic import SECONDS_PER_MONTH
from benchmarks.model.limits import ACCOUNT_CONCURRENCY, NEW_TABLE_WRITES, PUTS_PER_PREFIX, Limit

if TYPE_CHECKING:
    from benchmarks.model.events.plan import Plan

# DynamoDB developer guide, "Partitions and data distribution": write units a second of one partition key's items.
_WRITES_PER_KEY: Final = 1000


def event_limits(plan: Plan) -> list[Limit]:
    """Return the limits of the account and of the services for a plan."""
    traffic = plan.month.traffic
    per_second = traffic.objects / SECONDS_PER_MONTH
    written = {"batches committed", "objects noted as processed"}
    writes = sum(line.quantity for line in plan.month.bill.lines if line.item in written) / SECONDS_PER_MONTH
    a_shard = plan.profile.events_per_second / traffic.shards
    return [
        Limit("records a second, each shard's batches", a_shard, traffic.shard_capacity, "raise baler:eventsBatchSize"),
        Limit(
            "objects put a second, one prefix",
            per_second,
            PUTS_PER_PREFIX,
            "raise baler:eventsBatchSize",
        ),
        Limit("write units a second, new table", writes, NEW_TABLE_WRITES, "set the table's warm throughput before"),
        Limit("write units a second, one shard's items", writes / traffic.shards, _WRITES_PER_KEY, "add shards"),
        Limit(
            "functions at once, account",
            plan.processors + plan.transformers + plan.compactors,
            ACCOUNT_CONCURRENCY,
            "ask AWS for more",
        ),
        Limit(
            "transformers at once",
            plan.transformers,
            plan.settings.transformer_concurrency,
            "raise baler:eventsTransformerConcurrency",
        ),
        Limit(
            "compactors at once",
            plan.compactors,
            COMPACTOR_CONCURRENCY,
            "raise baler:eventsBatchSize and baler:eventsBatchingWindowSeconds: fewer, larger objects",
        ),
    ]
