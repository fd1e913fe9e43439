"""Lines of the bill for queues, functions and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.aws.event_source import LONG_POLL_SECONDS, MESSAGES_PER_CALL, files_per_batch, first_readers
from baler.commands.cost.bill import Line, line
from baler.commands.cost.events.functions import compactor_seconds, gigabyte_seconds, transformer_seconds
from baler.commands.cost.events.part import EventBillPart
from baler.commands.cost.traffic import DAYS_PER_MONTH, HOURS_PER_MONTH, SECONDS_PER_MONTH
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventTraffic
    from baler.commands.cost.figures import Figures

QUEUES: Final = 2
# Lambda takes so many raw objects at once (components/events/timing.py, OBJECTS_AT_ONCE; a test compares).
OBJECTS_AT_ONCE: Final = 10
COMPACTOR_CONCURRENCY: Final = 2
_KILOBYTE: Final = 1024
# A transaction counts twice what its writes would.
_TRANSACTION: Final = 2
_DELETED_LATE_DAYS: Final = 2


def transformed_at_once(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> float:
    """Return how many raw objects an invocation of the transformer takes, on average: there is no window."""
    return files_per_batch(
        traffic.objects / SECONDS_PER_MONTH,
        readers=first_readers(settings.transformer_concurrency),
        batch_size=OBJECTS_AT_ONCE,
        batching_window=0,
        seconds=lambda objects: transformer_seconds(
            figures, settings.transformer_memory_megabytes, objects, traffic.object_events
        ),
    )


def processing_lines(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    """Return the lines for SQS, Lambda and DynamoDB."""
    return [
        *_queues(traffic, settings, figures),
        *_functions(traffic, settings, figures),
        *_tables(traffic, settings, figures),
    ]


def _queues(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    part, each = EventBillPart.QUEUES, figures.assumed.messages_per_receive
    readers = first_readers(settings.transformer_concurrency) + COMPACTOR_CONCURRENCY
    polls = readers * SECONDS_PER_MONTH / LONG_POLL_SECONDS
    messages = QUEUES * traffic.objects
    return [
        line(part, "events sent by S3", messages, "sqs_request", "one for each raw and each processed object"),
        line(part, "receives", messages / each, "sqs_request", f"{each:g} a receive, the worst case"),
        line(part, "deletes", messages / MESSAGES_PER_CALL, "sqs_request", f"{MESSAGES_PER_CALL} at once"),
        line(part, "receives of nothing", polls, "sqs_request", "at the most"),
    ]


def _functions(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    part, compute = EventBillPart.FUNCTIONS, f"lambda_{settings.function_architecture}"
    at_once = transformed_at_once(traffic, settings, figures)
    transforms = traffic.objects / at_once
    transform = transformer_seconds(
        figures, settings.transformer_memory_megabytes, at_once, traffic.object_events if traffic.objects else 0.0
    )
    return [
        *_processor(traffic, settings, compute),
        line(part, "invocations of the transformer", transforms, "lambda_request", f"{at_once:.1f} objects each"),
        line(
            part,
            "the transformer's memory",
            gigabyte_seconds(transforms * transform, settings.transformer_memory_megabytes),
            compute,
            f"{transform:.2f} s each, {settings.transformer_memory_megabytes} MB",
        ),
        *_compactor(traffic, settings, figures, compute),
    ]


def _processor(traffic: EventTraffic, settings: EventStackSettings, compute: str) -> list[Line]:
    part, memory = EventBillPart.FUNCTIONS, settings.processor_memory_megabytes
    busy = gigabyte_seconds(traffic.batches * traffic.batch_seconds, memory)
    return [
        line(
            part,
            "invocations of the processor",
            traffic.batches,
            "lambda_request",
            f"{traffic.batch_records:.0f} records each",
        ),
        line(part, "its memory", busy, compute, f"{traffic.batch_seconds:.2f} s each, {memory} MB"),
    ]


def _compactor(traffic: EventTraffic, settings: EventStackSettings, figures: Figures, compute: str) -> list[Line]:
    part, memory = EventBillPart.FUNCTIONS, settings.compactor_memory_megabytes
    commits, hours = max(traffic.commits, 1.0), float(HOURS_PER_MONTH if traffic.events else 0)
    a_commit = compactor_seconds(figures, memory, traffic.objects / commits, traffic.events / commits)
    an_hour = compactor_seconds(figures, memory, 0, traffic.events / HOURS_PER_MONTH)
    busy = gigabyte_seconds(traffic.commits * a_commit + hours * an_hour, memory)
    note = f"{memory} MB; each event is written twice: as it comes, and when its hour is closed"
    return [
        line(part, "invocations of the compactor", traffic.commits + hours, "lambda_request"),
        line(part, "the compactor's memory", busy, compute, note),
    ]


def _tables(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    part, events = EventBillPart.TABLES, figures.events
    objects = traffic.objects / traffic.batches if traffic.batches else 0.0
    item = events.batch_item_bytes + objects * events.batch_item_bytes_per_object
    units = max(1.0, item / _KILOBYTE)
    noted = traffic.objects * units
    commits = traffic.batches * _TRANSACTION * (1 + units)
    # The protocol's items live as long as the raw objects.
    days = min(traffic.profile.months * DAYS_PER_MONTH, settings.raw_days or float("inf"))
    reported = min(traffic.profile.months * DAYS_PER_MONTH, settings.batch_days + _DELETED_LATE_DAYS)
    a_day = traffic.batches / DAYS_PER_MONTH
    # The report and its index, each whole.
    kept = a_day * (days * item + reported * 2 * events.batch_report_bytes) / GIGABYTE
    reads = traffic.batches + 2 * traffic.objects
    lasting = f"batches as long as raw objects, reports {settings.batch_days} days"
    return [
        line(part, "batches committed", commits, "dynamodb_write", "a transaction of frontier and batch counts twice"),
        line(part, "objects noted as processed", noted, "dynamodb_write", "the batch's item each time"),
        line(part, "batches reported", 2 * traffic.batches, "dynamodb_write", "the table of batches and its index"),
        line(part, "frontiers and batches read", reads, "dynamodb_read", "one a batch, two an object"),
        line(part, "kept", kept, "dynamodb_storage", lasting),
        line(part, "recoverable to any second", kept, "dynamodb_recovery"),
    ]
