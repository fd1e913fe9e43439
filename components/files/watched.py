"""What the pipeline is watched over for: its alarms, its rows of the dashboard, and accesses to its buckets."""

from dataclasses import dataclass

import pulumi

from baler.files import metric_names
from components.files import timing
from components.files.aggregator import ALIAS, Aggregator
from components.files.alarms.batch import batch_alarms
from components.files.alarms.delivery import latency_alarms, mailbox_alarms, monitor_alarms
from components.files.alarms.function import function_alarms
from components.files.alarms.path import path_alarms
from components.files.alarms.queue import queue_alarms, silence_alarms
from components.files.alarms.reconciliation import reconciliation_alarms
from components.files.dashboard import DashboardArgs, dashboard_rows
from components.files.settings import FilesSettings
from components.files.stores import Stores
from components.watch.access_trail import RecordedEvents
from components.watch.dashboard import Row
from components.watch.definition import Alarm, OwnMetrics
from components.watch.rollout import ShiftedAlias
from components.watch.stack_watch import Watched


@dataclass(frozen=True, kw_only=True)
class WatchedParts:
    """What there is to watch over."""

    stores: Stores
    aggregator: Aggregator
    monitor: pulumi.Input[str]
    """The mailbox monitor's name."""

    external_party_role_name: pulumi.Input[str]


def watched(parts: WatchedParts, settings: FilesSettings, *, stack: str, shifted: bool) -> Watched:
    """Return what the pipeline is watched over for.

    Args:
        parts: what there is.
        settings: the load that is expected, and what counts as late.
        stack: the stack's name, by which its metrics are told from others'.
        shifted: whether a deployment moves the aggregator's alias.
    """
    own = OwnMetrics(namespace=metric_names.NAMESPACE, dimensions={metric_names.STACK: stack})
    aggregator = parts.aggregator
    alias = ShiftedAlias(function=aggregator.function, function_arn=aggregator.function_arn, alias=ALIAS)
    return Watched(
        alarms=_alarms(own, parts, settings),
        rows=_rows(own, parts, settings),
        recorded=_recorded(parts),
        shifted=alias if shifted else None,
    )


def _alarms(own: OwnMetrics, parts: WatchedParts, settings: FilesSettings) -> list[Alarm]:
    ingest = parts.stores.ingest
    rate = settings.expected_per_second
    bundles_per_hour = timing.hour_of_bundles(
        files_per_second=rate,
        batch_size=settings.batch_size,
        batching_window=settings.batching_window_seconds,
        maximum_concurrency=settings.maximum_concurrency,
    )
    return [
        *queue_alarms(ingest.name, ingest.dead_letter_name, expected_files_per_second=rate),
        *batch_alarms(own, expected_files_per_second=rate),
        *path_alarms(own, expected_files_per_second=rate),
        *silence_alarms(ingest.name, minutes=settings.silence_minutes),
        *function_alarms(
            parts.aggregator.function,
            parts.stores.claims.table,
            function_timeout_seconds=settings.function_timeout_seconds,
        ),
        *latency_alarms(own),
        *mailbox_alarms(own, wait_seconds=settings.mailbox_wait_seconds, bundles_per_hour=bundles_per_hour),
        *monitor_alarms(own, parts.monitor, unseen="the consumer"),
        *reconciliation_alarms(own),
    ]


def _rows(own: OwnMetrics, parts: WatchedParts, settings: FilesSettings) -> list[Row]:
    return dashboard_rows(
        DashboardArgs(
            own=own,
            queue=parts.stores.ingest.name,
            dead_letters=parts.stores.ingest.dead_letter_name,
            function=parts.aggregator.function,
            table=parts.stores.claims.table,
            function_memory_megabytes=settings.function_memory_megabytes,
            mailbox_wait_seconds=settings.mailbox_wait_seconds,
            courier=None,
        )
    )


def _recorded(parts: WatchedParts) -> list[RecordedEvents]:
    """Return everything but the two events that every file is.

    Those are the external party's put, of which the ingest queue tells, and the aggregator's read.
    """
    stores = parts.stores
    return [
        RecordedEvents(title="Everything done with bundles", bucket_arns=[stores.archive.arn, stores.distribution.arn]),
        RecordedEvents(
            title="Landed files, but puts and what the aggregator does",
            bucket_arns=[stores.landing.arn],
            but=["PutObject"],
            not_by_role=parts.aggregator.role_name,
        ),
        RecordedEvents(
            title="Landed files, puts by anybody but the external party",
            bucket_arns=[stores.landing.arn],
            only=["PutObject"],
            not_by_role=parts.external_party_role_name,
        ),
    ]
