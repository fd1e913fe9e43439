"""What the pipeline is watched over for: its alarms, its rows of the dashboard, and accesses to its buckets."""

from dataclasses import dataclass, replace

import pulumi

from baler.events import metric_names
from baler.events.objectives import END_TO_END_SECONDS
from components.events.alarms.compaction import compaction_alarms
from components.events.alarms.function import WatchedFunction, function_alarms
from components.events.alarms.record import record_alarms
from components.events.alarms.stream import retention_alarms, stream_alarms, traffic_alarms
from components.events.alarms.sweep import sweep_alarms
from components.events.alarms.table import table_alarms
from components.events.alarms.transform import transform_alarms
from components.events.dashboard.args import DashboardArgs, DrawnFunction, QueueNames
from components.events.dashboard.rows import dashboard_rows
from components.events.settings import EventsSettings
from components.watch.access_trail import RecordedEvents
from components.watch.dashboard import Row
from components.watch.definition import Alarm, OwnMetrics
from components.watch.rollout import ShiftedAlias
from components.watch.stack_watch import Watched


@dataclass(frozen=True, kw_only=True)
class WatchedBuckets:
    """The buckets, by their ARNs."""

    raw: pulumi.Input[str]
    """Its rejected lines too."""

    processed: pulumi.Input[str]
    compacted: pulumi.Input[str]
    failures: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class WatchedParts:
    """What there is to watch over."""

    stream: pulumi.Input[str]
    """Its name."""

    mapping: pulumi.Input[str]
    """UUID of the event source mapping that reads it."""

    processor: ShiftedAlias
    transformer: ShiftedAlias
    compactor: ShiftedAlias
    """Aliases without alarms: they are given theirs here."""

    sweeper: pulumi.Input[str]
    """Name of the function that removes what attempts left."""

    transform: QueueNames
    compaction: QueueNames
    progress: pulumi.Input[str]
    """Name of the protocol's table."""

    batches: pulumi.Input[str]
    """Name of the table of batches."""

    buckets: WatchedBuckets
    processor_role_name: pulumi.Input[str]
    transformer_role_name: pulumi.Input[str]
    compactor_role_name: pulumi.Input[str]


def watched(parts: WatchedParts, settings: EventsSettings, *, stack: str, shifted: bool) -> Watched:
    """Return what the pipeline is watched over for.

    Args:
        parts: what there is.
        settings: the load that is expected, time-outs, and how long the stream keeps events.
        stack: the stack's name, by which its metrics are told from others'.
        shifted: whether deployments move the aliases of the functions.
    """
    own = OwnMetrics(namespace=metric_names.NAMESPACE, dimensions={metric_names.STACK: stack})
    of_processor = _processor_alarms(own, parts, settings)
    of_transformer = _transformer_alarms(own, parts, settings)
    of_compactor = _compactor_alarms(own, parts, settings)
    aliases = [
        replace(alias, alarms=[alarm.name for alarm in alarms if alarm.rolls_back])
        for alias, alarms in (
            (parts.processor, of_processor),
            (parts.transformer, of_transformer),
            (parts.compactor, of_compactor),
        )
    ]
    return Watched(
        alarms=[
            *of_processor,
            *of_transformer,
            *of_compactor,
            *sweep_alarms(parts.sweeper),
            *table_alarms(own, progress=parts.progress, batches=parts.batches),
            *traffic_alarms(parts.stream, expected_per_second=settings.expected_per_second),
        ],
        rows=_rows(own, parts, settings),
        recorded=_recorded(parts),
        shifted=aliases if shifted else [],
    )


def _processor_alarms(own: OwnMetrics, parts: WatchedParts, settings: EventsSettings) -> list[Alarm]:
    processor = parts.processor.function
    return [
        *stream_alarms(own, parts.stream, processor),
        *retention_alarms(own, processor, parts.mapping, oldest_record_seconds=settings.oldest_record_seconds),
        *function_alarms(
            WatchedFunction(
                called="processor",
                function=processor,
                timeout_seconds=settings.processor_timeout_seconds,
                waits="Events wait in the stream",
                pages=True,
            )
        ),
        *record_alarms(own, expected_per_second=settings.expected_per_second),
    ]


def _transformer_alarms(own: OwnMetrics, parts: WatchedParts, settings: EventsSettings) -> list[Alarm]:
    return [
        *transform_alarms(own, parts.transform.name, parts.transform.dead_letter_name),
        *function_alarms(
            WatchedFunction(
                called="transformer",
                function=parts.transformer.function,
                timeout_seconds=settings.transformer_timeout_seconds,
                waits="Raw objects wait, announced in a queue",
            )
        ),
    ]


def _compactor_alarms(own: OwnMetrics, parts: WatchedParts, settings: EventsSettings) -> list[Alarm]:
    return [
        *compaction_alarms(
            own,
            parts.compaction.name,
            parts.compaction.dead_letter_name,
            longest_delay_seconds=longest_table_delay_seconds(settings),
        ),
        *function_alarms(
            WatchedFunction(
                called="compactor",
                function=parts.compactor.function,
                timeout_seconds=settings.compactor_timeout_seconds,
                waits="Processed objects wait, announced in a queue",
                # It runs every few minutes: more than one error in two of them never comes.
                most_errors=0,
            )
        ),
    ]


def longest_table_delay_seconds(settings: EventsSettings) -> int:
    """Return how long after it came an event is in the table, in seconds, if the first attempt succeeds."""
    return END_TO_END_SECONDS + settings.compaction_delay_seconds + settings.compactor_timeout_seconds


def _rows(own: OwnMetrics, parts: WatchedParts, settings: EventsSettings) -> list[Row]:
    return dashboard_rows(
        DashboardArgs(
            own=own,
            stream=parts.stream,
            mapping=parts.mapping,
            functions=[
                DrawnFunction("processor", parts.processor.function, settings.processor_memory_megabytes),
                DrawnFunction("transformer", parts.transformer.function, settings.transformer_memory_megabytes),
                DrawnFunction("compactor", parts.compactor.function, settings.compactor_memory_megabytes),
            ],
            transform=parts.transform,
            compaction=parts.compaction,
            tables={"progress": parts.progress, "batches": parts.batches},
            shards=settings.shards if settings.stream_mode == "provisioned" else None,
            longest_table_delay_seconds=longest_table_delay_seconds(settings),
        )
    )


def _recorded(parts: WatchedParts) -> list[RecordedEvents]:
    """Return everything but what the functions do once for every object that passes through them."""
    buckets = parts.buckets
    processor, transformer, compactor = (
        parts.processor_role_name,
        parts.transformer_role_name,
        parts.compactor_role_name,
    )
    return [
        RecordedEvents(
            title="Raw events and rejected lines, but what processor and transformer do",
            bucket_arns=[buckets.raw],
            not_by_roles=[processor, transformer],
        ),
        RecordedEvents(
            title="Processed events, but what transformer and compactor do",
            bucket_arns=[buckets.processed],
            not_by_roles=[transformer, compactor],
        ),
        RecordedEvents(
            title="The table's files, but what the compactor does",
            bucket_arns=[buckets.compacted],
            not_by_roles=[compactor],
        ),
        RecordedEvents(title="Everything done with what Lambda gave up", bucket_arns=[buckets.failures]),
    ]
