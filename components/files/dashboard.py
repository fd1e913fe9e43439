"""The dashboard: is it healthy, how late is it, where does it pile up, what does it cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from baler.files import metric_names
from components.files import timing

_WIDTH: Final = 24
_HEIGHT: Final = 6
# AWS publishes what an account costs in this region alone, whatever region the stack is in.
_BILLING_REGION: Final = "us-east-1"
_MEGABYTES_A_GIGABYTE: Final = 1024


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What is drawn, by the names that CloudWatch knows it by."""

    stack: str
    region: pulumi.Input[str]
    queue: pulumi.Input[str]
    dead_letters: pulumi.Input[str]
    function: pulumi.Input[str]
    table: pulumi.Input[str]
    alarm_arns: Sequence[pulumi.Input[str]]
    function_memory_megabytes: int
    mailbox_wait_seconds: int


class Dashboard(pulumi.ComponentResource):
    """One page in four rows, each a question and its answer."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:dashboard:Dashboard", name, None, opts)
        dashboard = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=name,
            dashboard_body=pulumi.Output.json_dumps({"widgets": _widgets(args)}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name: pulumi.Output[str] = dashboard.dashboard_name
        self.register_outputs({"name": self.name})


def _widgets(args: DashboardArgs) -> list[dict[str, Any]]:
    rows = [
        ("Is it healthy?", "Which alarms are on tells what it is: docs/runbooks/pipeline-unhealthy.md", _health(args)),
        ("How late is it?", "95% of files in 2 minutes, 99.9% in 3", _lateness(args)),
        ("Where does it pile up?", "in the order of a file's way", _piles(args)),
        ("What does it cost?", "what the bill grows with; the month's bill itself takes hours", _cost(args)),
    ]
    widgets: list[dict[str, Any]] = []
    top = 0
    for title, subtitle, row in rows:
        heading = {"type": "text", "properties": {"markdown": f"## {title}\n{subtitle}", "background": "transparent"}}
        widgets.append({**heading, "x": 0, "y": top, "width": _WIDTH, "height": 2})
        width = _WIDTH // len(row)
        widgets += [
            {**widget, "x": place * width, "y": top + 2, "width": width, "height": _HEIGHT}
            for place, widget in enumerate(row)
        ]
        top += 2 + _HEIGHT
    return widgets


def _health(args: DashboardArgs) -> list[dict[str, Any]]:
    return [
        {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(args.alarm_arns)}},
        _graph(
            args,
            "Files",
            [
                _ours(args, metric_names.FILES, "Sum", "bundled"),
                _ours(args, metric_names.DUPLICATES, "Sum", "duplicates"),
                _ours(args, metric_names.TAKEN_OVER, "Sum", "taken over"),
                _ours(args, metric_names.ROLLED_FORWARD, "Sum", "bundles rolled forward"),
            ],
        ),
        _graph(
            args,
            "Function",
            [
                _of_function(args, "Invocations", "Sum"),
                _of_function(args, "Errors", "Sum"),
                _of_function(args, "Throttles", "Sum"),
                _of_function(args, "ConcurrentExecutions", "Maximum"),
            ],
        ),
        _graph(
            args,
            "Messages that stay, by reason",
            [_by_reason(args, metric_names.REJECTED), _by_reason(args, metric_names.RETRIED)],
        ),
        _graph(
            args,
            "What is wrong with the path, by reason",
            [
                _by_reason(args, name)
                for name in (
                    *(metric_names.NOT_FED, metric_names.NOT_CONSUMED),
                    *(metric_names.NO_REDRIVE, metric_names.UNREAD),
                )
            ],
        ),
    ]


def _lateness(args: DashboardArgs) -> list[dict[str, Any]]:
    parts = (metric_names.EVENT_DELAY, metric_names.QUEUE_WAIT, metric_names.PROCESSING)
    return [
        _graph(
            args,
            "From landing to mailbox (seconds)",
            [_ours(args, metric_names.LATENCY, percentile, percentile) for percentile in ("p50", "p95", "p99.9")],
            lines={
                "95% objective": timing.TYPICAL_DELIVERY_OBJECTIVE_SECONDS,
                "99.9% objective": timing.DELIVERY_OBJECTIVE_SECONDS,
            },
        ),
        _graph(args, "Its parts, p95 (seconds)", [_ours(args, part, "p95", part) for part in parts]),
        _graph(
            args,
            "Runs of the function (milliseconds)",
            [_of_function(args, "Duration", statistic) for statistic in ("p50", "p95", "Maximum")],
        ),
    ]


def _piles(args: DashboardArgs) -> list[dict[str, Any]]:
    waiting = "ApproximateNumberOfMessagesVisible"
    return [
        _graph(
            args,
            "Ingest queue",
            [
                _ours(args, metric_names.QUEUE_MESSAGES, "Maximum", "all"),
                _of_queue(args.queue, waiting, "Maximum", "waiting"),
                _of_queue(args.queue, "ApproximateNumberOfMessagesNotVisible", "Maximum", "in work, or backing off"),
                _of_queue(args.queue, "NumberOfMessagesSent", "Sum", "arrived"),
                _of_queue(args.queue, "NumberOfMessagesDeleted", "Sum", "done"),
            ],
        ),
        _graph(
            args,
            "Oldest in the queue (seconds)",
            [
                _of_queue(args.queue, "ApproximateAgeOfOldestMessage", "Maximum", "received less than 3 times"),
                _ours(args, metric_names.OLDEST_LEFT_AGE, "Maximum", "failed just now"),
            ],
            lines={"late": timing.DELIVERY_OBJECTIVE_SECONDS},
        ),
        _graph(args, "Dead letters", [_of_queue(args.dead_letters, waiting, "Maximum", "dead letters")]),
        _graph(
            args,
            "Mailbox: bundles",
            [_ours(args, metric_names.MAILBOX_OBJECTS, "Maximum", "bundles")],
        ),
        _graph(
            args,
            "Mailbox: oldest (seconds)",
            [_ours(args, metric_names.MAILBOX_OLDEST_AGE, "Maximum", "age")],
            lines={"consumer counts as down": args.mailbox_wait_seconds},
        ),
        _graph(args, "Mailbox: bytes", [_ours(args, metric_names.MAILBOX_BYTES, "Maximum", "bytes")]),
        _graph(
            args,
            "Reconciliation",
            [
                _ours(args, metric_names.ANNOUNCED_AGAIN, "Sum", "files announced again"),
                _ours(args, metric_names.RECONCILED_AGE, "Maximum", "oldest file not compared (seconds)"),
            ],
        ),
    ]


def _cost(args: DashboardArgs) -> list[dict[str, Any]]:
    gigabytes = args.function_memory_megabytes / _MEGABYTES_A_GIGABYTE
    duration = _of_function(args, "Duration", "Sum")
    return [
        _graph(
            args,
            "Bytes in and out",
            [
                _ours(args, metric_names.BYTES_IN, "Sum", "files"),
                _ours(args, metric_names.BYTES_OUT, "Sum", "bundles"),
            ],
        ),
        _graph(
            args,
            "Files a bundle, compression",
            [
                [{"expression": "files / bundles", "label": "files a bundle"}],
                _ours(args, metric_names.FILES, "Sum", "files", id="files", visible=False),
                _ours(args, metric_names.BUNDLES, "Sum", "bundles", id="bundles", visible=False),
                _ours(args, metric_names.COMPRESSION_RATIO, "Average", "compression"),
            ],
        ),
        _graph(
            args,
            "Function (GB-seconds)",
            [
                [{"expression": f"duration / 1000 * {gigabytes:g}", "label": "GB-seconds"}],
                [*duration[:-1], {**duration[-1], "id": "duration", "visible": False}],
            ],
        ),
        _graph(
            args,
            "Claims (write and read units)",
            [
                ["AWS/DynamoDB", name, "TableName", args.table, {"stat": "Sum"}]
                for name in ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits")
            ],
        ),
        _graph(
            args,
            "The account's bill this month (dollars)",
            [["AWS/Billing", "EstimatedCharges", "Currency", "USD", {"stat": "Maximum", "label": "so far"}]],
            period=6 * timing.SECONDS_PER_HOUR,
            region=_BILLING_REGION,
        ),
    ]


def _graph(  # noqa: PLR0913 - each is named where it is given
    args: DashboardArgs,
    title: str,
    metrics: list[list[Any]],
    *,
    lines: Mapping[str, int] | None = None,
    period: int = 60,
    region: str | None = None,
) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": title,
        "view": "timeSeries",
        "region": region or args.region,
        "period": period,
        "metrics": metrics,
        "yAxis": {"left": {"min": 0}},
    }
    if lines:
        properties["annotations"] = {"horizontal": [{"label": label, "value": value} for label, value in lines.items()]}
    return {"type": "metric", "properties": properties}


def _ours(args: DashboardArgs, name: str, statistic: str, label: str, **options: Any) -> list[Any]:
    return [
        metric_names.NAMESPACE,
        name,
        metric_names.STACK,
        args.stack,
        {"stat": statistic, "label": label, **options},
    ]


def _by_reason(args: DashboardArgs, name: str) -> list[Any]:
    schema = f"{{{metric_names.NAMESPACE},{metric_names.STACK},{metric_names.REASON}}}"
    search = f"SEARCH('{schema} MetricName=\"{name}\" {metric_names.STACK}=\"{args.stack}\"', 'Sum')"
    return [{"expression": search, "label": f"{name.lower()}: ${{PROP('Dim.{metric_names.REASON}')}}"}]


def _of_function(args: DashboardArgs, name: str, statistic: str) -> list[Any]:
    return ["AWS/Lambda", name, "FunctionName", args.function, {"stat": statistic, "label": f"{name} {statistic}"}]


def _of_queue(queue: pulumi.Input[str], name: str, statistic: str, label: str) -> list[Any]:
    return ["AWS/SQS", name, "QueueName", queue, {"stat": statistic, "label": label}]
