"""What the pipeline is watched over for: its alarms, its rows of the dashboard, and accesses to its bucket."""

from dataclasses import dataclass, replace
from typing import Final

import pulumi

from baler.lake import metric_names
from components.lake.alarms.api import api_alarms
from components.lake.alarms.curation import curation_alarms
from components.lake.alarms.function import WatchedFunction, function_alarms
from components.lake.alarms.source import schedule_alarms, source_alarms
from components.lake.dashboard.args import DashboardArgs, DrawnFunction
from components.lake.dashboard.rows import dashboard_rows
from components.lake.settings import LakeSettings
from components.watch.access_trail import RecordedEvents
from components.watch.dashboard import Row
from components.watch.definition import Alarm, OwnMetrics
from components.watch.rollout import ShiftedAlias
from components.watch.stack_watch import Watched
from components.watch.throttle_alarms import throttle_alarms

_THROTTLED: Final = "lake-throttled"


@dataclass(frozen=True, kw_only=True)
class WatchedTables:
    """The tables, by their names."""

    records: pulumi.Input[str]
    counters: pulumi.Input[str]
    sources: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class WatchedParts:
    """What there is to watch over."""

    ingestion: ShiftedAlias
    curation: ShiftedAlias
    api: ShiftedAlias
    """Aliases without alarms: they are given theirs here."""

    api_id: pulumi.Input[str]
    queue: pulumi.Input[str]
    dead_letters: pulumi.Input[str]
    """Names of both queues."""

    tables: WatchedTables
    raw_bucket_arn: pulumi.Input[str]
    ingestion_role_name: pulumi.Input[str]
    curation_role_name: pulumi.Input[str]


def watched(parts: WatchedParts, settings: LakeSettings, *, stack: str, shifted: bool) -> Watched:
    """Return what the pipeline is watched over for.

    Args:
        parts: what there is.
        settings: sources, schedule and time-outs.
        stack: the stack's name, by which its metrics are told from others'.
        shifted: whether deployments move the aliases of the functions.
    """
    own = OwnMetrics(namespace=metric_names.NAMESPACE, dimensions={metric_names.STACK: stack})
    of_ingestion = _ingestion_alarms(own, parts, settings)
    of_curation = _curation_alarms(own, parts, settings)
    of_api = _api_alarms(own, parts, settings)
    aliases = [
        replace(alias, alarms=[alarm.name for alarm in alarms if alarm.rolls_back])
        for alias, alarms in ((parts.ingestion, of_ingestion), (parts.curation, of_curation), (parts.api, of_api))
    ]
    return Watched(
        alarms=[*of_ingestion, *of_curation, *of_api, *_table_alarms(parts.tables)],
        rows=_rows(own, parts, settings),
        recorded=[
            RecordedEvents(
                title="Raw objects and records set aside, but what ingestion and curation do",
                bucket_arns=[parts.raw_bucket_arn],
                not_by_roles=[parts.ingestion_role_name, parts.curation_role_name],
            )
        ],
        shifted=aliases if shifted else [],
    )


def _ingestion_alarms(own: OwnMetrics, parts: WatchedParts, settings: LakeSettings) -> list[Alarm]:
    minutes = settings.schedule_minutes
    return [
        *function_alarms(
            WatchedFunction(
                called="ingestion",
                function=parts.ingestion.function,
                timeout_seconds=settings.ingestion_timeout_seconds,
                meanwhile="Sources are asked again by the next event.",
                # It runs once in some minutes: document 4's more than 10 in one would never come.
                most_throttles=0,
            )
        ),
        *schedule_alarms(own, parts.ingestion.function, schedule_minutes=minutes),
        *source_alarms(own, settings.declared.sources, schedule_minutes=minutes),
    ]


def _curation_alarms(own: OwnMetrics, parts: WatchedParts, settings: LakeSettings) -> list[Alarm]:
    return [
        *function_alarms(
            WatchedFunction(
                called="curation",
                function=parts.curation.function,
                timeout_seconds=settings.curation_timeout_seconds,
                meanwhile="Raw objects wait, announced in a queue; none is lost.",
            )
        ),
        *curation_alarms(own, parts.queue, parts.dead_letters, schedule_minutes=settings.schedule_minutes),
    ]


def _api_alarms(own: OwnMetrics, parts: WatchedParts, settings: LakeSettings) -> list[Alarm]:
    return [
        *function_alarms(
            WatchedFunction(
                called="api",
                function=parts.api.function,
                timeout_seconds=settings.api_timeout_seconds,
                meanwhile="Callers get 5xx; records are untouched.",
            )
        ),
        *api_alarms(own, parts.api_id),
    ]


def _table_alarms(tables: WatchedTables) -> list[Alarm]:
    return [
        *throttle_alarms("records", tables.records, "Curation and the API wait for it; none is lost.", _THROTTLED),
        *throttle_alarms("counters", tables.counters, "Curation and analytics wait for it; none is lost.", _THROTTLED),
        *throttle_alarms("sources", tables.sources, "Sources are fetched by the next event.", _THROTTLED),
    ]


def _rows(own: OwnMetrics, parts: WatchedParts, settings: LakeSettings) -> list[Row]:
    tables = parts.tables
    return dashboard_rows(
        DashboardArgs(
            own=own,
            functions=[
                DrawnFunction("ingestion", parts.ingestion.function, settings.ingestion_memory_megabytes),
                DrawnFunction("curation", parts.curation.function, settings.curation_memory_megabytes),
                DrawnFunction("api", parts.api.function, settings.api_memory_megabytes),
            ],
            api_id=parts.api_id,
            queue=parts.queue,
            dead_letters=parts.dead_letters,
            tables={"records": tables.records, "counters": tables.counters, "sources": tables.sources},
        )
    )
