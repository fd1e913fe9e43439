"""What the alarms of the lake watch, when they are on, and what they say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import EVENTS, LAKE, LAKE_ALONE, record_program

from baler.lake import metric_names
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from harness.recorded_program import Deployed, Resource

RUNBOOKS = PROJECT_DIR / "docs" / "runbooks"
STACK = {"stack": "prod"}
OURS = "Baler/Lake"
LAMBDA = "AWS/Lambda"
NOT = "notBreaching"
SOURCES = ("jsonplaceholder", "randomuser")


def function(name: str) -> dict[str, str]:
    return {"FunctionName": f"baler-prod-lake-{name}"}


def queue(name: str) -> dict[str, str]:
    return {"QueueName": f"baler-prod-lake-{name}-1a2b3c4"}


def table(name: str) -> dict[str, str]:
    return {"TableName": f"baler-prod-lake-{name}-1a2b3c4"}


# Namespace, metric, dimensions, statistic, period, threshold, breaching of periods, missing data.
EXPECTED: dict[str, tuple[Any, ...]] = {
    "schedule-silent": (LAMBDA, "Invocations", function("ingestion"), "Sum", 300, 1, 3, 3, "breaching"),
    "stale-events": (OURS, "StaleEvents", STACK, "Sum", 300, 0, 2, 3, NOT),
    "queue-depth": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue("curation"), "Maximum", 60, 1000, 1, 1, NOT),
    "queue-age": ("AWS/SQS", "ApproximateAgeOfOldestMessage", queue("curation"), "Maximum", 60, 300, 2, 3, NOT),
    "stuck": (OURS, "OldestLeftAge", STACK, "Maximum", 60, 300, 2, 3, "ignore"),
    "late": (OURS, "CurationLatency", STACK, "p95", 300, 23_000, 3, 3, NOT),
    "processing-errors": (OURS, "ProcessingErrors", STACK, "Sum", 300, 0, 3, 3, NOT),
    "set-aside": (OURS, "RecordsSetAside", STACK, "Sum", 300, 0, 3, 3, NOT),
    "curation-dead-letters": (
        *("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue("curation-dead-letters")),
        *("Maximum", 60, 0, 1, 1, NOT),
    ),
    "api-latency-p99": (OURS, "APILatency", STACK, "p99", 300, 1000, 3, 3, NOT),
    **{
        f"source-{name}-failing": (
            *(OURS, "FailuresInARow", {**STACK, "source": name}),
            *("Maximum", 60, 2, 1, 1, "ignore"),
        )
        for name in SOURCES
    },
    **{
        f"source-{name}-silent": (OURS, "SourceRuns", {**STACK, "source": name}, "Sum", 300, 1, 3, 3, "breaching")
        for name in SOURCES
    },
    **{
        f"{name}-throttles": (LAMBDA, "Throttles", function(name), "Sum", 60, most, 1, 1, NOT)
        for name, most in (("ingestion", 0), ("curation", 10), ("api", 10))
    },
    **{
        f"{name}-slow": (LAMBDA, "Duration", function(name), "Maximum", 60, near, 2, 3, NOT)
        for name, near in (("ingestion", 48_000), ("curation", 48_000), ("api", 8_000))
    },
    **{
        f"{name}-{kind}-throttles": (
            *("AWS/DynamoDB", f"{kind.title()}ThrottleEvents", table(name)),
            *("Sum", 60, 0, 2, 3, "ignore"),
        )
        for name in ("records", "counters", "sources")
        for kind in ("write", "read")
    },
}
# The share of what failed, and of how much.
SHARES: dict[str, tuple[tuple[Any, ...], tuple[Any, ...], int, int]] = {
    **{
        f"{name}-error-rate": (
            (LAMBDA, "Errors", function(name)),
            (LAMBDA, "Invocations", function(name)),
            *(1, 1),
        )
        for name in ("ingestion", "curation", "api")
    },
    "api-5xx": (("AWS/ApiGateway", "5xx"), ("AWS/ApiGateway", "Count"), 2, 3),
}
PAGING = {"schedule-silent", "queue-age", "stuck", "not-curated", "api-5xx"}
BELOW = {"schedule-silent", *(f"source-{name}-silent" for name in SOURCES)}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod", LAKE_ALONE)


def alarms(deployed: Deployed) -> dict[str, Resource]:
    return {
        each.name.removeprefix("baler-prod-lake-"): each for each in deployed.all("cloudwatch/metricAlarm:MetricAlarm")
    }


@pytest.mark.requirement("LAKE-OBS-03", "LAKE-FUTURE-02")
@pytest.mark.parametrize("name", EXPECTED)
def test_an_alarm_watches_what_it_is_named_after(prod: Deployed, name: str) -> None:
    found: dict[str, Any] = alarms(prod)[name].inputs
    watched = (found["namespace"], found["metricName"], found["dimensions"])
    when = (found.get("statistic") or found["extendedStatistic"], found["period"], found["threshold"])
    often = (found["datapointsToAlarm"], found["evaluationPeriods"], found["treatMissingData"])
    assert found["comparisonOperator"] == ("LessThanThreshold" if name in BELOW else "GreaterThanThreshold")
    assert (*watched, *when, *often) == EXPECTED[name]


def test_no_alarm_is_forgotten_here(prod: Deployed) -> None:
    assert set(alarms(prod)) == {*EXPECTED, *SHARES, "not-curated"}


@pytest.mark.requirement("LAKE-OBS-03", "LAKE-FUTURE-02")
@pytest.mark.parametrize("name", SHARES)
def test_more_than_five_percent_of_a_minute_may_not_fail(prod: Deployed, name: str) -> None:
    failed, every, breaching, periods = SHARES[name]
    found = alarms(prod)[name].inputs
    often = (found["datapointsToAlarm"], found["evaluationPeriods"], found["treatMissingData"])
    assert (found["comparisonOperator"], found["threshold"], *often) == (
        "GreaterThanThreshold",
        5,
        breaching,
        periods,
        NOT,
    )
    computed, *parts = found["metricQueries"]
    by_id = {each["id"]: each["metric"] for each in parts}
    over, divided, by = re.findall(r"\b(?!IF\b)[a-z]+\b", computed["expression"])
    assert over == by
    # One of a handful of requests says nothing of the API; a function's every run counts.
    assert computed["expression"] == f"IF({by} > {10 if name == 'api-5xx' else 0}, 100 * {divided} / {by}, 0)"
    for metric, expected in ((by_id[divided], failed), (by_id[by], every)):
        assert (metric["namespace"], metric["metricName"], metric["dimensions"])[: len(expected)] == expected
        assert (metric["stat"], metric["period"]) == ("Sum", 60)


def test_raw_objects_that_nobody_takes_are_seen_in_two_rounds_of_the_schedule(prod: Deployed) -> None:
    found = alarms(prod)["not-curated"].inputs
    metrics = {each["metric"]["metricName"]: each["metric"] for each in found["metricQueries"] if "metric" in each}
    assert set(metrics) == {"RawObjects", "RawObjectsCurated"}
    assert {each["period"] for each in metrics.values()} == {300}
    assert (found["datapointsToAlarm"], found["evaluationPeriods"]) == (2, 2)


def test_what_pages_cannot_flap_and_is_told_to_who_is_called(prod: Deployed) -> None:
    (unhealthy,) = prod.all("cloudwatch/compositeAlarm:CompositeAlarm")
    paging = set(re.findall(r":alarm:baler-prod-lake-([a-z0-9.-]+)", unhealthy.inputs["alarmRule"]))
    assert paging == PAGING
    for name in paging:
        assert alarms(prod)[name].inputs["datapointsToAlarm"] >= 2


def test_an_alarm_over_three_pipelines_can_still_be_described() -> None:
    every = {**EVENTS, "baler:pipelines": ["files", "events", "lake"]}
    (unhealthy,) = record_program("prod", every).all("cloudwatch/compositeAlarm:CompositeAlarm")
    assert len(unhealthy.inputs["alarmDescription"]) <= 1024


def test_the_schedules_own_interval_is_what_silence_is_measured_by() -> None:
    found = alarms(record_program("prod", {**LAKE, "baler:lakeScheduleMinutes": 10}))
    assert {found[name].inputs["period"] for name in BELOW} == {600}


def test_each_function_is_taken_back_by_alarms_of_its_own(prod: Deployed) -> None:
    groups = {
        each.inputs["appName"].removeprefix("baler-prod-lake-"): {
            name.removeprefix("baler-prod-lake-") for name in each.inputs["alarmConfiguration"]["alarms"]
        }
        for each in prod.all("codedeploy/deploymentGroup:DeploymentGroup")
    }
    assert groups["ingestion"] == {"ingestion-error-rate", "ingestion-slow"}
    assert groups["curation"] == {
        *("curation-error-rate", "curation-slow", "queue-age", "stuck", "not-curated", "processing-errors"),
        *("set-aside", "curation-dead-letters"),
    }
    assert groups["api"] == {"api-error-rate", "api-slow", "api-5xx", "api-latency-p99"}


def texts(deployed: Deployed) -> dict[str, str]:
    return {name: each.inputs["alarmDescription"] for name, each in alarms(deployed).items()}


def on_the_pages(name: str) -> str:
    """Pages name the alarms of sources once for all."""
    return re.sub(r"^source-.+-(failing|silent)$", r"source-<name>-\1", name)


def test_every_alarm_says_what_it_means_what_to_do_first_and_names_a_runbook_that_names_it(prod: Deployed) -> None:
    for name, text in texts(prod).items():
        found = re.fullmatch(r"[A-Z].+[.!] First: .+\. Runbook: docs/runbooks/([a-z-]+)\.md", text)
        assert found, text
        assert f"`lake-{on_the_pages(name)}`" in (RUNBOOKS / f"{found[1]}.md").read_text(encoding="utf-8"), text


def test_every_alarm_is_in_the_table_in_which_people_look_it_up(prod: Deployed) -> None:
    page = (RUNBOOKS / "pipeline-unhealthy.md").read_text(encoding="utf-8")
    assert [name for name in alarms(prod) if f"`lake-{on_the_pages(name)}`" not in page] == []


def test_our_metrics_are_those_that_the_functions_publish(prod: Deployed) -> None:
    published = {value for key, value in vars(metric_names).items() if key.isupper()}
    assert {name for namespace, name, *_ in EXPECTED.values() if namespace == OURS} <= published
    (drawn,) = prod.all("cloudwatch/dashboard:Dashboard")
    lines = [
        line
        for widget in json.loads(drawn.inputs["dashboardBody"])["widgets"]
        for line in widget["properties"].get("metrics", ())
    ]
    assert {line[1] for line in lines if line[0] == OURS} <= published


def test_no_metric_is_paid_for_that_nobody_sees(prod: Deployed) -> None:
    (drawn,) = prod.all("cloudwatch/dashboard:Dashboard")
    seen = drawn.inputs["dashboardBody"] + json.dumps([each.inputs for each in alarms(prod).values()])
    words = {"NAMESPACE", "STACK", "SOURCE", "REASON", "UNAVAILABLE"}
    published = {value for key, value in vars(metric_names).items() if key.isupper() and key not in words}
    # The document's name for the sum of two that are drawn.
    assert {name for name in published if not re.search(rf"\b{name}\b", seen)} == {"RecordsProcessed"}


@pytest.mark.requirement("LAKE-FUTURE-01")
def test_the_dashboard_answers_five_questions_of_the_lake(prod: Deployed) -> None:
    (drawn,) = prod.all("cloudwatch/dashboard:Dashboard")
    headings = [
        widget["properties"]["markdown"].splitlines()[0]
        for widget in json.loads(drawn.inputs["dashboardBody"])["widgets"]
        if widget["type"] == "text"
    ]
    assert headings == [
        "## Lake: Is it healthy?",
        "## Lake: What comes in?",
        "## Lake: How late is it?",
        "## Lake: Where does it pile up?",
        "## Lake: What does it cost?",
    ]
