"""The monthly bill: every line with its quantity, its price and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from baler.prices import price

if TYPE_CHECKING:
    from baler.prices import Price


class BillPart(StrEnum):
    """A part of the file pipeline that lines are added up for."""

    LANDING = "S3, landing"
    ARCHIVE = "S3, archive"
    MAILBOX = "S3, mailbox"
    QUEUE = "SQS"
    FUNCTIONS = "Lambda"
    CLAIMS = "DynamoDB"
    COURIER = "courier"
    WATCHING = "CloudWatch, CloudTrail, X-Ray"
    NETWORK = "network"
    TRANSFER = "data transfer"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a quantity of something, at its price.

    Attributes:
        part: what it is added up for.
        quantity: in the price's unit, a month.
        note: what the quantity rests on, where that is not plain.
    """

    part: StrEnum
    item: str
    quantity: float
    price: Price
    note: str = ""

    @property
    def usd(self) -> float:
        """US dollars a month."""
        return self.price.of(self.quantity)


def line(part: StrEnum, item: str, quantity: float, price_name: str, note: str = "") -> Line:
    """Return a line at a price of the list."""
    return Line(part, item, quantity, price(price_name), note)


@dataclass(frozen=True, slots=True)
class Bill:
    """All lines, in the order of what passes through."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """US dollars a month, all together."""
        return sum(one.usd for one in self.lines)

    @property
    def parts(self) -> list[StrEnum]:
        """The parts that there are lines of, in their order."""
        return list(dict.fromkeys(one.part for one in self.lines))

    def of(self, part: StrEnum) -> float:
        """Return US dollars a month for one part."""
        return sum(one.usd for one in self.lines if one.part is part)
