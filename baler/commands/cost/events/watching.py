"""Lines of the bill for logs, metrics, alarms, traces, and the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baler.commands.cost.bill import Line, line
from baler.commands.cost.events.part import EventBillPart
from baler.commands.cost.events.processing import transformed_at_once
from baler.commands.cost.traffic import DAYS_PER_MONTH, HOURS_PER_MONTH, SECONDS_PER_MONTH
from baler.events import metric_names as names
from baler.prices import GIGABYTE

if TYPE_CHECKING:
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventTraffic
    from baler.commands.cost.figures import Figures

# Metrics that are there all the time; those by reason and of recovery cost next to nothing, as they are seldom there.
STEADY_METRICS: Final = (
    *(names.RECORDS, names.BYTES, names.EVENTS, names.REJECTED, names.SET_ASIDE, names.DROPPED, names.OBJECTS),
    *(names.BATCH_AGE, names.UNCOMMITTED, names.UNREPORTED, names.UNAVAILABLE),
    *(names.PROCESSED, names.PROCESSED_EVENTS, names.ORPHANS, names.NOT_YET, names.REFUSED, names.OLDEST_LEFT_AGE),
    *(names.TRANSFORM_LATENCY, names.EVENT_LATENCY),
    *(names.COMPACTED, names.COMPACTED_FILES, names.COMPACTION_DELAY, names.TABLE_CONFLICTS, names.REWRITTEN),
)
SHARD_METRICS: Final = (names.LAG,)
KINESIS_SHARD_METRICS: Final = 7
"""Metrics that Kinesis makes of each shard (components/events/event_stream.py); a test compares."""
ALARM_METRICS: Final = 43
"""What the program declares for this pipeline; a test compares. An alarm on a formula counts as the metrics in it."""
FUNCTION_ENDPOINTS: Final = 4
"""Interface endpoints that its functions need; a test compares. S3's and DynamoDB's are gateways and cost nothing."""

# X-Ray developer guide, "Configuring sampling rules": the default rule takes a trace a second, and this of the others.
_SAMPLED_PER_SECOND: Final = 1.0
_SAMPLED_SHARE: Final = 0.05


def watching_lines(traffic: EventTraffic, settings: EventStackSettings, figures: Figures) -> list[Line]:
    """Return the lines for CloudWatch and X-Ray, and for the private network."""
    transforms = traffic.objects / transformed_at_once(traffic, settings, figures)
    invocations = traffic.batches + transforms + traffic.commits
    logged = invocations * figures.events.log_bytes_per_invocation
    kept = logged * settings.log_retention_days / DAYS_PER_MONTH / GIGABYTE
    # Lambda decides for each invocation of a stream or a queue.
    a_second = invocations / SECONDS_PER_MONTH
    traced = min(a_second, _SAMPLED_PER_SECOND) + _SAMPLED_SHARE * max(0.0, a_second - _SAMPLED_PER_SECOND)
    of_shards = traffic.shards * (len(SHARD_METRICS) + KINESIS_SHARD_METRICS)
    part = EventBillPart.WATCHING
    lines = [
        line(part, "log of the functions", logged / GIGABYTE, "logs_ingested", "bytes of a line are estimated"),
        line(part, "logs kept", kept, "logs_kept", f"{settings.log_retention_days} days, not compressed"),
        line(part, "metrics", len(STEADY_METRICS), "metric"),
        line(part, "metrics of each shard", of_shards, "metric", f"{KINESIS_SHARD_METRICS} of Kinesis and 1 of ours"),
        line(part, "alarms", ALARM_METRICS, "alarm"),
        line(part, "traces", traced * SECONDS_PER_MONTH, "trace", "the default sampling: one a second and a twentieth"),
    ]
    if settings.private_network:
        zones = len(settings.network_zones)
        hours = FUNCTION_ENDPOINTS * zones * HOURS_PER_MONTH
        note = f"in {zones} zones; shared with the stack's other pipelines where they need the same"
        lines.append(line(EventBillPart.NETWORK, "endpoints of the functions", hours, "endpoint_hour", note))
    return lines
