"""The price list says where each price is from."""

from __future__ import annotations

import re

import pytest

from baler.prices import price, price_list

PRICES = price_list().prices


@pytest.mark.parametrize("name", PRICES)
def test_a_price_of_another_region_is_marked(name: str) -> None:
    assert PRICES[name].region == price_list().region or not PRICES[name].certain


@pytest.mark.parametrize("name", PRICES)
def test_a_price_has_a_date_or_is_marked_and_the_page_of_aws_that_publishes_it(name: str) -> None:
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", PRICES[name].as_of) or not PRICES[name].certain
    assert PRICES[name].page.startswith("https://aws.amazon.com/")


def test_the_list_is_as_new_as_its_newest_line() -> None:
    assert price_list().as_of == max(one.as_of for one in PRICES.values() if one.as_of != "undated")


def test_a_price_is_for_as_many_units_as_it_says() -> None:
    assert price("s3_put").of(2000) == pytest.approx(2 * price("s3_put").usd)
    assert price("endpoint_hour").of(2) == pytest.approx(2 * price("endpoint_hour").usd)
