"""Lines of the bill for reconciliation, in the parts of the pipeline whose services it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.storage import landed_days
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

_MEGABYTES_PER_GIGABYTE: Final = 1024
# Versions that one list request names.
_LISTED: Final = 1000
# Seconds between two runs (components/files/reconciliation.py). Most find that the day's sweep is done, and read one
# item.
RUN_SECONDS: Final = 900
_IDLE_SECONDS: Final = 0.1
# A sweep looks up the files of its day and of one day more (runtime/files/reconciliation/progress.py, OVERLAP_SECONDS).
_LOOKED_UP_DAYS: Final = 2


def reconciliation_lines(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    """Return the lines of one sweep a day over all that the landing bucket holds."""
    assumed = figures.assumed
    versions = traffic.files / DAYS_PER_MONTH * landed_days(settings)
    pages = DAYS_PER_MONTH * (1 + versions // _LISTED)
    runs = SECONDS_PER_MONTH / RUN_SECONDS
    seconds = pages * assumed.reconciliation_seconds_per_page + runs * _IDLE_SECONDS
    gigabytes = assumed.reconciliation_megabytes / _MEGABYTES_PER_GIGABYTE
    reads = _LOOKED_UP_DAYS * (traffic.files + traffic.bundles)
    return [
        line(BillPart.LANDING, "listed by reconciliation", pages, "s3_put", "every version, once a day"),
        line(BillPart.CLAIMS, "read by reconciliation", reads, "dynamodb_read", "two days of files, once a day"),
        line(BillPart.FUNCTIONS, "invocations of reconciliation", runs, "lambda_request"),
        line(
            BillPart.FUNCTIONS,
            "reconciliation's memory",
            seconds * gigabytes,
            f"lambda_{settings.function_architecture}",
        ),
    ]
