"""The estimate of requirement document 1 beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baler.commands.cost.bill import BillPart
from baler.commands.cost.estimate import ComparedLine, EstimateLine, compare, total
from baler.commands.cost.figures import figures
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.traffic import Profile
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.settings import StackSettings


@pytest.mark.requirement("PUSH-COST-01")
def test_the_lines_add_up_to_the_documents_own_total(settings: StackSettings) -> None:
    whole = total(compare(settings, figures(), 12))

    assert (whole.line.low, whole.line.high) == (342, 982)


def test_every_part_of_the_bill_stands_beside_a_line(settings: StackSettings) -> None:
    lines = compare(settings, figures(), 12)

    assert sorted(part for line in lines for part in line.line.parts) == sorted(BillPart)
    assert all(line.line.reasons for line in lines)


def test_ours_is_the_bill_of_the_documents_traffic_with_its_vpn(settings: StackSettings) -> None:
    with_vpn = settings.model_copy(update={"vpn_gateway_address": "192.0.2.1", "on_premises_cidrs": ("192.0.2.0/24",)})
    bill = monthly_bill(Profile(10, 25_000, 3.3, 300, 12), with_vpn, figures()).bill

    whole = total(compare(settings, figures(), 12))

    assert whole.ours * price_list().usd_per_gbp == pytest.approx(bill.usd)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(100, 100, "near"), (120, 120, "near"), (130, 130, "too high"), (70, 70, "too low"), (50, 500, "near")],
)
def test_a_line_is_wrong_when_all_of_its_range_is_far_from_ours(low: float, high: float, verdict: str) -> None:
    assert ComparedLine(EstimateLine("", low, high, (), ""), 100).verdict == verdict
