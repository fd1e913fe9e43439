"""The bill of the event stream, and the check of the document's estimates, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.commands.cost.document import bill_lines
from baler.prices import price_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.cost.events.estimate import EventComparison
    from baler.commands.cost.events.monthly import EventMonth


def event_document(month: EventMonth, compared: Sequence[EventComparison]) -> dict[str, object]:
    """Return everything, in US dollars."""
    traffic, prices = month.traffic, price_list()
    return {
        "region": prices.region,
        "prices_as_of": prices.as_of,
        "events_per_second": traffic.profile.events_per_second,
        "event_bytes": traffic.profile.event_bytes,
        "shards": traffic.shards,
        "events": traffic.events,
        "batches": traffic.batches,
        "objects": traffic.objects,
        "events_per_batch": traffic.batch_records,
        "events_per_object": traffic.object_events,
        "total_usd": month.bill.usd,
        "lines": bill_lines(month.bill),
        "requirement_estimates": [
            {
                "document": 5,
                "name": one.estimate.name,
                "lines": [
                    {
                        "service": each.line.service,
                        "usd": each.line.low,
                        "ours_usd": each.ours,
                        "verdict": each.verdict,
                        "reasons": each.line.reasons,
                    }
                    for each in [*one.lines, one.total]
                ],
            }
            for one in compared
        ],
    }
