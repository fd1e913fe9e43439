"""How late is it? Percentiles from end to end, their parts, and the age of what waits in the stream."""

from typing import Final

from baler.events import metric_names
from baler.events.objectives import END_TO_END_SECONDS, ITERATOR_AGE_SECONDS
from components.events.dashboard.args import DashboardArgs
from components.watch.dashboard import Graph, of_function, of_own, of_own_by

_PERCENTILES: Final = ("p50", "p95", "p99")


def lateness_graphs(args: DashboardArgs) -> list[Graph]:
    """Return how long events take, and where."""
    own = args.own
    return [
        Graph(
            title="From the stream to processed (seconds)",
            metrics=[of_own(own, metric_names.EVENT_LATENCY, each, each) for each in _PERCENTILES],
            lines={"95% objective": END_TO_END_SECONDS},
        ),
        Graph(
            title="Its parts, p95 (seconds)",
            metrics=[
                of_own(own, metric_names.BATCH_AGE, "p95", "in the stream"),
                of_own(own, metric_names.TRANSFORM_LATENCY, "p95", "raw to processed"),
            ],
        ),
        Graph(
            title="Age in the stream (seconds)",
            metrics=[
                of_own(own, metric_names.BATCH_AGE, "Maximum", "each attempt"),
                [{"expression": "iterator / 1000", "label": "Lambda's IteratorAge, of batches that ended"}],
                of_function(args.functions[0].function, "IteratorAge", "Maximum", id="iterator", visible=False),
                [{"expression": "reads / 1000", "label": "Kinesis' own, of what was read last"}],
                [
                    *("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", args.stream),
                    {"stat": "Maximum", "id": "reads", "visible": False},
                ],
            ],
            lines={"late": ITERATOR_AGE_SECONDS},
        ),
        Graph(
            title="Lag, by shard (seconds)",
            metrics=[of_own_by(own, metric_names.LAG, metric_names.SHARD, "Maximum")],
        ),
        Graph(
            title="Runs (milliseconds)",
            metrics=[
                of_function(each.function, "Duration", statistic, label=f"{each.called} {statistic}")
                for each in args.functions
                for statistic in ("p50", "p99")
            ],
        ),
        Graph(
            title="From the stream into the table (seconds)",
            metrics=[of_own(own, metric_names.COMPACTION_DELAY, each, each) for each in _PERCENTILES],
            lines={"late": args.longest_table_delay_seconds},
        ),
    ]
