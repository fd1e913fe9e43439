"""Lines of the bill for the courier of a pushed delivery: function, table, secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

_MEGABYTES_PER_GIGABYTE: Final = 1024
# Seconds between two ticks of its rule (components/files/delivery/courier/courier.py).
TICK_SECONDS: Final = 60
# Of each run: the lease is taken and given back. Of each bundle: the lease is proved before send, receipt and removal,
# and the receipt is written.
_WRITES_A_RUN: Final = 2
_WRITES_A_BUNDLE: Final = 4
# How long the credentials are cached, in seconds: one environment reads them so often, if it is always at work.
_CREDENTIALS_SECONDS: Final = 300
# A run that finds nothing: the lease, and a listing.
_IDLE_SECONDS: Final = 0.1


def runs_of_courier(traffic: Traffic, settings: StackSettings) -> float:
    """Return how often the courier runs in a month: at each bundle that is put, and each minute."""
    return traffic.bundles + SECONDS_PER_MONTH / TICK_SECONDS if settings.pushed else 0.0


def courier_lines(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    """Return its lines; none where a consumer takes the bundles."""
    if not settings.pushed:
        return []
    return [
        *_function(traffic, settings, figures),
        *_table(traffic, settings, figures),
        line(BillPart.COURIER, "secret", 1, "secret", "the receiver's credentials"),
        line(
            BillPart.COURIER,
            "reads of the secret",
            SECONDS_PER_MONTH / _CREDENTIALS_SECONDS,
            "secret_request",
            f"cached for {_CREDENTIALS_SECONDS} s",
        ),
    ]


def _function(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    latency, assumed = figures.assumed.latency, figures.assumed
    calls = (_WRITES_A_BUNDLE + 1) * latency.dynamodb.mean_seconds + 2 * latency.s3_get.mean_seconds
    seconds = calls + assumed.receiver_seconds
    ticks = SECONDS_PER_MONTH / TICK_SECONDS
    busy = traffic.bundles * (seconds + _IDLE_SECONDS) + ticks * _IDLE_SECONDS
    memory = settings.courier_memory_megabytes
    return [
        line(
            BillPart.COURIER,
            "invocations",
            runs_of_courier(traffic, settings),
            "lambda_request",
            "at each bundle, and each minute",
        ),
        line(
            BillPart.COURIER,
            "its memory",
            busy * memory / _MEGABYTES_PER_GIGABYTE,
            f"lambda_{settings.function_architecture}",
            f"{seconds:.2f} s a bundle, {assumed.receiver_seconds:g} of them the receiver's; {memory} MB",
        ),
    ]


def _table(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    writes = _WRITES_A_RUN * runs_of_courier(traffic, settings) + _WRITES_A_BUNDLE * traffic.bundles
    days = min(traffic.profile.archive_months * DAYS_PER_MONTH, float(settings.receipt_retention_days))
    kept = traffic.bundles / DAYS_PER_MONTH * days * figures.assumed.receipt_bytes / GIGABYTE
    lasting = f"{settings.receipt_retention_days} days, of which {days:.0f} have passed"
    return [
        line(BillPart.COURIER, "lease and receipts written", writes, "dynamodb_write"),
        line(BillPart.COURIER, "receipts looked up", traffic.bundles, "dynamodb_read"),
        line(BillPart.COURIER, "receipts kept", kept, "dynamodb_storage", lasting),
        line(BillPart.COURIER, "receipts recoverable to any second", kept, "dynamodb_recovery"),
    ]
