"""What the alarms of the event stream watch, when they are on, and what they say."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import EVENTS, EVENTS_ALONE, Deployed, record_program

from baler.events import metric_names
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from harness.recorded_program import Resource

RUNBOOKS = PROJECT_DIR / "docs" / "runbooks"
STACK = {"stack": "prod"}
STREAM = {"StreamName": "baler-prod-events-stream-1a2b3c4"}
MAPPING = {"EventSourceMappingUUID": "baler-prod-events-processor-1a2b3c4"}
OURS = "Baler/Events"
LAMBDA = "AWS/Lambda"
DEPTH = "ApproximateNumberOfMessagesVisible"
AGE = "ApproximateAgeOfOldestMessage"
NOT = "notBreaching"


def function(name: str) -> dict[str, str]:
    return {"FunctionName": f"baler-prod-events-{name}"}


def queue(name: str) -> dict[str, str]:
    return {"QueueName": f"baler-prod-events-{name}-1a2b3c4"}


def table(name: str) -> dict[str, str]:
    return {"TableName": f"baler-prod-events-{name}-1a2b3c4"}


# Namespace, metric, dimensions, statistic, period, threshold, breaching of periods, missing data.
EXPECTED: dict[str, tuple[Any, ...]] = {
    "batch-age": (OURS, "BatchAge", STACK, "Maximum", 60, 60, 2, 3, NOT),
    "iterator-age": (LAMBDA, "IteratorAge", function("processor"), "Maximum", 60, 60_000, 2, 3, NOT),
    # Lambda gives records up an hour before the stream's 24 end.
    "expiring": (OURS, "BatchAge", STACK, "Maximum", 60, 23 * 1800, 2, 3, NOT),
    "processor-failing": (LAMBDA, "Errors", function("processor"), "Sum", 300, 0, 4, 4, NOT),
    "given-up": (LAMBDA, "DroppedEventCount", MAPPING, "Sum", 60, 0, 1, 1, NOT),
    "given-up-unsaved": (LAMBDA, "DestinationDeliveryFailures", function("processor"), "Sum", 60, 0, 1, 1, NOT),
    "rejected-flood": (OURS, "Rejected", STACK, "Sum", 60, 600, 2, 3, NOT),
    "set-aside": (OURS, "SetAside", STACK, "Sum", 60, 0, 1, 1, NOT),
    "unreported": (OURS, "Unreported", STACK, "Sum", 60, 0, 2, 3, NOT),
    "latency-p95": (OURS, "EventLatency", STACK, "p95", 300, 30, 2, 3, NOT),
    "transform-age": ("AWS/SQS", AGE, queue("transform"), "Maximum", 60, 120, 2, 3, NOT),
    "transform-stuck": (OURS, "OldestLeftAge", STACK, "Maximum", 60, 120, 2, 3, "ignore"),
    "refused": (OURS, "Refused", STACK, "Sum", 60, 0, 1, 1, NOT),
    "transform-dead-letters": ("AWS/SQS", DEPTH, queue("transform-dead-letters"), "Maximum", 60, 0, 1, 1, NOT),
    "table-late": (OURS, "CompactionDelay", STACK, "p95", 300, 630, 3, 3, NOT),
    "compaction-age": ("AWS/SQS", AGE, queue("compaction"), "Maximum", 60, 630, 2, 3, NOT),
    "compaction-dead-letters": ("AWS/SQS", DEPTH, queue("compaction-dead-letters"), "Maximum", 60, 0, 1, 1, NOT),
    "rewrite-silent": (OURS, "Rewritten", STACK, "SampleCount", 3600, 1, 3, 3, "breaching"),
    "not-committed": (LAMBDA, "Errors", function("sweeper"), "Sum", 300, 0, 1, 1, NOT),
    "stream-write-throttles": ("AWS/Kinesis", "WriteProvisionedThroughputExceeded", STREAM, "Sum", 60, 0, 2, 3, NOT),
    "stream-read-throttles": ("AWS/Kinesis", "ReadProvisionedThroughputExceeded", STREAM, "Sum", 60, 0, 2, 3, NOT),
    "traffic-high": ("AWS/Kinesis", "IncomingRecords", STREAM, "Sum", 300, 300_000, 1, 1, NOT),
    **{
        f"{name}-{kind}-throttles": (
            *("AWS/DynamoDB", f"{kind.title()}ThrottleEvents", table(name)),
            *("Sum", 60, 0, 2, 3, "ignore"),
        )
        for name in ("progress", "batches")
        for kind in ("write", "read")
    },
    **{
        f"{name}-errors": (LAMBDA, "Errors", function(name), "Sum", 120, most, 1, 1, NOT)
        for name, most in (("processor", 5), ("transformer", 5), ("compactor", 0))
    },
    **{
        f"{name}-throttles": (LAMBDA, "Throttles", function(name), "Sum", 60, 0, 2, 3, NOT)
        for name in ("processor", "transformer", "compactor")
    },
    **{
        f"{name}-slow": (LAMBDA, "Duration", function(name), "Maximum", 60, near, 2, 3, NOT)
        for name, near in (("processor", 48_000), ("transformer", 48_000), ("compactor", 240_000))
    },
}
# What came; what was taken of it; the period. Each is on after four periods.
COMPUTED = {
    "stalled": (("AWS/Kinesis", "IncomingRecords", STREAM), {"Events", "Rejected", "Dropped"}, 60),
    "not-transformed": ((OURS, "Objects", STACK), {"Processed"}, 60),
    "not-compacted": ((OURS, "Processed", STACK), {"CompactedFiles"}, 900),
}
PAGING = {
    "processor-failing",
    "stalled",
    "batch-age",
    "expiring",
    "transform-age",
    "transform-stuck",
    "not-transformed",
}
BELOW = {"rewrite-silent"}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod", EVENTS_ALONE)


def alarms(deployed: Deployed) -> "dict[str, Resource]":
    return {
        each.name.removeprefix("baler-prod-events-"): each
        for each in deployed.all("cloudwatch/metricAlarm:MetricAlarm")
    }


@pytest.mark.requirement("EVENT-OBS-02", "EVENT-DEAD-01", "EVENT-FLOW-01", "EVENT-FUTURE-04")
@pytest.mark.parametrize("name", EXPECTED)
def test_an_alarm_watches_what_it_is_named_after(prod: Deployed, name: str) -> None:
    found: dict[str, Any] = alarms(prod)[name].inputs
    watched = (found["namespace"], found["metricName"], found["dimensions"])
    when = (found.get("statistic") or found["extendedStatistic"], found["period"], found["threshold"])
    often = (found["datapointsToAlarm"], found["evaluationPeriods"], found["treatMissingData"])
    assert found["comparisonOperator"] == ("LessThanThreshold" if name in BELOW else "GreaterThanThreshold")
    assert (*watched, *when, *often) == EXPECTED[name]


def test_no_alarm_is_forgotten_here(prod: Deployed) -> None:
    assert set(alarms(prod)) == {*EXPECTED, *COMPUTED}


@pytest.mark.requirement("EVENT-OBS-02")
@pytest.mark.parametrize("name", COMPUTED)
def test_that_something_comes_and_nothing_of_it_is_taken_is_computed_of_both(prod: Deployed, name: str) -> None:
    came, taken, period = COMPUTED[name]
    found = alarms(prod)[name].inputs
    often = (found["threshold"], found["datapointsToAlarm"], found["evaluationPeriods"], found["treatMissingData"])
    assert (found["comparisonOperator"], *often) == ("GreaterThanThreshold", 0, 4, 4, NOT)
    computed, first, *others = found["metricQueries"]
    assert computed["returnData"]
    assert not any(each["returnData"] for each in (first, *others))
    assert re.fullmatch(r"IF\(FILL\(came, 0\) > 0 AND \((.+)\) == 0, 1, 0\)", computed["expression"])
    assert set(re.findall(r"FILL\((\w+), 0\)", computed["expression"])) == {each["id"] for each in (first, *others)}
    assert first["id"] == "came"
    assert (first["metric"]["namespace"], first["metric"]["metricName"], first["metric"]["dimensions"]) == came
    assert {each["metric"]["metricName"] for each in others} == taken
    assert {(each["metric"]["stat"], each["metric"]["period"]) for each in (first, *others)} == {("Sum", period)}


def test_what_pages_cannot_flap_and_is_told_to_who_is_called(prod: Deployed) -> None:
    (unhealthy,) = prod.all("cloudwatch/compositeAlarm:CompositeAlarm")
    paging = set(re.findall(r":alarm:baler-prod-events-([a-z0-9.-]+)", unhealthy.inputs["alarmRule"]))
    assert paging == PAGING
    for name in paging:
        assert alarms(prod)[name].inputs["datapointsToAlarm"] >= 2


def test_an_alarm_over_two_pipelines_can_still_be_described() -> None:
    (unhealthy,) = record_program("prod", EVENTS).all("cloudwatch/compositeAlarm:CompositeAlarm")
    assert len(unhealthy.inputs["alarmDescription"]) <= 1024
    assert unhealthy.inputs["alarmRule"].count("ALARM(") == 15


def test_thresholds_follow_the_settings() -> None:
    settings = {
        **EVENTS_ALONE,
        "baler:eventsExpectedPerSecond": 50,
        "baler:eventsRetentionHours": 48,
        "baler:eventsProcessorTimeoutSeconds": 30,
        "baler:eventsCompactionDelaySeconds": 60,
        "baler:eventsCompactorTimeoutSeconds": 120,
    }
    found = {name: each.inputs["threshold"] for name, each in alarms(record_program("prod", settings)).items()}
    assert found["rejected-flood"] == 50 * 60 / 10
    assert found["traffic-high"] == 50 * 10 * 300
    assert found["expiring"] == 47 * 1800
    assert found["processor-slow"] == 24_000
    assert (found["table-late"], found["compaction-age"]) == (210, 210)


def test_each_function_is_taken_back_by_alarms_of_its_own(prod: Deployed) -> None:
    groups = {
        each.inputs["appName"].removeprefix("baler-prod-events-"): {
            name.removeprefix("baler-prod-events-") for name in each.inputs["alarmConfiguration"]["alarms"]
        }
        for each in prod.all("codedeploy/deploymentGroup:DeploymentGroup")
    }
    assert groups["processor"] == {
        *("stalled", "batch-age", "processor-errors", "processor-slow", "rejected-flood", "set-aside"),
    }
    assert groups["transformer"] == {
        *("latency-p95", "transform-age", "transform-stuck", "not-transformed", "refused", "transform-dead-letters"),
        *("transformer-errors", "transformer-slow"),
    }
    assert groups["compactor"] == {
        *("compaction-age", "not-compacted", "compaction-dead-letters", "compactor-errors", "compactor-slow"),
    }


def texts(deployed: Deployed) -> dict[str, str]:
    return {name: each.inputs["alarmDescription"] for name, each in alarms(deployed).items()}


def test_every_alarm_says_what_it_means_what_to_do_first_and_names_a_runbook_that_names_it(prod: Deployed) -> None:
    for name, text in texts(prod).items():
        found = re.fullmatch(r"[A-Z].+[.!] First: .+\. Runbook: docs/runbooks/([a-z-]+)\.md", text)
        assert found, text
        assert f"`events-{name}`" in (RUNBOOKS / f"{found[1]}.md").read_text(encoding="utf-8"), text


def test_every_alarm_is_in_the_table_in_which_people_look_it_up(prod: Deployed) -> None:
    table_of_alarms = (RUNBOOKS / "pipeline-unhealthy.md").read_text(encoding="utf-8")
    assert [name for name in alarms(prod) if f"`events-{name}`" not in table_of_alarms] == []


def test_our_metrics_are_those_that_the_functions_publish() -> None:
    published = {value for key, value in vars(metric_names).items() if key.isupper()}
    assert {name for namespace, name, *_ in EXPECTED.values() if namespace == OURS} <= published


@pytest.mark.requirement("EVENT-SEC-03")
def test_accesses_are_recorded_but_those_of_a_function_to_what_passes_through_it(prod: Deployed) -> None:
    (trail,) = prod.all("cloudtrail/trail:Trail")
    recorded: dict[str, set[str]] = {}
    for selector in trail.inputs["advancedEventSelectors"]:
        fields = {each["field"]: each for each in selector["fieldSelectors"]}
        sessions = fields.get("userIdentity.arn", {}).get("notStartsWiths", [])
        left_out = {re.sub(r".*:assumed-role/baler-prod-events-([a-z]+)-.*", r"\1", each) for each in sessions}
        for arn in fields["resources.ARN"]["startsWiths"]:
            recorded[re.sub(r"arn:aws:s3:::baler-prod-events-([a-z]+)-.*", r"\1", arn)] = left_out
    assert recorded == {
        "raw": {"processor", "transformer"},
        "processed": {"transformer", "compactor"},
        "compacted": {"compactor"},
        "failures": set(),
    }
