"""What `baler cost` prints for people: the sum, its parts and the largest lines, or every line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart
from baler.commands.cost.columns import columns
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.bill import Bill, Line
    from baler.commands.cost.estimate import Comparison
    from baler.commands.cost.monthly import Month

_LARGEST: Final = 8


def summary(stack: str, month: Month, width: int | None) -> list[str]:
    """Return the lines of the short report: what each part costs, and the largest lines of the bill."""
    bill = month.bill
    largest = sorted(bill.lines, key=lambda line: line.usd, reverse=True)[:_LARGEST]
    return [
        _title(stack, month),
        "",
        *columns(
            [
                ("$ a month", ""),
                *((f"{bill.of(part):,.2f}", part.value) for part in _parts(bill)),
                (f"{bill.usd:,.2f}", "total, without tax and free allowances"),
            ],
            "><",
            width,
        ),
        "",
        f"The {len(largest)} largest of {len(bill.lines)} lines:",
        "",
        *columns(
            [
                ("$ a month", "share", ""),
                *((f"{line.usd:,.2f}", f"{line.usd / bill.usd:.0%}", f"{line.part}: {line.item}") for line in largest),
            ],
            ">><",
            width,
        ),
        "",
        "Every line with its price, and the check of the requirements' estimates: --all.",
    ]


def every_line(stack: str, month: Month, compared: list[Comparison], width: int | None) -> list[str]:
    """Return the lines of the whole report; a `?` marks a price that is not certain to be that of the region."""
    bill = month.bill
    rows = [("$ a month", "quantity", "", "$ each", "", "what it rests on")]
    for part in _parts(bill):
        rows += [
            (
                f"{line.usd:,.2f}",
                _number(line.quantity),
                line.price.unit,
                _price(line),
                f"{part}: {line.item}",
                line.note,
            )
            for line in bill.lines
            if line.part is part
        ]
        rows.append((f"{bill.of(part):,.2f}", "", "", "", f"{part}: together", ""))
    rows.append((f"{bill.usd:,.2f}", "", "", "", "total", "without tax and free allowances"))
    checks = [text for one in compared for text in ("", *_estimate(one, width))]
    return [_title(stack, month), "", *columns(rows, ">><><<", width), *checks]


def footnote() -> str:
    """Return where the prices are from."""
    prices = price_list()
    return (
        f"List prices of {prices.region} as of {prices.as_of}; those with ? are another region's or second-hand "
        f"(baler/prices.toml). £1 is taken for ${prices.usd_per_gbp:g}."
    )


def _title(stack: str, month: Month) -> str:
    profile = month.traffic.profile
    return (
        f"A month of {stack}: {profile.files_per_second:g} files/s of {profile.file_bytes:,.0f} bytes, "
        f"{month.traffic.batch_files:.0f} a batch"
    )


def _parts(bill: Bill) -> list[BillPart]:
    """Return the parts that the stack has."""
    return [part for part in BillPart if any(line.part is part for line in bill.lines)]


def _estimate(compared: Comparison, width: int | None) -> list[str]:
    """Return the lines of a requirement document beside ours, in pounds."""
    rows = [("theirs", "ours", "theirs is", "", "")]
    for one in [*compared.lines, compared.total]:
        low, high = one.line.low, one.line.high
        theirs = f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
        rows.append((theirs, f"{one.ours:.0f}", one.verdict, one.line.service, one.line.reasons))
    traffic = f"10 files/s of 25 KB, a VPN, delivery {compared.estimate.delivery}"
    return [
        f"The estimate of requirement document {compared.estimate.document} ({traffic}), £ a month",
        "",
        *columns(rows, ">><<<", width),
    ]


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 or quantity == int(quantity) else f"{quantity:,.2f}"  # noqa: PLR2004 - digits enough


def _price(line: Line) -> str:
    price = line.price
    per = f" / {price.per:,}" if price.per > 1 else ""
    return f"{price.usd:.12f}".rstrip("0").rstrip(".") + per + ("" if price.certain else " ?")
