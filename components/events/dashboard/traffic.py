"""What comes in? The stream, and each of its shards."""

from typing import Final

import pulumi

from baler.events import metric_names
from components.events.dashboard.args import DashboardArgs
from components.watch.dashboard import Graph, GraphMetric, of_own

# A shard takes 1 MiB a second (Kinesis quotas).
_BYTES_A_SHARD_AND_MINUTE: Final = 60 * 1024 * 1024


def traffic_graphs(args: DashboardArgs) -> list[Graph]:
    """Return what comes into the stream, what it refuses, and what Lambda gave up of it."""
    refused = ("WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded")
    return [
        Graph(
            title="Records a minute",
            metrics=[
                _of_stream(args, "IncomingRecords", "Sum", "came into the stream"),
                of_own(args.own, metric_names.RECORDS, "Sum", "handed over, repeats counted"),
            ],
        ),
        Graph(
            title="Bytes a minute",
            metrics=[
                _of_stream(args, "IncomingBytes", "Sum", "came into the stream"),
                of_own(args.own, metric_names.BYTES, "Sum", "handed over, repeats counted"),
            ],
            lines={"what the shards take": args.shards * _BYTES_A_SHARD_AND_MINUTE} if args.shards else {},
        ),
        Graph(
            title="Bytes a minute, by shard",
            metrics=[_by_shard_of_stream(args, "IncomingBytes")],
            lines={"what a shard takes": _BYTES_A_SHARD_AND_MINUTE},
        ),
        Graph(title="Refused by Kinesis", metrics=[_of_stream(args, name, "Sum", name) for name in refused]),
        Graph(
            title="Given up by Lambda",
            metrics=[
                ["AWS/Lambda", name, "EventSourceMappingUUID", args.mapping, {"stat": "Sum", "label": label}]
                for name, label in (
                    ("DroppedEventCount", "given up"),
                    ("OnFailureDestinationDeliveredEventCount", "of these, in the bucket of failures"),
                )
            ],
        ),
    ]


def _of_stream(args: DashboardArgs, name: str, statistic: str, label: str) -> GraphMetric:
    return ["AWS/Kinesis", name, "StreamName", args.stream, {"stat": statistic, "label": label}]


def _by_shard_of_stream(args: DashboardArgs, name: str) -> GraphMetric:
    """Return a line for each shard (Kinesis developer guide, "Enhanced Shard-level Metrics")."""
    schema = "{AWS/Kinesis,ShardId,StreamName}"
    search = pulumi.Output.concat(f'SEARCH(\'{schema} MetricName="{name}" StreamName="', args.stream, "\"', 'Sum')")
    return [{"expression": search, "label": "${PROP('Dim.ShardId')}"}]
