"""What `baler cost` prints for people: the sum, its parts and the largest lines, or every line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.commands.cost.columns import columns
from baler.prices import price_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.cost.bill import Bill, Line
    from baler.commands.cost.estimate import ComparedLine, Comparison
    from baler.commands.cost.monthly import Month

_LARGEST: Final = 8
_CENTS_BELOW: Final = 10


def summary(title: str, bill: Bill, width: int | None) -> list[str]:
    """Return the lines of the short report: what each part costs, and the largest lines of the bill."""
    largest = sorted(bill.lines, key=lambda line: line.usd, reverse=True)[:_LARGEST]
    return [
        title,
        "",
        *columns(
            [
                ("$ a month", ""),
                *((f"{bill.of(part):,.2f}", part.value) for part in bill.parts),
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


def every_line(title: str, bill: Bill, checks: Sequence[EstimateCheck], width: int | None) -> list[str]:
    """Return the lines of the whole report; a `?` marks a price that is not certain to be that of the region."""
    rows = [("$ a month", "quantity", "", "$ each", "", "what it rests on")]
    for part in bill.parts:
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
    told = [text for check in checks for text in ("", *_estimate(check, width))]
    return [title, "", *columns(rows, ">><><<", width), *told]


def footnote() -> str:
    """Return where the prices are from."""
    prices = price_list()
    return (
        f"List prices of {prices.region} as of {prices.as_of}; those with ? are another region's or second-hand "
        f"(baler/prices.toml). £1 is taken for ${prices.usd_per_gbp:g}."
    )


def file_title(stack: str, month: Month) -> str:
    """Return what the bill of the file pipeline is of."""
    profile = month.traffic.profile
    return (
        f"A month of {stack}: {profile.files_per_second:g} files/s of {profile.file_bytes:,.0f} bytes, "
        f"{month.traffic.batch_files:.0f} a batch"
    )


@dataclass(frozen=True, slots=True)
class EstimateCheck:
    """A requirement document's estimate beside ours.

    Attributes:
        title: which, and of what traffic.
        lines: of its table, the sum last.
    """

    title: str
    lines: Sequence[ComparedLine]


def file_check(compared: Comparison) -> EstimateCheck:
    """Return a document's estimate of the file pipeline beside ours, in pounds."""
    traffic = f"10 files/s of 25 KB, a VPN, delivery {compared.estimate.delivery}"
    return EstimateCheck(
        f"The estimate of requirement document {compared.estimate.document} ({traffic}), £ a month",
        [*compared.lines, compared.total],
    )


def _estimate(check: EstimateCheck, width: int | None) -> list[str]:
    rows = [("theirs", "ours", "theirs is", "", "")]
    # The sum is the last and largest: an estimate of cents needs them.
    digits = 0 if check.lines[-1].line.high >= _CENTS_BELOW else 2
    for one in check.lines:
        low, high = one.line.low, one.line.high
        theirs = f"{low:.{digits}f}" if low == high else f"{low:.{digits}f} to {high:.{digits}f}"
        rows.append((theirs, f"{one.ours:.{digits}f}", one.verdict, one.line.service, one.line.reasons))
    return [check.title, "", *columns(rows, ">><<<", width)]


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 or quantity == int(quantity) else f"{quantity:,.2f}"  # noqa: PLR2004 - digits enough


def _price(line: Line) -> str:
    price = line.price
    per = f" / {price.per:,}" if price.per > 1 else ""
    return f"{price.usd:.12f}".rstrip("0").rstrip(".") + per + ("" if price.certain else " ?")
