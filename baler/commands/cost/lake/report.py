"""What `baler cost` says of the lake, for people and for programs, beside the lines of its bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.commands.cost.document import bill_lines
from baler.commands.cost.report import EstimateCheck
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.lake.estimate import LakeComparison
    from baler.commands.cost.lake.monthly import LakeMonth


def lake_title(stack: str, month: LakeMonth) -> str:
    """Return what the bill is of."""
    profile = month.traffic.profile
    return (
        f"A month of {stack}: {profile.sources} sources, {month.traffic.objects:,.0f} answers that differ, "
        f"{profile.new_records:g} records new or changed in each, {profile.requests:,.0f} requests"
    )


def lake_check(compared: LakeComparison) -> EstimateCheck:
    """Return the document's table beside ours, in dollars."""
    load = "2 sources every 5 minutes, about 100,000 writes, 10,000 requests"
    return EstimateCheck(
        f"The estimate of requirement document 4 ({load}), $ a month", [*compared.lines, compared.total]
    )


def lake_document(month: LakeMonth, compared: LakeComparison) -> dict[str, object]:
    """Return everything, in US dollars."""
    traffic, prices = month.traffic, price_list()
    return {
        "region": prices.region,
        "prices_as_of": prices.as_of,
        "sources": traffic.profile.sources,
        "requests": traffic.profile.requests,
        "raw_objects": traffic.objects,
        "records_written": traffic.written,
        "total_usd": month.bill.usd,
        "lines": bill_lines(month.bill),
        "requirement_estimates": [
            {
                "document": 4,
                "lines": [
                    {
                        "service": each.line.service,
                        "usd": each.line.low,
                        "ours_usd": each.ours,
                        "verdict": each.verdict,
                        "reasons": each.line.reasons,
                    }
                    for each in [*compared.lines, compared.total]
                ],
            }
        ],
    }
