"""The dashboard of a stack: rows of graphs, each row a question of one pipeline and its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.watch.definition import OwnMetrics

_WIDTH: Final = 24
_HEIGHT: Final = 6
_HEADING_HEIGHT: Final = 2

GraphMetric = list[Any]
"""A line of a graph, as the body of a dashboard has it: namespace, name, dimensions, options."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph over time."""

    title: str
    metrics: Sequence[GraphMetric]
    lines: Mapping[str, int] = field(default_factory=dict[str, int])
    """Horizontal lines to compare with, by their labels."""

    period_seconds: int = 60
    region: str | None = None
    """Where the metrics are; None is the stack's own region."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A question, and the graphs that answer it."""

    title: str
    subtitle: str
    graphs: Sequence[Graph]
    begins_with_alarms: bool = False
    """Whether the states of the pipeline's alarms stand in front."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """The rows of a pipeline."""

    pipeline: str
    rows: Sequence[Row]
    alarm_arns: Sequence[pulumi.Input[str]]


class Dashboard(pulumi.ComponentResource):
    """One page for all pipelines of a stack."""

    def __init__(
        self,
        name: str,
        sections: Sequence[Section],
        *,
        region: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:dashboard:Dashboard", name, None, opts)
        dashboard = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=name,
            dashboard_body=pulumi.Output.json_dumps({"widgets": _widgets(sections, region)}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name: pulumi.Output[str] = dashboard.dashboard_name
        self.register_outputs({"name": self.name})


def of_own(own: OwnMetrics, name: str, statistic: str, label: str, **options: Any) -> GraphMetric:
    """Return the line of a metric that a pipeline publishes itself; options are CloudWatch's."""
    dimensions = [each for dimension in own.dimensions.items() for each in dimension]
    return [own.namespace, name, *dimensions, {"stat": statistic, "label": label, **options}]


def of_own_by(own: OwnMetrics, name: str, dimension: str, statistic: str = "Sum") -> GraphMetric:
    """Return a line for each value that one more dimension of such a metric has, whatever values there are."""
    schema = f"{{{','.join((own.namespace, *own.dimensions, dimension))}}}"
    wanted = " ".join(f'{key}="{value}"' for key, value in own.dimensions.items())
    search = f"SEARCH('{schema} MetricName=\"{name}\" {wanted}', '{statistic}')"
    return [{"expression": search, "label": f"{name.lower()}: ${{PROP('Dim.{dimension}')}}"}]


def of_function(function: pulumi.Input[str], name: str, statistic: str, **options: Any) -> GraphMetric:
    """Return the line of one of Lambda's metrics, given the function's name."""
    label = {"stat": statistic, "label": f"{name} {statistic}", **options}
    return ["AWS/Lambda", name, "FunctionName", function, label]


def of_queue(queue: pulumi.Input[str], name: str, statistic: str, label: str) -> GraphMetric:
    """Return the line of one of SQS's metrics, given the queue's name."""
    return ["AWS/SQS", name, "QueueName", queue, {"stat": statistic, "label": label}]


def _widgets(sections: Sequence[Section], region: pulumi.Input[str]) -> list[dict[str, Any]]:
    widgets: list[dict[str, Any]] = []
    top = 0
    for section in sections:
        for row in section.rows:
            markdown = f"## {section.pipeline.title()}: {row.title}\n{row.subtitle}"
            heading = {"type": "text", "properties": {"markdown": markdown, "background": "transparent"}}
            widgets.append({**heading, "x": 0, "y": top, "width": _WIDTH, "height": _HEADING_HEIGHT})
            top += _HEADING_HEIGHT
            contents = [_graph(graph, region) for graph in row.graphs]
            if row.begins_with_alarms:
                contents.insert(0, _alarms(section.alarm_arns))
            width = _WIDTH // len(contents)
            widgets += [
                {**content, "x": place * width, "y": top, "width": width, "height": _HEIGHT}
                for place, content in enumerate(contents)
            ]
            top += _HEIGHT
    return widgets


def _alarms(arns: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    return {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(arns)}}


def _graph(graph: Graph, region: pulumi.Input[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": graph.title,
        "view": "timeSeries",
        "region": graph.region or region,
        "period": graph.period_seconds,
        "metrics": list(graph.metrics),
        "yAxis": {"left": {"min": 0}},
    }
    if graph.lines:
        lines = [{"label": label, "value": value} for label, value in graph.lines.items()]
        properties["annotations"] = {"horizontal": lines}
    return {"type": "metric", "properties": properties}
