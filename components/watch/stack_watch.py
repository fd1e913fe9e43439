"""What watches over a stack: its alarms and who hears of them, its dashboard, its budget, the record of accesses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.blocks.bucket_policy import Principals
from components.blocks.naming import resource_name
from components.settings.alarms import AlarmSettings
from components.settings.data import DataSettings
from components.watch.access_trail import AccessTrail, AccessTrailArgs, RecordedEvents
from components.watch.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.watch.cost_budget import CostBudget
from components.watch.dashboard import Dashboard, Row, Section
from components.watch.definition import Alarm
from components.watch.rollout import Rollout, RolloutArgs, ShiftedAlias
from components.watch.stack_alarms import UNHEALTHY, StackAlarms

_ALARMS: Final = "alarms"


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a pipeline has to be watched over for."""

    alarms: Sequence[Alarm]
    rows: Sequence[Row]
    """Its part of the dashboard."""

    recorded: Sequence[RecordedEvents]
    """What is recorded of accesses to its buckets, where the stack records them."""

    shifted: Sequence[ShiftedAlias]
    """The aliases that deployments move from version to version, each of which alarms of its own take back."""


@dataclass(frozen=True, kw_only=True)
class StackWatchArgs:
    """What is watched, for whom, and how closely."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    pipelines: Mapping[str, Watched]
    """By the pipeline's name."""

    alarms: AlarmSettings
    data: DataSettings
    operators: Principals
    """ARNs of those who may read the record of accesses."""


class StackWatch:
    """One topic, one dashboard and one alarm over all that page, for all pipelines together."""

    def __init__(self, args: StackWatchArgs) -> None:
        topic = AlarmTopic(
            resource_name(_ALARMS),
            AlarmTopicArgs(
                region=args.region,
                account=args.account,
                subscribers=args.alarms.alarm_subscriptions,
                pager_subscribers=args.alarms.page_subscriptions,
                paging_alarm=resource_name(UNHEALTHY),
            ),
        )
        alarms = StackAlarms(
            resource_name(_ALARMS), {name: each.alarms for name, each in args.pipelines.items()}, topic.arn
        )
        for name, each in args.pipelines.items():
            for shifted in each.shifted:
                Rollout(
                    resource_name(name, shifted.rollout),
                    RolloutArgs(
                        shifted=shifted,
                        alarms=alarms.names(name, shifted.alarms),
                        region=args.region,
                        account=args.account,
                    ),
                )
        if args.alarms.monthly_budget_dollars:
            CostBudget(resource_name("cost"), dollars=args.alarms.monthly_budget_dollars, topic_arn=topic.arn)
        if args.data.records_access:
            _record_access(args)
        dashboard = Dashboard(
            resource_name("pipeline"),
            [
                Section(pipeline=name, rows=each.rows, alarm_arns=alarms.arns(name))
                for name, each in args.pipelines.items()
            ],
            region=args.region,
        )
        self.outputs: Mapping[str, pulumi.Input[str]] = {"alarmTopicArn": topic.arn, "dashboard": dashboard.name}


def _record_access(args: StackWatchArgs) -> None:
    AccessTrail(
        resource_name("access-log"),
        AccessTrailArgs(
            region=args.region,
            account=args.account,
            recorded=[events for each in args.pipelines.values() for events in each.recorded],
            keep_on_destroy=args.data.keep_data_on_destroy,
            retention_days=args.data.access_log_days,
            operators=args.operators,
        ),
        pulumi.ResourceOptions(protect=args.data.protect_data),
    )
