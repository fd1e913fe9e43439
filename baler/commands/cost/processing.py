"""Lines of the bill for queue, functions and claim table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import LONG_POLL_SECONDS, MESSAGES_PER_CALL
from baler.commands.cost.bill import BillPart, Line, line
from baler.commands.cost.storage import MONITOR_SECONDS, monitor_pages
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Traffic

_MEGABYTES_PER_GIGABYTE: Final = 1024
# Lambda's price includes this much disk.
_FREE_DISK_MEGABYTES: Final = 512
# A claim outlives its file (components/files/timing.py), and DynamoDB deletes what has expired within a few days
# (developer guide, "Using time to live").
_CLAIM_MARGIN_DAYS: Final = 4
_DELETED_LATE_DAYS: Final = 2


def processing_lines(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    """Return the lines for SQS, Lambda and DynamoDB."""
    return [
        *_queue(traffic, settings, figures),
        *_functions(traffic, settings, figures),
        *_claims(traffic, settings, figures),
    ]


def _queue(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    each = figures.assumed.messages_per_receive
    return [
        line(BillPart.QUEUE, "events sent by S3", traffic.files, "sqs_request", "one a file"),
        line(
            BillPart.QUEUE,
            "receives",
            traffic.files / each,
            "sqs_request",
            f"{each:g} a receive, the worst case; at best {MESSAGES_PER_CALL}, a tenth of this",
        ),
        line(
            BillPart.QUEUE,
            "deletes",
            traffic.batches * math.ceil(traffic.batch_files / MESSAGES_PER_CALL),
            "sqs_request",
            f"{MESSAGES_PER_CALL} at once",
        ),
        line(BillPart.QUEUE, "receives of nothing", _empty_receives(traffic, settings), "sqs_request"),
    ]


def _empty_receives(traffic: Traffic, settings: StackSettings) -> float:
    """Return the polls in which no message came, for messages that arrive independently of each other."""
    readers = settings.first_readers
    nothing = math.exp(-traffic.profile.files_per_second / readers * LONG_POLL_SECONDS)
    return readers * SECONDS_PER_MONTH / LONG_POLL_SECONDS * nothing


def _functions(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    counts = SECONDS_PER_MONTH / MONITOR_SECONDS
    watched = counts * monitor_pages(traffic) * figures.assumed.monitor_seconds_per_page
    busy = traffic.batches * traffic.batch_seconds
    memory = settings.function_memory_megabytes / _MEGABYTES_PER_GIGABYTE
    disk = (settings.function_disk_megabytes - _FREE_DISK_MEGABYTES) / _MEGABYTES_PER_GIGABYTE
    compute = f"lambda_{settings.function_architecture}"
    monitor = watched * figures.assumed.monitor_megabytes / _MEGABYTES_PER_GIGABYTE
    return [
        line(
            BillPart.FUNCTIONS,
            "invocations of the aggregator",
            traffic.batches,
            "lambda_request",
            f"{traffic.batch_files:.0f} files each, over {settings.first_readers} readers",
        ),
        line(
            BillPart.FUNCTIONS,
            "its memory",
            busy * memory,
            compute,
            f"{traffic.batch_seconds:.2f} s each, {settings.function_memory_megabytes} MB",
        ),
        line(BillPart.FUNCTIONS, "its disk", busy * disk, "lambda_disk"),
        line(BillPart.FUNCTIONS, "invocations of the monitor", counts, "lambda_request"),
        line(BillPart.FUNCTIONS, "the monitor's memory", monitor, compute),
    ]


def _claims(traffic: Traffic, settings: StackSettings, figures: Figures) -> list[Line]:
    lived = max(settings.landing_retention_days + _CLAIM_MARGIN_DAYS, settings.dead_letter_retention_days + 1)
    days = lived + _DELETED_LATE_DAYS
    items = (traffic.files + traffic.bundles) / DAYS_PER_MONTH * days
    kept = items * figures.assumed.claim_bytes / GIGABYTE
    written = f"{(traffic.files + traffic.bundles) / traffic.files:.2f} a file" if traffic.files else ""
    return [
        line(BillPart.CLAIMS, "claims and records", traffic.files + traffic.bundles, "dynamodb_write", written),
        line(BillPart.CLAIMS, "kept", kept, "dynamodb_storage", f"{days} days"),
        line(BillPart.CLAIMS, "recoverable to any second", kept, "dynamodb_recovery"),
    ]
