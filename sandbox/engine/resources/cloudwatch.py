"""Alarms and dashboards, as the sandbox's CloudWatch takes them (plugins/baler_cloudwatch)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def metric_alarm(name: str, inputs: Inputs) -> Creation:
    """Create an alarm on a metric, or on a band around one."""
    alarm_name = physical_name(name, inputs, longest=255)
    definition = inputs.renamed(
        actionsEnabled="ActionsEnabled",
        alarmActions="AlarmActions",
        alarmDescription="AlarmDescription",
        comparisonOperator="ComparisonOperator",
        datapointsToAlarm="DatapointsToAlarm",
        evaluateLowSampleCountPercentiles="EvaluateLowSampleCountPercentile",
        evaluationPeriods="EvaluationPeriods",
        extendedStatistic="ExtendedStatistic",
        insufficientDataActions="InsufficientDataActions",
        metricName="MetricName",
        namespace="Namespace",
        okActions="OKActions",
        period="Period",
        statistic="Statistic",
        threshold="Threshold",
        thresholdMetricId="ThresholdMetricId",
        treatMissingData="TreatMissingData",
        unit="Unit",
    )
    dimensions = inputs.take("dimensions", {})
    if dimensions:
        definition["Dimensions"] = _dimensions(dimensions)
    queries = [_query(query) for query in inputs.sections("metricQueries")]
    if queries:
        definition["Metrics"] = queries
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        aws.cloudwatch.put_metric_alarm(AlarmName=alarm_name, **definition, **_tagged(tags))
        [alarm] = aws.cloudwatch.describe_alarms(AlarmNames=[alarm_name])["MetricAlarms"]
        return Created(alarm_name, {"name": alarm_name, "arn": alarm["AlarmArn"], "tagsAll": tags})

    return create


def composite_alarm(_name: str, inputs: Inputs) -> Creation:
    """Create an alarm over others."""
    alarm_name = inputs.take("alarmName")
    definition = inputs.renamed(
        actionsEnabled="ActionsEnabled",
        alarmActions="AlarmActions",
        alarmDescription="AlarmDescription",
        alarmRule="AlarmRule",
        insufficientDataActions="InsufficientDataActions",
        okActions="OKActions",
    )
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        aws.cloudwatch.put_composite_alarm(AlarmName=alarm_name, **definition, **_tagged(tags))
        found = aws.cloudwatch.describe_alarms(AlarmNames=[alarm_name], AlarmTypes=["CompositeAlarm"])
        [alarm] = found["CompositeAlarms"]
        return Created(alarm_name, {"arn": alarm["AlarmArn"], "tagsAll": tags})

    return create


def dashboard(_name: str, inputs: Inputs) -> Creation:
    """Create a dashboard."""
    dashboard_name = inputs.take("dashboardName")
    body = inputs.take("dashboardBody")

    def create(aws: Endpoint) -> Created:
        aws.cloudwatch.put_dashboard(DashboardName=dashboard_name, DashboardBody=body)
        arn = aws.cloudwatch.get_dashboard(DashboardName=dashboard_name)["DashboardArn"]
        return Created(dashboard_name, {"dashboardArn": arn})

    return create


def _query(query: Inputs) -> dict[str, Any]:
    found = query.renamed(
        accountId="AccountId",
        expression="Expression",
        id="Id",
        label="Label",
        period="Period",
        returnData="ReturnData",
    )
    watched = query.section("metric")
    metric = watched.renamed(metricName="MetricName", namespace="Namespace")
    if metric:
        metric["Dimensions"] = _dimensions(watched.take("dimensions", {}))
        found["MetricStat"] = {"Metric": metric, **watched.renamed(period="Period", stat="Stat", unit="Unit")}
    return found


def _dimensions(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _tagged(tags: Mapping[str, str]) -> dict[str, Any]:
    return {"Tags": tag_list(tags)} if tags else {}
