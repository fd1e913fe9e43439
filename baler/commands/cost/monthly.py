"""The whole bill of a stack for one profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.commands.cost.bill import Bill, BillPart
from baler.commands.cost.courier import courier_lines
from baler.commands.cost.network import network_lines
from baler.commands.cost.processing import processing_lines
from baler.commands.cost.reconciliation import reconciliation_lines
from baler.commands.cost.registrar import registrar_lines
from baler.commands.cost.storage import storage_lines
from baler.commands.cost.traffic import Traffic
from baler.commands.cost.watching import watching_lines

if TYPE_CHECKING:
    from enum import StrEnum

    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Profile


@dataclass(frozen=True, slots=True)
class Month:
    """What goes through in a month, and what it costs."""

    traffic: Traffic
    bill: Bill


def monthly_bill(profile: Profile, settings: StackSettings, figures: Figures) -> Month:
    """Work out the bill of a month like every other: a steady rate, no crash, no replay."""
    traffic = Traffic.of(profile, settings, figures)
    lines = (
        *storage_lines(traffic, settings, figures),
        *processing_lines(traffic, settings, figures),
        *courier_lines(traffic, settings, figures),
        *watching_lines(traffic, settings, figures),
        *reconciliation_lines(traffic, settings, figures),
        *registrar_lines(traffic, settings, figures),
        *network_lines(traffic, settings),
    )
    # Reconciliation has lines in several parts; people read each part in one piece.
    parts: list[StrEnum] = list(BillPart)
    return Month(traffic, Bill(tuple(sorted(lines, key=lambda line: parts.index(line.part)))))
