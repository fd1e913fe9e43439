"""The whole bill of the lake for one profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.aws.event_source import FIRST_READERS, LONG_POLL_SECONDS
from baler.commands.cost.bill import Bill, Line, line
from baler.commands.cost.function import FunctionTime
from baler.commands.cost.lake.part import LakeBillPart
from baler.commands.cost.lake.traffic import LakeTraffic
from baler.commands.cost.traffic import DAYS_PER_MONTH, SECONDS_PER_MONTH
from baler.lake import metric_names as names
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.figures import Figures
    from baler.commands.cost.lake.settings import LakeStackSettings
    from baler.commands.cost.lake.traffic import LakeProfile

STEADY_METRICS: Final = (
    *(names.RECORDS_INGESTED, names.RAW_OBJECTS),
    *(names.RAW_OBJECTS_CURATED, names.RECORDS_PROCESSED, names.RECORDS_NEW, names.RECORDS_REPLACED),
    *(names.MESSAGES_PROCESSED, names.PROCESSING_ERRORS, names.CURATION_LATENCY, names.OLDEST_LEFT_AGE),
    *(names.API_LATENCY, names.API_ERRORS, names.REQUESTS),
)
"""Metrics of the stack that are there all the time."""
SOURCE_METRICS: Final = (
    *(names.RECORDS_INGESTED, names.RAW_OBJECTS, names.SOURCE_RUNS, names.SOURCE_FAILURES, names.FAILURES_IN_A_ROW),
    *(names.RAW_OBJECTS_CURATED, names.RECORDS_PROCESSED, names.RECORDS_NEW, names.RECORDS_REPLACED),
)
"""Those that each source has besides."""
ALARM_METRICS: Final = 32
"""Metrics in the alarms that are there whatever the sources; a test compares. A formula counts as what is in it."""
SOURCE_ALARMS: Final = 2
"""Alarms that each source has; the same test."""

_MEGABYTES_PER_GIGABYTE: Final = 1024
# Sources answer within that, all at the same time; a run lasts as long as the slowest. Assumed.
_FETCH_SECONDS: Final = 1.5
_CPU_MS_PER_RUN: Final = 30.0
# Measured on the real curator; benchmarks and docs/performance.md.
_CPU_US_PER_RECORD: Final = 150.0
_CPU_MS_PER_REQUEST: Final = 3.0
_LOG_BYTES_PER_RUN: Final = 2_500
# Of an item of the table, keys and index entry included, and what DynamoDB adds to each.
_RECORD_OVERHEAD_BYTES: Final = 500
_UNIT_BYTES: Final = 1024
_RECORDS_OF_A_TRANSACTION: Final = 98
_KEYS_AT_ONCE: Final = 100
# A page of 20: the index's query, then each record, eventually consistent.
_READ_UNITS_PER_REQUEST: Final = 11.0
# A page load: a document, chunks and styles, and the calls to the API, which pass the same distribution.
_SITE_REQUESTS_PER_CALL: Final = 8.0


@dataclass(frozen=True, slots=True)
class LakeMonth:
    """What goes through in a month, and what it costs."""

    traffic: LakeTraffic
    bill: Bill


def monthly_lake_bill(
    profile: LakeProfile, settings: LakeStackSettings, figures: Figures, *, secrets: int = 0
) -> LakeMonth:
    """Work out the bill of a month like every other: no rebuild, no outage.

    Args:
        profile: sources and callers.
        settings: the stack's.
        figures: what was measured and is assumed.
        secrets: sources that have one.
    """
    traffic = LakeTraffic.of(profile, settings)
    lines = (
        *_fetching(traffic, settings, figures),
        *_raw(traffic),
        *_queue(traffic),
        *_curation(traffic, settings, figures),
        *_tables(traffic, settings),
        *_answering(traffic, settings, figures),
        *_watching(traffic, settings),
        line(LakeBillPart.SECRETS, "secrets of sources", secrets, "secret"),
    )
    return LakeMonth(traffic, Bill(lines))


def _fetching(traffic: LakeTraffic, settings: LakeStackSettings, figures: Figures) -> list[Line]:
    part, memory = LakeBillPart.FETCHING, settings.ingestion_memory_megabytes
    share = FunctionTime(figures, memory).processor_share
    seconds = _FETCH_SECONDS + _CPU_MS_PER_RUN / 1e3 / share
    return [
        line(part, "invocations", traffic.runs, "lambda_request", f"every {settings.schedule_minutes} minutes"),
        line(
            part,
            "memory",
            traffic.runs * _gigabyte_seconds(seconds, memory),
            f"lambda_{settings.function_architecture}",
            f"{seconds:.1f} s each, {memory} MB; sources are assumed to answer in {_FETCH_SECONDS} s",
        ),
    ]


def _raw(traffic: LakeTraffic) -> list[Line]:
    part = LakeBillPart.RAW
    kept = traffic.kept_objects * traffic.answer_bytes / GIGABYTE
    share = f"{traffic.profile.published_share:.0%} of the answers are not what the source said before"
    return [
        line(part, "answers put", traffic.objects, "s3_put", share),
        line(part, "answers read", traffic.objects, "s3_get"),
        line(part, "answers kept", kept, "s3_standard", f"{traffic.answer_bytes:,.0f} bytes each"),
    ]


def _queue(traffic: LakeTraffic) -> list[Line]:
    part = LakeBillPart.QUEUE
    polls = FIRST_READERS * SECONDS_PER_MONTH / LONG_POLL_SECONDS
    return [
        line(part, "events sent by S3", traffic.objects, "sqs_request"),
        line(part, "receives and deletes", 2 * traffic.objects, "sqs_request", "one each, the worst case"),
        line(part, "receives of nothing", polls, "sqs_request", "at the most"),
    ]


def _curation(traffic: LakeTraffic, settings: LakeStackSettings, figures: Figures) -> list[Line]:
    part, memory = LakeBillPart.CURATION, settings.curation_memory_megabytes
    share = FunctionTime(figures, memory).processor_share
    latency = figures.assumed.latency
    records = traffic.profile.answer_records
    calls = records / _KEYS_AT_ONCE + traffic.profile.new_records / _RECORDS_OF_A_TRANSACTION + 2
    cpu = records * _CPU_US_PER_RECORD / 1e6 / share
    seconds = cpu + latency.s3_get.mean_seconds + calls * latency.dynamodb.mean_seconds
    return [
        line(part, "invocations", traffic.objects, "lambda_request", "an answer each, the worst case"),
        line(
            part,
            "memory",
            traffic.objects * _gigabyte_seconds(seconds, memory),
            f"lambda_{settings.function_architecture}",
            f"{seconds:.2f} s each, {memory} MB",
        ),
    ]


def _tables(traffic: LakeTraffic, settings: LakeStackSettings) -> list[Line]:
    part, profile = LakeBillPart.TABLES, traffic.profile
    item = profile.record_bytes + _RECORD_OVERHEAD_BYTES
    units = max(1.0, item / _UNIT_BYTES)
    transactions = traffic.objects * max(1.0, profile.new_records / _RECORDS_OF_A_TRANSACTION)
    writes = traffic.written * (2 * units + 1)
    versions = traffic.known if settings.keep_versions else 0.0
    kept = traffic.kept_records * item / GIGABYTE
    return [
        line(part, "records written", writes, "dynamodb_write", "a transaction counts twice, the index once"),
        line(part, "counters", transactions * 4, "dynamodb_write", "a day's and a total, in the same transaction"),
        line(part, "states of sources", 2 * traffic.fetches, "dynamodb_write", "the lease, and what was found"),
        line(part, "versions kept", versions, "dynamodb_write", "each record of each answer, where they are kept"),
        line(part, "records looked up", traffic.known, "dynamodb_read", "most are known, and cost no write"),
        line(
            part,
            "read for the API",
            profile.requests * _READ_UNITS_PER_REQUEST,
            "dynamodb_read",
            "pages of 20 records",
        ),
        line(part, "kept", kept, "dynamodb_storage"),
        line(part, "recoverable to any second", kept, "dynamodb_recovery"),
    ]


def _answering(traffic: LakeTraffic, settings: LakeStackSettings, figures: Figures) -> list[Line]:
    memory, requests = settings.api_memory_megabytes, traffic.profile.requests
    share = FunctionTime(figures, memory).processor_share
    seconds = _CPU_MS_PER_REQUEST / 1e3 / share + 2 * figures.assumed.latency.dynamodb.mean_seconds
    part = LakeBillPart.ANSWERING
    lines = [
        line(LakeBillPart.API, "requests", requests, "http_api_request"),
        line(part, "invocations", requests, "lambda_request"),
        line(
            part,
            "memory",
            requests * _gigabyte_seconds(seconds, memory),
            f"lambda_{settings.function_architecture}",
            f"{seconds * 1e3:.0f} ms each, {memory} MB",
        ),
    ]
    if settings.dashboard:
        calls = requests * _SITE_REQUESTS_PER_CALL
        lines.append(line(LakeBillPart.SITE, "requests", calls, "cloudfront_request", "pages, chunks and calls"))
    return lines


def _watching(traffic: LakeTraffic, settings: LakeStackSettings) -> list[Line]:
    part, sources = LakeBillPart.WATCHING, traffic.profile.sources
    invocations = traffic.runs + traffic.objects + traffic.profile.requests
    logged = invocations * _LOG_BYTES_PER_RUN
    kept = logged * settings.log_retention_days / DAYS_PER_MONTH / GIGABYTE
    return [
        line(part, "logs", logged / GIGABYTE, "logs_ingested", "bytes of a line are estimated"),
        line(part, "logs kept", kept, "logs_kept", f"{settings.log_retention_days} days, not compressed"),
        line(part, "metrics", len(STEADY_METRICS), "metric"),
        line(part, "metrics of each source", sources * len(SOURCE_METRICS), "metric"),
        line(part, "alarms", ALARM_METRICS + sources * SOURCE_ALARMS, "alarm"),
        line(part, "traces", invocations, "trace", "so few are all traced"),
    ]


def _gigabyte_seconds(seconds: float, memory_megabytes: int) -> float:
    """Return what Lambda counts for a run."""
    return seconds * memory_megabytes / _MEGABYTES_PER_GIGABYTE
