"""Lines of the bill for the registrar, which keeps the archive's register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

_MEGABYTES_PER_GIGABYTE: Final = 1024
# Bundles that one list request names.
_LISTED: Final = 1000
# Seconds between two runs (components/files/registrar.py).
RUN_SECONDS: Final = 900
_HOURS_PER_DAY: Final = 24
# A run looks at yesterday and at what there is of today (baler/files/register/registrar.py, LOOK_BACK).
_LOOKED_AT_DAYS: Final = 1.5
# Listings of the register, and one for what is behind the last bundle.
_OTHER_LISTINGS: Final = 4
_IDLE_SECONDS: Final = 2.0


def registrar_lines(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    """Return the lines of a run every quarter of an hour, and of a manifest read for each bundle."""
    assumed = figures.assumed
    runs = SECONDS_PER_MONTH / RUN_SECONDS
    pages = _LOOKED_AT_DAYS * traffic.bundles / DAYS_PER_MONTH / _LISTED
    listings = runs * (pages + _OTHER_LISTINGS)
    reads = traffic.bundles + runs * _LOOKED_AT_DAYS * _HOURS_PER_DAY
    seconds = runs * (_IDLE_SECONDS + pages * assumed.monitor_seconds_per_page) + traffic.bundles / 100
    gigabytes = assumed.registrar_megabytes / _MEGABYTES_PER_GIGABYTE
    return [
        line(
            BillPart.ARCHIVE,
            "listed by the registrar",
            listings,
            "s3_put",
            "two days of bundles, every quarter of an hour",
        ),
        line(BillPart.ARCHIVE, "read by the registrar", reads, "s3_get", "each manifest once, and heads of pages"),
        line(BillPart.FUNCTIONS, "invocations of the registrar", runs, "lambda_request"),
        line(
            BillPart.FUNCTIONS,
            "the registrar's memory",
            seconds * gigabytes,
            f"lambda_{settings.function_architecture}",
        ),
    ]
