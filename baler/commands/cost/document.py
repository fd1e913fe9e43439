"""The bill and the check of the requirements' estimate for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.commands.cost.estimate import total
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.estimate import ComparedLine
    from baler.commands.cost.monthly import Month


def document(stack: str, month: Month, lines: list[ComparedLine]) -> dict[str, object]:
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
        "lines": [
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
            for line in month.bill.lines
        ],
        "requirement_estimate": [
            {
                "service": one.line.service,
                "low_gbp": one.line.low,
                "high_gbp": one.line.high,
                "ours_gbp": one.ours,
                "verdict": one.verdict,
                "reasons": one.line.reasons,
            }
            for one in [*lines, total(lines)]
        ],
    }
