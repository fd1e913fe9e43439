"""The estimates of requirement documents 1 and 2 beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baler.commands.cost.bill import BillPart
from baler.commands.cost.estimate import PULLED, PUSHED, ComparedLine, Estimate, EstimateLine, compare
from baler.commands.cost.figures import figures
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.traffic import Profile
from baler.prices import price_list

if TYPE_CHECKING:
    from baler.commands.cost.settings import StackSettings


@pytest.mark.requirement("PUSH-COST-01")
@pytest.mark.parametrize(("estimate", "low", "high"), [(PULLED, 342, 982), (PUSHED, 333, 973)])
def test_the_lines_add_up_to_the_documents_own_total(
    settings: StackSettings, estimate: Estimate, low: float, high: float
) -> None:
    whole = compare(estimate, settings, figures(), 12).total

    assert (whole.line.low, whole.line.high) == (low, high)


@pytest.mark.parametrize(("estimate", "left_out"), [(PULLED, {BillPart.COURIER}), (PUSHED, set[BillPart]())])
def test_every_part_of_the_bill_stands_beside_a_line(
    settings: StackSettings, estimate: Estimate, left_out: set[BillPart]
) -> None:
    lines = compare(estimate, settings, figures(), 12).lines

    assert sorted(part for line in lines for part in line.line.parts) == sorted(set(BillPart) - left_out)
    assert all(line.line.reasons for line in lines)


@pytest.mark.requirement("PUSH-COST-01")
@pytest.mark.parametrize("estimate", [PULLED, PUSHED])
def test_ours_is_the_bill_of_the_documents_traffic_and_delivery_with_its_vpn(
    settings: StackSettings, estimate: Estimate
) -> None:
    described = {
        "vpn_gateway_address": "192.0.2.1",
        "on_premises_cidrs": ("192.0.2.0/24",),
        "delivery": estimate.delivery,
    }
    bill = monthly_bill(Profile(10, 25_000, 3.3, 300, 12), settings.model_copy(update=described), figures()).bill

    whole = compare(estimate, settings, figures(), 12).total

    assert whole.ours * price_list().usd_per_gbp == pytest.approx(bill.usd)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(100, 100, "near"), (120, 120, "near"), (130, 130, "too high"), (70, 70, "too low"), (50, 500, "near")],
)
def test_a_line_is_wrong_when_all_of_its_range_is_far_from_ours(low: float, high: float, verdict: str) -> None:
    assert ComparedLine(EstimateLine("", low, high, (), ""), 100).verdict == verdict
