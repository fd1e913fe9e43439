"""What does it cost? What the bill grows with, and how full that is which is paid for."""

from typing import Final

from baler.events import metric_names
from components.events.dashboard.args import DashboardArgs, DrawnFunction
from components.watch.dashboard import Graph, GraphMetric, of_function, of_own

# AWS publishes what an account costs in this region alone, whatever region the stack is in.
_BILLING_REGION: Final = "us-east-1"
_SECONDS_PER_DAY: Final = 86_400
_MEGABYTES_A_GIGABYTE: Final = 1024
# As AWS/Billing has them in its dimension ServiceName.
_BILLED: Final = ("AmazonKinesis", "AWSLambda", "AmazonS3", "AmazonDynamoDB", "AmazonCloudWatch", "awskms")


def cost_graphs(args: DashboardArgs) -> list[Graph]:
    """Return spend and its trend, by service, and what would make it smaller."""
    own = args.own
    return [
        Graph(
            title="The account's spend a day, by service (dollars)",
            metrics=[line for place, service in enumerate(_BILLED) for line in _a_day(place, service)],
            period_seconds=_SECONDS_PER_DAY,
            region=_BILLING_REGION,
        ),
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
        Graph(
            title="How full is what is paid for?",
            metrics=[
                [{"expression": "events / objects", "label": "events in an object"}],
                [{"expression": "records / batches", "label": "records in a batch"}],
                of_own(own, metric_names.PROCESSED_EVENTS, "Sum", "events", id="events", visible=False),
                of_own(own, metric_names.PROCESSED, "Sum", "objects", id="objects", visible=False),
                of_own(own, metric_names.RECORDS, "Sum", "records", id="records", visible=False),
                of_own(own, metric_names.RECORDS, "SampleCount", "batches", id="batches", visible=False),
            ],
        ),
    ]


def _a_day(place: int, service: str) -> list[GraphMetric]:
    """Return what one service cost each day: AWS publishes the sum since the beginning of the month."""
    name = f"month{place}"
    charged = ["AWS/Billing", "EstimatedCharges", "ServiceName", service, "Currency", "USD"]
    return [
        [{"expression": f"DIFF({name})", "label": service}],
        [*charged, {"stat": "Maximum", "id": name, "visible": False}],
    ]


def _gigabyte_seconds(drawn: DrawnFunction) -> list[GraphMetric]:
    gigabytes = drawn.memory_megabytes / _MEGABYTES_A_GIGABYTE
    return [
        [{"expression": f"{drawn.called} / 1000 * {gigabytes:g}", "label": drawn.called}],
        of_function(drawn.function, "Duration", "Sum", id=drawn.called, visible=False),
    ]
