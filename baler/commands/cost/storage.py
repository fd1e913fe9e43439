"""Lines of the bill for the three buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.courier import runs_of_courier
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH
from baler.files.archive.worth_moving import (
    KEPT_YEARS,
    OVERHEAD_ARCHIVE_BYTES,
    OVERHEAD_STANDARD_BYTES,
    worth_moving_bytes,
)
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

# Seconds between the consumer's listings (`baler consume --poll`), and objects that one list request returns.
_POLL_SECONDS: Final = 5
_LISTED: Final = 1000
# Seconds between the monitor's counts, and pages of objects that it counts in one
# (runtime/files/mailbox_monitor/mailbox_stats.py).
MONITOR_SECONDS: Final = 60
MONITOR_PAGES: Final = 100


def storage_lines(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    """Return the lines for landing, archive and mailbox."""
    return [*_landing(traffic, settings), *_archive(traffic, settings, figures), *_mailbox(traffic, settings)]


def landed_days(settings: StackSettings) -> int:
    """Return how long a file is kept: two steps that make the retention together, each up to midnight."""
    return settings.landing_retention_days + 1


def _landing(traffic: Traffic, settings: StackSettings) -> list[Line]:
    days = landed_days(settings)
    kept = traffic.files / DAYS_PER_MONTH * days * traffic.profile.file_bytes / GIGABYTE
    return [
        line(BillPart.LANDING, "files put", traffic.files, "s3_put", "the bucket's owner pays, whoever the writer is"),
        line(BillPart.LANDING, "files read", traffic.files, "s3_get", "1.00 a file"),
        line(BillPart.LANDING, "files kept", kept, "s3_standard", f"{days} days: the retention, to midnight twice"),
    ]


def _archive(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    bundles_per_day = traffic.bundles / DAYS_PER_MONTH
    days = traffic.profile.archive_months * DAYS_PER_MONTH
    move = settings.transition_small_bundles or traffic.bundle_bytes >= worth_moving_bytes()
    asleep = max(0.0, days - settings.archive_transition_days) * bundles_per_day if move else 0.0
    awake = days * bundles_per_day - asleep
    index = traffic.files / DAYS_PER_MONTH * days * figures.measured.index_bytes_per_file
    moved = traffic.bundles if asleep else 0.0
    age = f"after {traffic.profile.archive_months:g} months, and more each month"
    return [
        line(BillPart.ARCHIVE, "bundles and index put", 2 * traffic.bundles, "s3_put", "a fence only after a crash"),
        line(
            BillPart.ARCHIVE,
            "bundles before their move" if move else "bundles, too small to move",
            awake * traffic.bundle_bytes / GIGABYTE,
            "s3_standard",
            "" if move else f"{age}; {KEPT_YEARS} years make up for the move from {worth_moving_bytes():,} bytes on",
        ),
        line(BillPart.ARCHIVE, "moves to Deep Archive", moved, "deep_archive_transition", "by bundle, not by byte"),
        line(
            BillPart.ARCHIVE, "bundles in Deep Archive", asleep * traffic.bundle_bytes / GIGABYTE, "deep_archive", age
        ),
        line(
            BillPart.ARCHIVE,
            "overhead, 32 KB each",
            asleep * OVERHEAD_ARCHIVE_BYTES / GIGABYTE,
            "deep_archive",
        ),
        line(BillPart.ARCHIVE, "overhead, 8 KB each", asleep * OVERHEAD_STANDARD_BYTES / GIGABYTE, "s3_standard"),
        line(BillPart.ARCHIVE, "index", index / GIGABYTE, "s3_standard", age),
    ]


def monitor_pages(traffic: Traffic) -> float:
    """Return how many pages of the mailbox the monitor reads at each count."""
    return min(float(MONITOR_PAGES), 1 + _waiting(traffic) // _LISTED)


def _waiting(traffic: Traffic) -> float:
    """Return how many bundles are in the mailbox, on average."""
    return traffic.bundles / SECONDS_PER_MONTH * traffic.profile.consumer_delay_seconds


def lists_of_deliveries(traffic: Traffic, settings: StackSettings) -> float:
    """Return how many list requests the consumer makes in a month, or the courier: one a run."""
    if settings.pushed:
        return runs_of_courier(traffic, settings)
    return SECONDS_PER_MONTH / _POLL_SECONDS * (1 + _waiting(traffic) // _LISTED)


def lists_of_monitor(traffic: Traffic) -> float:
    """Return how many list requests the monitor makes in a month."""
    return SECONDS_PER_MONTH / MONITOR_SECONDS * monitor_pages(traffic)


def _mailbox(traffic: Traffic, settings: StackSettings) -> list[Line]:
    waiting = _waiting(traffic)
    listings, counted = lists_of_deliveries(traffic, settings), lists_of_monitor(traffic)
    listed = ("by the courier", "one a run") if settings.pushed else ("by the consumer", f"every {_POLL_SECONDS} s")
    return [
        line(BillPart.MAILBOX, "bundles put", traffic.bundles, "s3_put"),
        line(BillPart.MAILBOX, "bundles read", traffic.bundles, "s3_get", "deleting costs nothing"),
        line(BillPart.MAILBOX, f"listings {listed[0]}", listings, "s3_put", listed[1]),
        line(BillPart.MAILBOX, "listings by the monitor", counted, "s3_put", "every minute"),
        line(BillPart.MAILBOX, "bundles waiting", waiting * traffic.bundle_bytes / GIGABYTE, "s3_standard"),
    ]
