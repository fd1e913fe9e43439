"""What `baler cost` prints: two tables for people, or one document for programs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table

from baler.commands.cost.estimate import total
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.bill import Line
    from baler.commands.cost.estimate import Compared
    from baler.commands.cost.monthly import Month


def bill_table(stack: str, month: Month) -> Table:
    """Return the bill, line by line; a `?` marks a price that is not certain to be that of the region."""
    profile = month.traffic.profile
    table = Table(
        title=f"A month of {stack}: {profile.files_per_second:g} files/s of {profile.file_bytes:,.0f} bytes, "
        f"{month.traffic.batch_files:.0f} a batch",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    table.add_column("")
    table.add_column("quantity", justify="right")
    table.add_column("$ each", justify="right")
    table.add_column("$ a month", justify="right")
    table.add_column("", style="dim")
    for part, lines in groupby(month.bill.lines, key=lambda line: line.part):
        for number, line in enumerate(lines):
            table.add_row(
                part.value if number == 0 else "",
                line.item,
                f"{_number(line.quantity)} {line.price.unit}",
                _price(line),
                f"{line.usd:,.2f}",
                line.note,
            )
        table.add_row("", "", "", "", f"[bold]{month.bill.of(part):,.2f}", "", end_section=True)
    table.add_row("[bold]Total", "", "", "", f"[bold]{month.bill.usd:,.2f}", "without tax and free allowances")
    return table


def estimate_table(lines: list[Compared]) -> Table:
    """Return the lines of requirement document 1 beside ours, in pounds."""
    table = Table(
        title="The estimate of requirement document 1 (10 files/s of 25 KB, a VPN), £ a month",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    table.add_column("theirs", justify="right")
    table.add_column("ours", justify="right")
    table.add_column("theirs is")
    table.add_column("")
    for one in [*lines, total(lines)]:
        low, high = one.claimed.low, one.claimed.high
        theirs = f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
        table.add_row(one.claimed.service, theirs, f"{one.ours:.0f}", one.verdict, one.claimed.reasons)
    return table


def footnote() -> str:
    """Return where the prices are from."""
    prices = price_list()
    return (
        f"List prices of {prices.region} as of {prices.as_of}; those with ? are another region's or second-hand "
        f"(baler/prices.toml). £1 is taken for ${prices.usd_per_gbp:g}."
    )


def document(stack: str, month: Month, lines: list[Compared]) -> dict[str, object]:
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
                "service": one.claimed.service,
                "low_gbp": one.claimed.low,
                "high_gbp": one.claimed.high,
                "ours_gbp": one.ours,
                "verdict": one.verdict,
                "reasons": one.claimed.reasons,
            }
            for one in [*lines, total(lines)]
        ],
    }


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 or quantity == int(quantity) else f"{quantity:,.2f}"  # noqa: PLR2004 - digits enough


def _price(line: Line) -> str:
    price = line.price
    per = f" / {price.per:,}" if price.per > 1 else ""
    return f"{price.usd:.12f}".rstrip("0").rstrip(".") + per + ("" if price.certain else " ?")
