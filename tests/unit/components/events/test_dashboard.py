"""The rows that the event stream has on the dashboard draw what there is."""

import json
import re
from typing import Any

import pytest
from harness.recorded_program import EVENTS_ALONE, Deployed, record_program

from baler.events import metric_names
from sandbox.engine.program import PROJECT_DIR

# What AWS publishes by itself, and the dimensions that it has there (the services' own pages on monitoring).
OF_AWS = {
    "AWS/SQS": ({"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}, {"QueueName"}),
    "AWS/Kinesis": (
        {
            *("IncomingBytes", "IncomingRecords", "GetRecords.IteratorAgeMilliseconds"),
            *("ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded"),
        },
        {"StreamName"},
    ),
    "AWS/DynamoDB": ({"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"}, {"TableName"}),
    "AWS/Billing": ({"EstimatedCharges"}, {"ServiceName", "Currency"}),
}
OF_FUNCTION = {"Duration", "Errors", "Invocations", "IteratorAge", "Throttles"}
# Of a mapping that asks for them.
OF_MAPPING = {"DroppedEventCount", "OnFailureDestinationDeliveredEventCount"}
OURS = {value for key, value in vars(metric_names).items() if key.isupper()} - {
    *(metric_names.NAMESPACE, metric_names.STACK, metric_names.REASON, metric_names.SHARD),
}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod", EVENTS_ALONE)


def widgets(deployed: Deployed) -> list[dict[str, Any]]:
    return deployed.one("cloudwatch/dashboard:Dashboard", "pipeline").document("dashboardBody")["widgets"]


def lines(deployed: Deployed) -> list[list[Any]]:
    return [line for widget in widgets(deployed) for line in widget["properties"].get("metrics", [])]


@pytest.mark.requirement("EVENT-OBS-01")
def test_every_metric_that_it_draws_is_published(prod: Deployed) -> None:
    for namespace, name, *dimensions, _ in (line for line in lines(prod) if isinstance(line[0], str)):
        keys = set(dimensions[::2])
        if namespace == metric_names.NAMESPACE:
            assert name in OURS
            assert dimensions == ["stack", "prod"]
        elif namespace == "AWS/Lambda":
            assert (name in OF_MAPPING, name in OF_FUNCTION) == (
                keys == {"EventSourceMappingUUID"},
                keys == {"FunctionName"},
            )
        else:
            names, expected = OF_AWS[namespace]
            assert name in names
            assert keys == expected


def test_what_is_searched_for_is_published_by_reason_or_shard(prod: Deployed) -> None:
    searched = json.dumps([line[0] for line in lines(prod) if not isinstance(line[0], str)]).replace('\\"', '"')
    assert re.findall(r'\{([^{}]+)\} MetricName="(.+?)" (\w+="[^"]+")', searched) == [
        ("Baler/Events,stack,reason", "Rejected", 'stack="prod"'),
        ("AWS/Kinesis,ShardId,StreamName", "IncomingBytes", 'StreamName="baler-prod-events-stream-1a2b3c4"'),
        ("Baler/Events,stack,shard", "Lag", 'stack="prod"'),
        ("Baler/Events,stack,reason", "Refused", 'stack="prod"'),
    ]


def test_no_metric_of_ours_is_left_out(prod: Deployed) -> None:
    text = json.dumps(widgets(prod))
    assert {name for name in OURS if re.search(rf'["\\b]{name}["\\]', text)} == OURS


@pytest.mark.requirement("EVENT-OBS-04")
def test_it_answers_what_operations_performance_and_cost_ask_in_rows_that_do_not_overlap(prod: Deployed) -> None:
    found = widgets(prod)
    titles = [widget["properties"]["markdown"].split("\n")[0] for widget in found if widget["type"] == "text"]
    assert titles == [
        "## Events: Is it healthy?",
        "## Events: What comes in?",
        "## Events: How late is it?",
        "## Events: Where does it pile up?",
        "## Events: What does it cost?",
    ]
    taken = [
        (x, y)
        for widget in found
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


@pytest.mark.requirement("EVENT-OBS-01", "EVENT-OBS-04")
def test_what_the_document_lists_has_a_graph_that_is_there_or_a_reason(prod: Deployed) -> None:
    titles = {widget["properties"].get("title") for widget in widgets(prod)}
    page = (PROJECT_DIR / "docs" / "event-metrics.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) > 20
    for asked, graphs, remark in rows[1:]:
        named = re.findall(r"\*([^*]+)\*", graphs)
        assert set(named) <= titles, asked
        assert named or remark.strip(), asked


@pytest.mark.requirement("EVENT-OBS-04")
@pytest.mark.parametrize("percentile", ["p50", "p95", "p99"])
def test_it_draws_the_percentiles_that_are_asked_for(prod: Deployed, percentile: str) -> None:
    assert any(line[1] == "EventLatency" and line[-1]["stat"] == percentile for line in lines(prod) if len(line) > 1)


@pytest.mark.requirement("EVENT-OBS-04")
def test_spend_is_by_service_and_day_in_the_region_where_aws_publishes_it(prod: Deployed) -> None:
    (spend,) = (each for each in widgets(prod) if "spend" in each["properties"].get("title", ""))
    assert (spend["properties"]["region"], spend["properties"]["period"]) == ("us-east-1", 86_400)
    services = {line[3] for line in spend["properties"]["metrics"] if len(line) > 1}
    assert services > {"AmazonKinesis", "AWSLambda", "AmazonS3", "AmazonDynamoDB", "AmazonCloudWatch"}


def test_what_the_shards_take_is_a_line_where_their_number_is_known(prod: Deployed) -> None:
    def limits(deployed: Deployed) -> list[str]:
        (graph,) = (each for each in widgets(deployed) if each["properties"].get("title") == "Bytes a minute")
        return [each["label"] for each in graph["properties"].get("annotations", {}).get("horizontal", [])]

    assert limits(prod) == ["what the shards take"]
    assert limits(record_program("prod", {**EVENTS_ALONE, "baler:eventsStreamMode": "on-demand"})) == []


def test_every_expression_reads_lines_of_its_own_graph(prod: Deployed) -> None:
    for widget in widgets(prod):
        metrics = widget["properties"].get("metrics", [])
        ids = {line[-1].get("id") for line in metrics}
        for line in metrics:
            if len(line) == 1 and not line[0]["expression"].startswith("SEARCH"):
                assert set(re.findall(r"[a-z]+\d*", line[0]["expression"])) <= ids, line


def test_it_shows_the_state_of_every_alarm(prod: Deployed) -> None:
    (shown,) = [widget["properties"]["alarms"] for widget in widgets(prod) if widget["type"] == "alarm"]
    kinds = ("cloudwatch/metricAlarm:MetricAlarm", "cloudwatch/compositeAlarm:CompositeAlarm")
    assert set(shown) == {each.outputs["arn"] for kind in kinds for each in prod.all(kind)}
