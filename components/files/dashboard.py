"""The pipeline's rows of the dashboard: is it healthy, how late is it, where does it pile up, what does it cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from baler.files import metric_names
from components.files import timing
from components.watch.dashboard import Graph, GraphMetric, Row, of_function, of_own, of_own_by, of_queue
from components.watch.definition import OwnMetrics

# AWS publishes what an account costs in this region alone, whatever region the stack is in.
_BILLING_REGION: Final = "us-east-1"
_MEGABYTES_A_GIGABYTE: Final = 1024


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What is drawn, by the names that CloudWatch knows it by."""

    own: OwnMetrics
    queues: Sequence[pulumi.Input[str]]
    """One, or one for each lane."""

    dead_letters: pulumi.Input[str]
    function: pulumi.Input[str]
    table: pulumi.Input[str]
    function_memory_megabytes: int
    mailbox_wait_seconds: int
    courier: pulumi.Input[str] | None
    """The courier's function; None where a consumer takes the bundles."""


def dashboard_rows(args: DashboardArgs) -> list[Row]:
    """Return four rows, each a question and its answer, and a fifth where a courier delivers."""
    return [
        Row(
            title="Is it healthy?",
            subtitle="Which alarms are on tells what it is: docs/runbooks/pipeline-unhealthy.md",
            graphs=_health(args),
            begins_with_alarms=True,
        ),
        Row(title="How late is it?", subtitle="95% of files in 2 minutes, 99.9% in 3", graphs=_lateness(args)),
        Row(title="Where does it pile up?", subtitle="in the order of a file's way", graphs=_piles(args)),
        *(_delivery(args, args.courier) if args.courier is not None else []),
        Row(
            title="What does it cost?",
            subtitle="what the bill grows with; the month's bill itself takes hours",
            graphs=_cost(args),
        ),
    ]


def _health(args: DashboardArgs) -> list[Graph]:
    return [
        Graph(
            title="Files",
            metrics=[
                of_own(args.own, metric_names.FILES, "Sum", "bundled"),
                of_own(args.own, metric_names.DUPLICATES, "Sum", "duplicates"),
                of_own(args.own, metric_names.TAKEN_OVER, "Sum", "taken over"),
                of_own(args.own, metric_names.ROLLED_FORWARD, "Sum", "bundles rolled forward"),
            ],
        ),
        Graph(
            title="Function",
            metrics=[
                of_function(args.function, "Invocations", "Sum"),
                of_function(args.function, "Errors", "Sum"),
                of_function(args.function, "Throttles", "Sum"),
                of_function(args.function, "ConcurrentExecutions", "Maximum"),
            ],
        ),
        Graph(
            title="Messages that stay, by reason",
            metrics=[_by_reason(args, metric_names.REJECTED), _by_reason(args, metric_names.RETRIED)],
        ),
        Graph(
            title="What is wrong with the path, by reason",
            metrics=[
                _by_reason(args, name)
                for name in (
                    *(metric_names.NOT_FED, metric_names.NOT_CONSUMED),
                    *(metric_names.NO_REDRIVE, metric_names.UNREAD),
                )
            ],
        ),
    ]


def _lateness(args: DashboardArgs) -> list[Graph]:
    parts = (metric_names.EVENT_DELAY, metric_names.QUEUE_WAIT, metric_names.PROCESSING)
    return [
        Graph(
            title="From landing to mailbox (seconds)",
            metrics=[
                of_own(args.own, metric_names.LATENCY, percentile, percentile) for percentile in ("p50", "p95", "p99.9")
            ],
            lines={
                "95% objective": timing.TYPICAL_DELIVERY_OBJECTIVE_SECONDS,
                "99.9% objective": timing.DELIVERY_OBJECTIVE_SECONDS,
            },
        ),
        Graph(title="Its parts, p95 (seconds)", metrics=[of_own(args.own, part, "p95", part) for part in parts]),
        Graph(
            title="Runs of the function (milliseconds)",
            metrics=[of_function(args.function, "Duration", statistic) for statistic in ("p50", "p95", "Maximum")],
        ),
    ]


def _piles(args: DashboardArgs) -> list[Graph]:
    waiting = "ApproximateNumberOfMessagesVisible"
    return [
        Graph(
            title="Ingest queue",
            metrics=[
                of_own(args.own, metric_names.QUEUE_MESSAGES, "Maximum", "all"),
                *_of_lanes(args, waiting, "Maximum", "waiting"),
                *_of_lanes(args, "ApproximateNumberOfMessagesNotVisible", "Maximum", "in work, or backing off"),
                *_of_lanes(args, "NumberOfMessagesSent", "Sum", "arrived"),
                *_of_lanes(args, "NumberOfMessagesDeleted", "Sum", "done"),
            ],
        ),
        Graph(
            title="Oldest in the queue (seconds)",
            metrics=[
                *_of_lanes(args, "ApproximateAgeOfOldestMessage", "Maximum", "received less than 3 times"),
                of_own(args.own, metric_names.OLDEST_LEFT_AGE, "Maximum", "failed just now"),
            ],
            lines={"late": timing.DELIVERY_OBJECTIVE_SECONDS},
        ),
        Graph(title="Dead letters", metrics=[of_queue(args.dead_letters, waiting, "Maximum", "dead letters")]),
        Graph(
            title="Mailbox: bundles",
            metrics=[of_own(args.own, metric_names.MAILBOX_OBJECTS, "Maximum", "bundles")],
        ),
        Graph(
            title="Mailbox: oldest (seconds)",
            metrics=[of_own(args.own, metric_names.MAILBOX_OLDEST_AGE, "Maximum", "age")],
            lines={f"{'consumer' if args.courier is None else 'receiver'} counts as down": args.mailbox_wait_seconds},
        ),
        Graph(title="Mailbox: bytes", metrics=[of_own(args.own, metric_names.MAILBOX_BYTES, "Maximum", "bytes")]),
        Graph(
            title="Reconciliation",
            metrics=[
                of_own(args.own, metric_names.ANNOUNCED_AGAIN, "Sum", "files announced again"),
                of_own(args.own, metric_names.RECONCILED_AGE, "Maximum", "oldest file not compared (seconds)"),
            ],
        ),
        Graph(
            title="Register: behind the archive",
            metrics=[of_own(args.own, metric_names.REGISTER_AGE, "Maximum", "oldest bundle not registered (seconds)")],
        ),
    ]


def _delivery(args: DashboardArgs, courier: pulumi.Input[str]) -> list[Row]:
    """Return the row of a pushed delivery."""
    own = args.own
    return [
        Row(
            title="Does the receiver take it?",
            subtitle="What the breaker's causes mean: docs/runbooks/receiver-down.md",
            graphs=[
                Graph(
                    title="Bundles, and refusals by reason",
                    metrics=[
                        of_own(own, metric_names.DELIVERED, "Sum", "acknowledged"),
                        _by_reason(args, metric_names.REFUSED_BUNDLES),
                        _by_reason(args, metric_names.SEND_FAILED),
                    ],
                ),
                Graph(
                    title="Breaker open (seconds, by cause)",
                    metrics=[
                        of_own_by(own, metric_names.BREAKER_OPEN_SECONDS, metric_names.REASON, "Maximum"),
                        of_own(own, metric_names.BREAKER_OPEN, "Maximum", "open (1) or closed (0)"),
                    ],
                ),
                Graph(
                    title="From landing to acknowledgement (seconds)",
                    metrics=[
                        of_own(own, metric_names.DELIVERY_LATENCY, percentile, percentile)
                        for percentile in ("p50", "p95", "p99.9")
                    ],
                    lines={
                        "95% objective": timing.TYPICAL_DELIVERY_OBJECTIVE_SECONDS,
                        "99.9% objective": timing.DELIVERY_OBJECTIVE_SECONDS,
                    },
                ),
                Graph(
                    title="Set aside: bundles",
                    metrics=[of_own(own, metric_names.QUARANTINED, "Maximum", "bundles")],
                ),
                Graph(
                    title="Credentials: age (seconds)",
                    metrics=[of_own(own, metric_names.CREDENTIALS_AGE, "Minimum", "age")],
                ),
                Graph(
                    title="Courier",
                    metrics=[
                        of_function(courier, "Invocations", "Sum"),
                        of_function(courier, "Errors", "Sum"),
                        of_function(courier, "Throttles", "Sum"),
                        of_function(courier, "ConcurrentExecutions", "Maximum"),
                    ],
                ),
            ],
        )
    ]


def _cost(args: DashboardArgs) -> list[Graph]:
    gigabytes = args.function_memory_megabytes / _MEGABYTES_A_GIGABYTE
    return [
        Graph(
            title="Bytes in and out",
            metrics=[
                of_own(args.own, metric_names.BYTES_IN, "Sum", "files"),
                of_own(args.own, metric_names.BYTES_OUT, "Sum", "bundles"),
            ],
        ),
        Graph(
            title="Files a bundle, compression",
            metrics=[
                [{"expression": "files / bundles", "label": "files a bundle"}],
                of_own(args.own, metric_names.FILES, "Sum", "files", id="files", visible=False),
                of_own(args.own, metric_names.BUNDLES, "Sum", "bundles", id="bundles", visible=False),
                of_own(args.own, metric_names.COMPRESSION_RATIO, "Average", "compression"),
            ],
        ),
        Graph(
            title="Function (GB-seconds)",
            metrics=[
                [{"expression": f"duration / 1000 * {gigabytes:g}", "label": "GB-seconds"}],
                of_function(args.function, "Duration", "Sum", id="duration", visible=False),
            ],
        ),
        Graph(
            title="Claims (write and read units)",
            metrics=[
                ["AWS/DynamoDB", name, "TableName", args.table, {"stat": "Sum"}]
                for name in ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits")
            ],
        ),
        Graph(
            title="The account's bill this month (dollars)",
            metrics=[["AWS/Billing", "EstimatedCharges", "Currency", "USD", {"stat": "Maximum", "label": "so far"}]],
            period_seconds=6 * timing.SECONDS_PER_HOUR,
            region=_BILLING_REGION,
        ),
    ]


def _of_lanes(args: DashboardArgs, name: str, statistic: str, label: str) -> list[GraphMetric]:
    """Return a line for each queue; the label says which where there are several."""
    several = len(args.queues) > 1
    return [
        of_queue(queue, name, statistic, f"{label} ({place})" if several else label)
        for place, queue in enumerate(args.queues, start=1)
    ]


def _by_reason(args: DashboardArgs, name: str) -> GraphMetric:
    return of_own_by(args.own, name, metric_names.REASON)
