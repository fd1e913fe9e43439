"""What the alarms watch, when they are on, and what they say."""

import math
import re
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import STACKS, Deployed, record_program

from baler.files import metric_names
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from conftest import Deploy
    from harness.recorded_program import Resource

RUNBOOKS = PROJECT_DIR / "docs" / "runbooks"
TOPIC = "arn:aws:sns:eu-west-2:111122223333:baler-prod-alarms-1a2b3c4"
QUEUE = {"QueueName": "baler-prod-files-ingest-1a2b3c4"}
FUNCTION = {"FunctionName": "baler-prod-files-aggregator"}
TABLE = {"TableName": "baler-prod-files-claims-1a2b3c4"}
STACK = {"stack": "prod"}
# Namespace, metric, dimensions, statistic, period, threshold, breaching of periods, missing data.
EXPECTED = {
    "queue-age": ("AWS/SQS", "ApproximateAgeOfOldestMessage", QUEUE, "Maximum", 60, 90, 2, 3, "notBreaching"),
    "queue-depth": ("Baler/Files", "QueueMessages", STACK, "Maximum", 60, 36_000, 2, 3, "ignore"),
    "stuck": ("Baler/Files", "OldestLeftAge", STACK, "Maximum", 60, 60, 2, 3, "ignore"),
    "poison-flood": ("Baler/Files", "Rejected", STACK, "Sum", 60, 60, 2, 3, "notBreaching"),
    "not-fed": ("Baler/Files", "NotFed", STACK, "Maximum", 60, 0, 2, 3, "ignore"),
    "not-consumed": ("Baler/Files", "NotConsumed", STACK, "Maximum", 60, 0, 2, 3, "ignore"),
    "no-redrive": ("Baler/Files", "NoRedrive", STACK, "Maximum", 60, 0, 2, 3, "ignore"),
    "monitor-blind": ("Baler/Files", "Unread", STACK, "Minimum", 60, 0, 5, 5, "ignore"),
    "dead-letters": (
        *("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "baler-prod-files-dead-letters-1a2b3c4"}),
        *("Maximum", 60, 0, 1, 1, "notBreaching"),
    ),
    "traffic-high": ("AWS/SQS", "NumberOfMessagesSent", QUEUE, "Sum", 300, 30_000, 1, 1, "notBreaching"),
    "function-errors": ("AWS/Lambda", "Errors", FUNCTION, "Sum", 60, 0, 2, 3, "notBreaching"),
    "function-slow": ("AWS/Lambda", "Duration", FUNCTION, "Maximum", 60, 14_400, 2, 3, "notBreaching"),
    "function-throttles": ("AWS/Lambda", "Throttles", FUNCTION, "Sum", 60, 0, 2, 3, "notBreaching"),
    "claims-write-throttles": ("AWS/DynamoDB", "WriteThrottleEvents", TABLE, "Sum", 60, 0, 2, 3, "ignore"),
    "claims-read-throttles": ("AWS/DynamoDB", "ReadThrottleEvents", TABLE, "Sum", 60, 0, 2, 3, "ignore"),
    "latency-p95": ("Baler/Files", "Latency", STACK, "p95", 300, 120, 2, 3, "notBreaching"),
    "latency-p99.9": ("Baler/Files", "Latency", STACK, "p99.9", 300, 180, 2, 3, "notBreaching"),
    "mailbox-age": ("Baler/Files", "MailboxOldestAge", STACK, "Maximum", 60, 900, 2, 3, "ignore"),
    "mailbox-count": ("Baler/Files", "MailboxObjects", STACK, "Maximum", 60, 1715, 2, 3, "ignore"),
    "monitor-silent": ("Baler/Files", "MailboxObjects", STACK, "SampleCount", 60, 1, 5, 5, "breaching"),
    "monitor-errors": (
        *("AWS/Lambda", "Errors", {"FunctionName": "baler-prod-files-mailbox-monitor"}),
        *("Sum", 60, 0, 2, 3, "notBreaching"),
    ),
    "unannounced": ("Baler/Files", "AnnouncedAgain", STACK, "Sum", 900, 0, 1, 1, "notBreaching"),
    "reconciliation-stale": ("Baler/Files", "ReconciledAge", STACK, "Maximum", 900, 172_800, 4, 4, "breaching"),
}
PAGING = [
    *("queue-age", "stuck", "poison-flood", "not-fed", "not-consumed", "function-errors"),
    *("mailbox-age", "monitor-silent"),
]


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod")


def alarms(deployed: Deployed) -> dict[str, "Resource"]:
    return {
        each.name.removeprefix(f"baler-{deployed.stack}-files-"): each
        for each in deployed.all("cloudwatch/metricAlarm:MetricAlarm")
    }


def threshold(deployed: Deployed, alarm: str) -> float:
    return alarms(deployed)[alarm].inputs["threshold"]


def described(deployed: Deployed) -> dict[str, str]:
    """The descriptions of all alarms, the one over others included."""
    composite = deployed.all("cloudwatch/compositeAlarm:CompositeAlarm")
    return {each.name: each.inputs["alarmDescription"] for each in [*alarms(deployed).values(), *composite]}


@pytest.mark.requirement("PULL-NFR-04", "PULL-NFR-07", "PULL-NFR-02")
@pytest.mark.parametrize("name", EXPECTED)
def test_an_alarm_watches_what_it_is_named_after(prod: Deployed, name: str) -> None:
    found: dict[str, Any] = alarms(prod)[name].inputs
    watched = (found["namespace"], found["metricName"], found["dimensions"])
    when = (found.get("statistic") or found["extendedStatistic"], found["period"], found["threshold"])
    often = (found["datapointsToAlarm"], found["evaluationPeriods"], found["treatMissingData"])
    assert (*watched, *when, *often) == EXPECTED[name]
    below = name == "monitor-silent"
    assert found["comparisonOperator"] == ("LessThanThreshold" if below else "GreaterThanThreshold")


@pytest.mark.requirement("PUSH-AVAIL-05")
def test_more_traffic_than_usual_is_noticed_by_a_band_that_cloudwatch_learns(prod: Deployed) -> None:
    assert set(alarms(prod)) - set(EXPECTED) == {"traffic-unusual"}
    found = alarms(prod)["traffic-unusual"].inputs
    assert found["comparisonOperator"] == "GreaterThanUpperThreshold"
    band, watched = found["metricQueries"]
    assert (band["id"], band["expression"]) == (
        found["thresholdMetricId"],
        f"ANOMALY_DETECTION_BAND({watched['id']}, 3)",
    )
    assert watched["metric"] == {
        "namespace": "AWS/SQS",
        "metricName": "NumberOfMessagesSent",
        "dimensions": QUEUE,
        "stat": "Sum",
        "period": 300,
    }


def test_a_percentile_is_judged_however_few_files_there_are(prod: Deployed) -> None:
    for name in ("latency-p95", "latency-p99.9"):
        assert alarms(prod)[name].inputs["evaluateLowSampleCountPercentiles"] == "evaluate"


def test_thresholds_follow_the_settings(deploy: "Deploy") -> None:
    settings = {
        "baler:filesExpectedPerSecond": 50,
        "baler:filesBatchSize": 200,
        "baler:filesFunctionTimeoutSeconds": 15,
        "baler:filesMailboxWaitSeconds": 60,
    }
    deployed = deploy("prod", settings=settings)
    assert threshold(deployed, "queue-depth") == 50 * 3600
    assert threshold(deployed, "traffic-high") == 50 * 10 * 300
    assert threshold(deployed, "poison-flood") == 50 * 60 / 10
    # Five readers share the files, so a batch has 1 + 50 x 10 / 5 of them and is not full.
    assert threshold(deployed, "mailbox-count") == math.ceil(50 * 3600 / 101)
    assert threshold(deployed, "mailbox-age") == 60
    assert threshold(deployed, "function-slow") == 12_000


@pytest.mark.requirement("PULL-NFR-07")
def test_a_party_that_sends_nothing_is_noticed_where_somebody_asks_for_it(deploy: "Deploy", prod: Deployed) -> None:
    assert "silence" not in alarms(prod)
    found = alarms(deploy("prod", settings={"baler:filesSilenceMinutes": 45}))["silence"].inputs
    assert (found["metricName"], found["dimensions"], found["statistic"]) == ("NumberOfMessagesSent", QUEUE, "Sum")
    assert (found["comparisonOperator"], found["threshold"]) == ("LessThanThreshold", 1)
    assert (found["datapointsToAlarm"], found["evaluationPeriods"]) == (45, 45)
    # A queue without activity has no metrics at all.
    assert found["treatMissingData"] == "breaching"


def test_missing_data_of_dynamodb_is_ignored_as_cloudwatch_does_whatever_an_alarm_says(prod: Deployed) -> None:
    for alarm in alarms(prod).values():
        if alarm.inputs.get("namespace") == "AWS/DynamoDB":
            assert alarm.inputs["treatMissingData"] == "ignore"


def test_every_alarm_tells_the_topic_when_it_goes_on_and_off(prod: Deployed) -> None:
    (unhealthy,) = prod.all("cloudwatch/compositeAlarm:CompositeAlarm")
    for alarm in [*alarms(prod).values(), unhealthy]:
        assert (alarm.inputs["alarmActions"], alarm.inputs["okActions"]) == ([TOPIC], [TOPIC]), alarm.name


@pytest.mark.requirement("PUSH-PLAN-05")
def test_what_pages_is_one_alarm_over_those_that_cannot_wait_and_cannot_flap(prod: Deployed) -> None:
    (unhealthy,) = prod.all("cloudwatch/compositeAlarm:CompositeAlarm")
    arn = "arn:aws:cloudwatch:eu-west-2:111122223333:alarm:baler-prod-files-"
    assert unhealthy.inputs["alarmRule"] == " OR ".join(f'ALARM("{arn}{name}")' for name in PAGING)
    for name in PAGING:
        assert alarms(prod)[name].inputs["datapointsToAlarm"] >= 2


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_says_what_it_means_what_to_do_first_and_names_a_runbook_that_exists(
    deploy: "Deploy", stack: str
) -> None:
    texts = described(deploy(stack))
    assert len(texts) == len(EXPECTED) + 2
    for text in texts.values():
        found = re.fullmatch(r"[A-Z].+[.!] First: .+\. Runbook: docs/runbooks/([a-z-]+)\.md", text)
        assert found, text
        assert (RUNBOOKS / f"{found[1]}.md").is_file(), text


def test_a_runbook_of_an_alarm_names_it(prod: Deployed) -> None:
    for name, text in described(prod).items():
        page = (PROJECT_DIR / text.rpartition("Runbook: ")[2]).read_text()
        assert f"`{name.removeprefix('baler-prod-')}`" in page, text


def test_every_runbook_is_linked_where_people_begin() -> None:
    readme = (PROJECT_DIR / "README.md").read_text()
    assert [page.name for page in RUNBOOKS.glob("*.md") if f"(docs/runbooks/{page.name})" not in readme] == []


def test_a_runbook_leads_to_pages_that_exist() -> None:
    for page in RUNBOOKS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (RUNBOOKS / target).is_file(), f"{page.name} links {target}"


def test_our_metrics_are_those_that_the_functions_publish() -> None:
    published = {value for key, value in vars(metric_names).items() if key.isupper()}
    assert {name for namespace, name, *_ in EXPECTED.values() if namespace == metric_names.NAMESPACE} <= published


@pytest.mark.requirement("PUSH-AVAIL-05")
@pytest.mark.parametrize(("dollars", "made"), [(0, 0), (250, 1)])
def test_a_budget_is_made_if_there_is_an_amount(deploy: "Deploy", dollars: int, made: int) -> None:
    found = deploy("prod", settings={"baler:monthlyBudgetDollars": dollars}).all("budgets/budget:Budget")
    assert len(found) == made


def test_a_budget_warns_early_late_and_ahead(deploy: "Deploy") -> None:
    (budget,) = deploy("prod", settings={"baler:monthlyBudgetDollars": 250}).all("budgets/budget:Budget")
    kind = (budget.inputs["budgetType"], budget.inputs["timeUnit"], budget.inputs["limitUnit"])
    assert (*kind, budget.inputs["limitAmount"]) == ("COST", "MONTHLY", "USD", "250")
    told = [(n["notificationType"], n["threshold"], n["thresholdType"]) for n in budget.inputs["notifications"]]
    assert told == [("ACTUAL", 80, "PERCENTAGE"), ("ACTUAL", 100, "PERCENTAGE"), ("FORECASTED", 100, "PERCENTAGE")]
    assert all(n["subscriberSnsTopicArns"] == [TOPIC] for n in budget.inputs["notifications"])
