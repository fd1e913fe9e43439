"""The price list: one dated file, prices.toml, which says of when, where and how certain each price is."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict

GIGABYTE: Final = 1024**3


class Price(BaseModel):
    """What AWS asks for one thing.

    Attributes:
        usd: US dollars for `per` units, without tax.
        unit: what is counted.
        region: whose price it is; the list's own region unless that could not be found.
        certain: whether it is that region's, by the price list.
        as_of: year and month of the price; `undated` where the source has none.
        page: where AWS publishes it.
        what: what it is for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: float
    per: int = 1
    unit: str
    region: str
    certain: bool = True
    as_of: str
    page: str
    what: str

    def of(self, quantity: float) -> float:
        """Return US dollars for this many units."""
        return quantity * self.usd / self.per


class PriceList(BaseModel):
    """The whole file; `as_of` is that of the newest line, `usd_per_gbp` an assumption."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str
    region: str
    as_of: str
    usd_per_gbp: float
    prices: dict[str, Price]


@cache
def price_list() -> PriceList:
    """Read prices.toml, which lies beside this module."""
    text = resources.files("baler").joinpath("prices.toml").read_text(encoding="utf-8")
    return PriceList.model_validate(tomllib.loads(text))


def price(name: str) -> Price:
    """Return a price by its name in the file."""
    return price_list().prices[name]
