"""The alarms of a stack as CloudWatch has them: each tells the topic, and one over those that page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.blocks.naming import resource_name
from components.watch.definition import Above, Alarm, Below, Formula, Metric, Unusual, describe

UNHEALTHY: Final = "pipeline-unhealthy"

# What the number that an alarm judges is called in its queries.
_WATCHED: Final = "watched"
_STATISTICS: Final = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


class StackAlarms(pulumi.ComponentResource):
    """Alarms that tell a topic when they go on and off, and `pipeline-unhealthy` over those that page.

    It is on while one of those is on. They count several periods, so neither they nor it flap.
    """

    def __init__(
        self,
        name: str,
        pipelines: Mapping[str, Sequence[Alarm]],
        topic_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare them.

        Args:
            name: logical name.
            pipelines: the alarms of each pipeline, by its name.
            topic_arn: what is told.
            opts: options of the component.
        """
        super().__init__("baler:stack_alarms:StackAlarms", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._made = {
            pipeline: [
                (alarm, _metric_alarm(resource_name(pipeline, alarm.name), alarm, topic_arn, child)) for alarm in alarms
            ]
            for pipeline, alarms in pipelines.items()
        }
        paging = {
            f"{pipeline}-{alarm.name}": made.arn
            for pipeline, alarms in self._made.items()
            for alarm, made in alarms
            if alarm.pages
        }
        # Plain "or" of alarms by their ARNs is also all that LocalStack evaluates.
        rule = pulumi.Output.all(*paging.values()).apply(lambda arns: " OR ".join(f'ALARM("{arn}")' for arn in arns))
        unhealthy = aws.cloudwatch.CompositeAlarm(
            resource_name(UNHEALTHY),
            alarm_name=resource_name(UNHEALTHY),
            alarm_rule=rule,
            alarm_description=describe(
                f"A pipeline cannot do its work, and it cannot wait: one of {', '.join(paging)} is on.",
                "see which, and look it up in the table of the runbook.",
                UNHEALTHY,
            ),
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
            opts=child,
        )
        self._unhealthy_arn: pulumi.Output[str] = unhealthy.arn
        self.register_outputs({})

    def arns(self, pipeline: str) -> list[pulumi.Output[str]]:
        """Return the ARNs of a pipeline's alarms, after that of the one over all."""
        return [self._unhealthy_arn, *(made.arn for _, made in self._made[pipeline])]

    def names(self, pipeline: str, alarms: Sequence[str]) -> list[pulumi.Output[str]]:
        """Return what CloudWatch calls these alarms of a pipeline."""
        return [made.name for alarm, made in self._made[pipeline] if alarm.name in alarms]


def _metric_alarm(
    name: str, alarm: Alarm, topic_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.cloudwatch.MetricAlarm:
    return aws.cloudwatch.MetricAlarm(
        name,
        name=name,
        alarm_description=alarm.description,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.breaching,
        treat_missing_data=alarm.missing,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
        **_condition(alarm),
    )


def _condition(alarm: Alarm) -> dict[str, Any]:
    match alarm.when:
        case Above(threshold=threshold):
            return {
                "comparison_operator": "GreaterThanThreshold",
                "threshold": threshold,
                **_watched(alarm.metric),
            }
        case Below(threshold=threshold):
            return {"comparison_operator": "LessThanThreshold", "threshold": threshold, **_watched(alarm.metric)}
        case Unusual(deviations=deviations):
            return {
                "comparison_operator": "GreaterThanUpperThreshold",
                "threshold_metric_id": "usual",
                "metric_queries": [
                    aws.cloudwatch.MetricAlarmMetricQueryArgs(
                        id="usual",
                        expression=f"ANOMALY_DETECTION_BAND({_WATCHED}, {deviations})",
                        label="the usual",
                        return_data=True,
                    ),
                    *_queries(alarm.metric),
                ],
            }


def _watched(metric: Metric | Formula) -> dict[str, Any]:
    if isinstance(metric, Formula):
        return {"metric_queries": _queries(metric)}
    watched: dict[str, Any] = {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": metric.dimensions,
        "period": metric.period_seconds,
    }
    if metric.statistic in _STATISTICS:
        return {**watched, "statistic": metric.statistic}
    return {
        **watched,
        "extended_statistic": metric.statistic,
        # CloudWatch's other way wants 10 / (1 - percentile) values a period, 10,000 for p99.9: more than five minutes
        # of the expected load bring, so the alarm would never be evaluated (user guide, "Percentile-based alarms").
        "evaluate_low_sample_count_percentiles": "evaluate",
    }


def _queries(metric: Metric | Formula) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Return what CloudWatch is asked for: the number that is judged, and what it is computed of."""
    if isinstance(metric, Metric):
        return [_query(_WATCHED, metric, judged=True)]
    return [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=_WATCHED, expression=metric.expression, label=_WATCHED, return_data=True
        ),
        *(_query(name, each, judged=False) for name, each in metric.metrics.items()),
    ]


def _query(name: str, metric: Metric, *, judged: bool) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=name,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=metric.dimensions,
            stat=metric.statistic,
            period=metric.period_seconds,
        ),
        return_data=judged,
    )
