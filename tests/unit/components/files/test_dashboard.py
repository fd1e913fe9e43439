"""The dashboard draws what there is."""

import json
import re
from typing import Any

import pytest
from harness.recorded_program import HTTP, Deployed, record_program

from baler.files import metric_names

# What AWS publishes by itself, and the dimensions that it has there (the services' own pages on monitoring).
OF_AWS = {
    "AWS/SQS": (
        {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfMessagesDeleted",
            "NumberOfMessagesSent",
        },
        {"QueueName"},
    ),
    "AWS/Lambda": ({"ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"}, {"FunctionName"}),
    "AWS/DynamoDB": ({"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"}, {"TableName"}),
    "AWS/Billing": ({"EstimatedCharges"}, {"Currency"}),
}
OURS = {value for key, value in vars(metric_names).items() if key.isupper()} - {
    metric_names.NAMESPACE,
    metric_names.STACK,
    metric_names.REASON,
}


# What is published of pushed deliveries alone.
OF_COURIER = {
    *(metric_names.DELIVERED, metric_names.REFUSED_BUNDLES, metric_names.SEND_FAILED),
    *(metric_names.BREAKER_OPEN, metric_names.BREAKER_OPEN_SECONDS),
    *(metric_names.DELIVERY_LATENCY, metric_names.CREDENTIALS_AGE, metric_names.QUARANTINED),
}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod")


@pytest.fixture(scope="module")
def pushed() -> Deployed:
    """The same of a stack whose bundles go to a receiver."""
    return record_program("prod", HTTP)


def widgets(deployed: Deployed) -> list[dict[str, Any]]:
    return deployed.one("cloudwatch/dashboard:Dashboard", "pipeline").document("dashboardBody")["widgets"]


def lines(deployed: Deployed) -> list[list[Any]]:
    return [line for widget in widgets(deployed) for line in widget["properties"].get("metrics", [])]


def test_every_metric_that_it_draws_is_published(prod: Deployed) -> None:
    drawn = [line for line in lines(prod) if isinstance(line[0], str)]
    for namespace, name, *dimensions, _ in drawn:
        if namespace == metric_names.NAMESPACE:
            assert name in OURS
            assert dimensions == ["stack", "prod"]
        else:
            names, keys = OF_AWS[namespace]
            assert name in names
            assert set(dimensions[::2]) == keys
    searched = json.dumps([line[0] for line in lines(prod) if not isinstance(line[0], str)]).replace('\\"', '"')
    assert re.findall(r'\{([^{}]+)\} MetricName="(.+?)" stack="(.+?)"', searched) == [
        ("Baler/Files,stack,reason", "Rejected", "prod"),
        ("Baler/Files,stack,reason", "Retried", "prod"),
        *(("Baler/Files,stack,reason", name, "prod") for name in ("NotFed", "NotConsumed", "NoRedrive", "Unread")),
    ]


def drawn(deployed: Deployed) -> set[str]:
    text = json.dumps(widgets(deployed))
    return {name for name in OURS if re.search(rf'["\\b]{name}["\\]', text)}


def test_no_metric_of_ours_is_left_out(prod: Deployed, pushed: Deployed) -> None:
    assert drawn(prod) == OURS - OF_COURIER
    assert drawn(pushed) == OURS


def test_a_pushed_delivery_has_a_row_of_its_own_in_which_the_breaker_is_drawn_by_cause(pushed: Deployed) -> None:
    titles = [widget["properties"]["markdown"].split("\n")[0] for widget in widgets(pushed) if widget["type"] == "text"]
    assert titles[3] == "## Files: Does the receiver take it?"
    (causes,) = (line[0]["expression"] for line in lines(pushed) if "BreakerOpenSeconds" in str(line[0]))
    assert causes.startswith("SEARCH('{Baler/Files,stack,reason}")
    assert causes.endswith("'Maximum')")
    assert any(line[2:4] == ["FunctionName", "baler-prod-files-courier"] for line in lines(pushed))


def test_it_draws_the_resources_of_its_own_stack(prod: Deployed) -> None:
    of_aws = {tuple(line[2:4]) for line in lines(prod) if isinstance(line[0], str) and line[0].startswith("AWS/")}
    assert of_aws == {
        ("QueueName", "baler-prod-files-ingest-1a2b3c4"),
        ("QueueName", "baler-prod-files-dead-letters-1a2b3c4"),
        ("FunctionName", "baler-prod-files-aggregator"),
        ("TableName", "baler-prod-files-claims-1a2b3c4"),
        ("Currency", "USD"),
    }


def test_it_answers_four_questions_in_rows_that_do_not_overlap(prod: Deployed) -> None:
    found = widgets(prod)
    titles = [widget["properties"]["markdown"].split("\n")[0] for widget in found if widget["type"] == "text"]
    assert titles == [
        "## Files: Is it healthy?",
        "## Files: How late is it?",
        "## Files: Where does it pile up?",
        "## Files: What does it cost?",
    ]
    taken = [
        (x, y)
        for widget in found
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_it_shows_the_state_of_every_alarm(prod: Deployed) -> None:
    (shown,) = [widget["properties"]["alarms"] for widget in widgets(prod) if widget["type"] == "alarm"]
    kinds = ("cloudwatch/metricAlarm:MetricAlarm", "cloudwatch/compositeAlarm:CompositeAlarm")
    assert set(shown) == {each.outputs["arn"] for kind in kinds for each in prod.all(kind)}


def test_every_expression_reads_lines_of_its_own_graph(prod: Deployed) -> None:
    for widget in widgets(prod):
        metrics = widget["properties"].get("metrics", [])
        ids = {line[-1].get("id") for line in metrics}
        for line in metrics:
            if len(line) == 1 and not line[0]["expression"].startswith("SEARCH"):
                assert set(re.findall(r"[a-z]+", line[0]["expression"])) <= ids


def test_it_is_exported_by_its_name(prod: Deployed) -> None:
    assert prod.exports["dashboard"] == "baler-prod-pipeline"
