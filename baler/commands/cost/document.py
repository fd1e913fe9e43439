"""The bill and the check of the requirements' estimates for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.bill import Bill
    from baler.commands.cost.estimate import Comparison
    from baler.commands.cost.monthly import Month


def document(stack: str, month: Month, compared: list[Comparison]) -> dict[str, object]:
    """Return everything, for programs: US dollars for the bill, pounds for the comparison."""
    traffic = month.traffic
    prices = price_list()
    return {
        "stack": stack,
        "region": prices.region,
        "prices_as_of": prices.as_of,
        "files_per_second": traffic.profile.files_per_second,
        "file_bytes": traffic.profile.file_bytes,
        "files": traffic.files,
        "bundles": traffic.bundles,
        "files_per_batch": traffic.batch_files,
        "total_usd": month.bill.usd,
        "lines": bill_lines(month.bill),
        "requirement_estimates": [
            {
                "document": one.estimate.document,
                "delivery": one.estimate.delivery,
                "lines": [
                    {
                        "service": each.line.service,
                        "low_gbp": each.line.low,
                        "high_gbp": each.line.high,
                        "ours_gbp": each.ours,
                        "verdict": each.verdict,
                        "reasons": each.line.reasons,
                    }
                    for each in [*one.lines, one.total]
                ],
            }
            for one in compared
        ],
    }


def bill_lines(bill: Bill) -> list[dict[str, object]]:
    """Return every line of a bill."""
    return [
        {
            "part": line.part.value,
            "item": line.item,
            "quantity": line.quantity,
            "unit": line.price.unit,
            "usd_each": line.price.usd / line.price.per,
            "certain": line.price.certain,
            "usd": line.usd,
            "note": line.note,
        }
        for line in bill.lines
    ]
