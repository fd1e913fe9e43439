"""What the pipeline is watched over for: its alarms, its rows of the dashboard, and accesses to its buckets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi

from baler.files import metric_names
from components.files import timing
from components.files.aggregator import ALIAS, Aggregator
from components.files.alarms.batch import batch_alarms
from components.files.alarms.courier import (
    acknowledgement_alarms,
    courier_alarms,
    receiver_alarms,
    undelivered_alarms,
)
from components.files.alarms.delivery import latency_alarms, mailbox_alarms, monitor_alarms
from components.files.alarms.function import function_alarms
from components.files.alarms.path import path_alarms
from components.files.alarms.queue import queue_alarms, silence_alarms
from components.files.alarms.reconciliation import reconciliation_alarms
from components.files.alarms.registrar import registrar_alarms
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
    courier: ShiftedAlias | None
    """The courier's alias; None where a consumer comes for the bundles."""


def watched(parts: WatchedParts, settings: FilesSettings, *, stack: str, shifted: bool) -> Watched:
    """Return what the pipeline is watched over for.

    Args:
        parts: what there is.
        settings: the load that is expected, and what counts as late.
        stack: the stack's name, by which its metrics are told from others'.
        shifted: whether deployments move the aliases of the functions.
    """
    own = OwnMetrics(namespace=metric_names.NAMESPACE, dimensions={metric_names.STACK: stack})
    aggregator = parts.aggregator
    of_aggregator = [*_aggregator_alarms(own, parts, settings), *_mailbox_alarms(own, parts, settings)]
    of_courier = _courier_alarms(own, parts.courier, settings) if parts.courier else []
    alias = ShiftedAlias(
        rollout="rollout",
        function=aggregator.function,
        function_arn=aggregator.function_arn,
        alias=ALIAS,
        alarms=_rolling_back(of_aggregator),
    )
    aliases = [alias, *([replace(parts.courier, alarms=_rolling_back(of_courier))] if parts.courier else [])]
    return Watched(
        alarms=[*of_aggregator, *of_courier],
        rows=_rows(own, parts, settings),
        recorded=_recorded(parts),
        shifted=aliases if shifted else [],
    )


def _rolling_back(alarms: Sequence[Alarm]) -> list[str]:
    return [alarm.name for alarm in alarms if alarm.rolls_back]


def _aggregator_alarms(own: OwnMetrics, parts: WatchedParts, settings: FilesSettings) -> list[Alarm]:
    ingest = parts.stores.ingest
    rate = settings.expected_per_second
    queues = [lane.name for lane in ingest.lanes]
    return [
        *queue_alarms(queues, ingest.dead_letter_name, expected_files_per_second=rate),
        *batch_alarms(own, expected_files_per_second=rate),
        *path_alarms(own, expected_files_per_second=rate),
        *silence_alarms(queues, minutes=settings.silence_minutes),
        *function_alarms(
            parts.aggregator.function,
            parts.stores.claims.table,
            function_timeout_seconds=settings.function_timeout_seconds,
        ),
        *latency_alarms(own),
    ]


def _mailbox_alarms(own: OwnMetrics, parts: WatchedParts, settings: FilesSettings) -> list[Alarm]:
    """Return the alarms of what waits, of who counts it, and of files that nothing is going to deliver."""
    bundles_per_hour = timing.hour_of_bundles(
        files_per_second=settings.expected_per_second,
        batch_size=settings.batch_size,
        batching_window=settings.batching_window_seconds,
        maximum_concurrency=settings.maximum_concurrency,
        lanes=settings.lanes,
    )
    waiting = undelivered_alarms if parts.courier else mailbox_alarms
    return [
        *waiting(own, wait_seconds=settings.mailbox_wait_seconds, bundles_per_hour=bundles_per_hour),
        *monitor_alarms(own, parts.monitor, unseen="the receiver" if parts.courier else "the consumer"),
        *reconciliation_alarms(own),
        *registrar_alarms(own),
    ]


def _courier_alarms(own: OwnMetrics, courier: ShiftedAlias, settings: FilesSettings) -> list[Alarm]:
    return [
        *courier_alarms(own, courier.function),
        *receiver_alarms(
            own,
            credentials_grace_minutes=settings.credentials_grace_minutes,
            credentials_max_age_days=settings.credentials_max_age_days,
        ),
        *acknowledgement_alarms(own),
    ]


def _rows(own: OwnMetrics, parts: WatchedParts, settings: FilesSettings) -> list[Row]:
    return dashboard_rows(
        DashboardArgs(
            own=own,
            queues=[lane.name for lane in parts.stores.ingest.lanes],
            dead_letters=parts.stores.ingest.dead_letter_name,
            function=parts.aggregator.function,
            table=parts.stores.claims.table,
            function_memory_megabytes=settings.function_memory_megabytes,
            mailbox_wait_seconds=settings.mailbox_wait_seconds,
            courier=parts.courier.function if parts.courier else None,
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
            not_by_roles=[parts.aggregator.role_name],
        ),
        RecordedEvents(
            title="Landed files, puts by anybody but the external party",
            bucket_arns=[stores.landing.arn],
            only=["PutObject"],
            not_by_roles=[parts.external_party_role_name],
        ),
    ]
