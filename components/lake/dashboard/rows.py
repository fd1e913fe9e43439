"""The rows, each a question and its answer."""

from typing import Final

from baler.lake import metric_names as names
from baler.lake.objectives import VISIBLE_SECONDS
from components.lake.dashboard.args import DashboardArgs, DrawnFunction
from components.watch.dashboard import Graph, GraphMetric, Row, of_function, of_own, of_own_by, of_queue

_PERCENTILES: Final = ("p50", "p95", "p99")
_MILLISECONDS_PER_SECOND: Final = 1_000
_MEGABYTES_A_GIGABYTE: Final = 1024
_WAITING: Final = "ApproximateNumberOfMessagesVisible"


def dashboard_rows(args: DashboardArgs) -> list[Row]:
    """Return the five rows."""
    return [
        Row(
            title="Is it healthy?",
            subtitle="Which alarms are on tells what it is: docs/runbooks/pipeline-unhealthy.md",
            graphs=_health(args),
            begins_with_alarms=True,
        ),
        Row(title="What comes in?", subtitle="by source: records, runs, failures", graphs=_sources(args)),
        Row(
            title="How late is it?",
            subtitle=f"a record is in the table {VISIBLE_SECONDS} s after the schedule's event",
            graphs=_lateness(args),
        ),
        Row(title="Where does it pile up?", subtitle="in the order of a record's way", graphs=_piles(args)),
        Row(title="What does it cost?", subtitle="what the bill grows with", graphs=_cost(args)),
    ]


def _health(args: DashboardArgs) -> list[Graph]:
    own = args.own
    return [
        Graph(
            title="Records",
            metrics=[
                of_own(own, names.RECORDS_INGESTED, "Sum", "ingested"),
                of_own(own, names.RECORDS_NEW, "Sum", "new"),
                of_own(own, names.RECORDS_REPLACED, "Sum", "replaced"),
                of_own(own, names.RECORDS_SET_ASIDE, "Sum", "set aside"),
            ],
        ),
        Graph(
            title="Errors and throttles",
            metrics=[
                of_function(each.function, name, "Sum", label=f"{each.called}: {name.lower()}")
                for name in ("Errors", "Throttles")
                for each in args.functions
            ],
        ),
        Graph(title="Errors of curation, by reason", metrics=[of_own_by(own, names.PROCESSING_ERRORS, names.REASON)]),
    ]


def _sources(args: DashboardArgs) -> list[Graph]:
    own = args.own
    return [
        Graph(title="Records ingested", metrics=[of_own_by(own, names.RECORDS_INGESTED, names.SOURCE)]),
        Graph(
            title="Runs, and those that did not end well",
            metrics=[of_own_by(own, name, names.SOURCE) for name in (names.SOURCE_RUNS, names.SOURCE_FAILURES)],
        ),
        Graph(
            title="Failures in a row",
            metrics=[of_own_by(own, names.FAILURES_IN_A_ROW, names.SOURCE, "Maximum")],
        ),
        Graph(title="Set aside", metrics=[of_own_by(own, names.RECORDS_SET_ASIDE, names.SOURCE)]),
    ]


def _lateness(args: DashboardArgs) -> list[Graph]:
    own = args.own
    return [
        Graph(
            title="From the schedule into the table (milliseconds)",
            metrics=[of_own(own, names.CURATION_LATENCY, each, each) for each in _PERCENTILES],
            lines={"objective": VISIBLE_SECONDS * _MILLISECONDS_PER_SECOND},
        ),
        Graph(
            title="API, in the function (milliseconds)",
            metrics=[of_own(own, names.API_LATENCY, each, each) for each in ("p50", "p99")],
        ),
        Graph(
            title="API, at the gateway (milliseconds)",
            metrics=[_of_api(args, "Latency", each, each) for each in ("p50", "p99")],
        ),
        Graph(
            title="Runs (milliseconds)",
            metrics=[
                of_function(each.function, "Duration", statistic, label=f"{each.called} {statistic}")
                for each in args.functions
                for statistic in ("p50", "p99")
            ],
        ),
    ]


def _piles(args: DashboardArgs) -> list[Graph]:
    own = args.own
    return [
        Graph(
            title="Raw objects and their messages",
            metrics=[
                of_own(own, names.RAW_OBJECTS, "Sum", "put"),
                of_own(own, names.RAW_OBJECTS_CURATED, "Sum", "curated"),
                of_own(own, names.MESSAGES_PROCESSED, "Sum", "messages tried"),
                of_own(own, names.MESSAGES_POSTPONED, "Sum", "messages postponed"),
            ],
        ),
        Graph(
            title="Queue (messages)",
            metrics=[
                of_queue(args.queue, _WAITING, "Maximum", "waiting"),
                of_queue(args.dead_letters, _WAITING, "Maximum", "dead letters"),
            ],
        ),
        Graph(
            title="Oldest (seconds)",
            metrics=[
                of_queue(args.queue, "ApproximateAgeOfOldestMessage", "Maximum", "in the queue"),
                of_own(own, names.OLDEST_LEFT_AGE, "Maximum", "failed just now"),
            ],
        ),
        Graph(
            title="Requests to the API",
            metrics=[
                *(_of_api(args, name, "Sum", label) for name, label in _ANSWERS),
                of_own(own, names.API_ERRORS, "Sum", "5xx of the function"),
            ],
        ),
    ]


def _cost(args: DashboardArgs) -> list[Graph]:
    return [
        Graph(
            title="Functions (GB-seconds)",
            metrics=[line for each in args.functions for line in _gigabyte_seconds(each)],
        ),
        Graph(
            title="Tables (write and read units)",
            metrics=[
                ["AWS/DynamoDB", name, "TableName", table, {"stat": "Sum", "label": f"{called}: {kind}"}]
                for called, table in args.tables.items()
                for name, kind in (("ConsumedWriteCapacityUnits", "written"), ("ConsumedReadCapacityUnits", "read"))
            ],
        ),
    ]


_ANSWERS: Final = (("Count", "all"), ("4xx", "4xx"), ("5xx", "5xx"))


def _of_api(args: DashboardArgs, name: str, statistic: str, label: str) -> GraphMetric:
    return ["AWS/ApiGateway", name, "ApiId", args.api_id, {"stat": statistic, "label": label}]


def _gigabyte_seconds(drawn: DrawnFunction) -> list[GraphMetric]:
    gigabytes = drawn.memory_megabytes / _MEGABYTES_A_GIGABYTE
    return [
        [{"expression": f"{drawn.called} / 1000 * {gigabytes:g}", "label": drawn.called}],
        of_function(drawn.function, "Duration", "Sum", id=drawn.called, visible=False),
    ]
