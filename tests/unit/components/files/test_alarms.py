"""What the alarms watch, when they are on, and what they say."""

import math
import re
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import HTTP, S3, STACKS, Deployed, record_program

from baler.files import metric_names
from baler.files.courier.breaker import Cause
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
    "mailbox-count": ("Baler/Files", "MailboxObjects", STACK, "Maximum", 60, 706, 2, 3, "ignore"),
    "monitor-silent": ("Baler/Files", "MailboxObjects", STACK, "SampleCount", 60, 1, 5, 5, "breaching"),
    "monitor-errors": (
        *("AWS/Lambda", "Errors", {"FunctionName": "baler-prod-files-mailbox-monitor"}),
        *("Sum", 60, 0, 2, 3, "notBreaching"),
    ),
    "unannounced": ("Baler/Files", "AnnouncedAgain", STACK, "Sum", 900, 0, 1, 1, "notBreaching"),
    "register-stale": ("Baler/Files", "RegisterAge", STACK, "Maximum", 900, 21_600, 4, 4, "breaching"),
    "reconciliation-stale": ("Baler/Files", "ReconciledAge", STACK, "Maximum", 900, 172_800, 4, 4, "breaching"),
}
PAGING = [
    *("queue-age", "stuck", "poison-flood", "not-fed", "not-consumed", "function-errors"),
    *("mailbox-age", "monitor-silent"),
]
COURIER = {"FunctionName": "baler-prod-files-courier"}


def open_for(cause: Cause) -> tuple[str, str, dict[str, str], str]:
    return "Baler/Files", "BreakerOpenSeconds", {**STACK, "reason": str(cause)}, "Maximum"


# What a pushed delivery has besides, whatever kind of receiver it is.
EXPECTED_OF_COURIER = {
    "courier-errors": ("AWS/Lambda", "Errors", COURIER, "Sum", 60, 0, 2, 3, "notBreaching"),
    "courier-throttles": ("AWS/Lambda", "Throttles", COURIER, "Sum", 60, 0, 2, 3, "notBreaching"),
    "courier-silent": ("Baler/Files", "BreakerOpen", STACK, "SampleCount", 60, 1, 5, 5, "breaching"),
    "receiver-unreachable": (*open_for(Cause.UNREACHABLE), 60, 180, 2, 3, "notBreaching"),
    "receiver-refuses": (*open_for(Cause.REFUSES_EVERYTHING), 60, 180, 2, 3, "notBreaching"),
    "credentials-refused": (*open_for(Cause.CREDENTIALS), 60, 300, 2, 3, "notBreaching"),
    "refused-bundles": ("Baler/Files", "Quarantined", STACK, "Maximum", 60, 0, 2, 3, "ignore"),
    "credentials-old": ("Baler/Files", "CredentialsAge", STACK, "Minimum", 300, 90 * 86_400, 3, 3, "ignore"),
    "delivery-p95": ("Baler/Files", "DeliveryLatency", STACK, "p95", 300, 120, 2, 3, "notBreaching"),
    "delivery-p99.9": ("Baler/Files", "DeliveryLatency", STACK, "p99.9", 300, 180, 2, 3, "notBreaching"),
}
PAGING_OF_COURIER = [
    *("courier-errors", "courier-silent"),
    *("receiver-unreachable", "receiver-refuses", "credentials-refused"),
]
BELOW = {"monitor-silent", "courier-silent"}


@pytest.fixture(scope="module")
def prod() -> Deployed:
    """One run of the program for all tests that only look."""
    return record_program("prod")


@pytest.fixture(scope="module", params=[HTTP, S3], ids=["http", "s3"])
def pushed(request: pytest.FixtureRequest) -> Deployed:
    """The same of a stack whose bundles go to a receiver."""
    return record_program("prod", request.param)


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
    assert watching(prod, name) == EXPECTED[name]


@pytest.mark.requirement("PUSH-NFR-04", "PUSH-NFR-07", "PUSH-NFR-02")
@pytest.mark.parametrize("name", [*EXPECTED, *EXPECTED_OF_COURIER])
def test_an_alarm_of_a_pushed_delivery_watches_what_it_is_named_after(pushed: Deployed, name: str) -> None:
    assert watching(pushed, name) == {**EXPECTED, **EXPECTED_OF_COURIER}[name]


def watching(deployed: Deployed, name: str) -> tuple[Any, ...]:
    """What an alarm watches, in the order of EXPECTED."""
    found: dict[str, Any] = alarms(deployed)[name].inputs
    watched = (found["namespace"], found["metricName"], found["dimensions"])
    when = (found.get("statistic") or found["extendedStatistic"], found["period"], found["threshold"])
    often = (found["datapointsToAlarm"], found["evaluationPeriods"], found["treatMissingData"])
    assert found["comparisonOperator"] == ("LessThanThreshold" if name in BELOW else "GreaterThanThreshold")
    return *watched, *when, *often


@pytest.mark.requirement("PUSH-PLAN-05")
def test_every_cause_of_an_open_breaker_has_an_alarm(pushed: Deployed) -> None:
    watched = [
        alarm.inputs["dimensions"]["reason"]
        for alarm in alarms(pushed).values()
        if alarm.inputs.get("metricName") == metric_names.BREAKER_OPEN_SECONDS
    ]
    assert sorted(watched) == sorted(Cause)


def test_with_a_courier_no_alarm_names_the_consumer_and_without_one_none_names_the_courier(
    prod: Deployed, pushed: Deployed
) -> None:
    def about(deployed: Deployed, word: str) -> list[str]:
        return [name for name, text in described(deployed).items() if re.search(word, text)]

    assert about(pushed, r"\bconsumer\b") == []
    assert about(prod, r"courier|receiver") == []
    for name in ("mailbox-age", "mailbox-count"):
        text = described(pushed)[f"baler-prod-files-{name}"]
        assert ("receiver" in text, "courier" in text, text.endswith("receiver-down.md")) == (True, True, True)


@pytest.mark.requirement("PUSH-SEC-03", "PUSH-NFR-06")
def test_limits_of_credentials_follow_the_settings(deploy: "Deploy") -> None:
    settings = {**HTTP, "baler:filesCredentialsGraceMinutes": 12, "baler:filesCredentialsMaxAgeDays": 30}
    deployed = deploy("prod", settings=settings)
    assert threshold(deployed, "credentials-refused") == 12 * 60
    assert threshold(deployed, "credentials-old") == 30 * 86_400


@pytest.mark.requirement("PUSH-AVAIL-05")
def test_more_traffic_than_usual_is_noticed_by_a_band_that_cloudwatch_learns(prod: Deployed) -> None:
    assert set(alarms(prod)) - set(EXPECTED) == {"traffic-unusual"}
    assert set(alarms(record_program("prod", HTTP))) - set(alarms(prod)) == set(EXPECTED_OF_COURIER)
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


def test_a_percentile_is_judged_however_few_files_there_are(pushed: Deployed) -> None:
    for name in ("latency-p95", "latency-p99.9", "delivery-p95", "delivery-p99.9"):
        assert alarms(pushed)[name].inputs["evaluateLowSampleCountPercentiles"] == "evaluate"


def test_thresholds_follow_the_settings(deploy: "Deploy") -> None:
    settings = {
        "baler:filesExpectedPerSecond": 50,
        "baler:filesBatchSize": 200,
        "baler:filesMaximumConcurrency": 10,
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
@pytest.mark.parametrize(("settings", "paging"), [({}, PAGING), (HTTP, [*PAGING, *PAGING_OF_COURIER])])
def test_what_pages_is_one_alarm_over_those_that_cannot_wait_and_cannot_flap(
    deploy: "Deploy", settings: dict[str, Any], paging: list[str]
) -> None:
    deployed = deploy("prod", settings=settings)
    (unhealthy,) = deployed.all("cloudwatch/compositeAlarm:CompositeAlarm")
    arn = "arn:aws:cloudwatch:eu-west-2:111122223333:alarm:baler-prod-files-"
    assert unhealthy.inputs["alarmRule"] == " OR ".join(f'ALARM("{arn}{name}")' for name in paging)
    for name in paging:
        assert alarms(deployed)[name].inputs["datapointsToAlarm"] >= 2


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_says_what_it_means_what_to_do_first_and_names_a_runbook_that_exists(
    deploy: "Deploy", stack: str
) -> None:
    texts = described(deploy(stack))
    assert len(texts) == len(EXPECTED) + 2
    _say_what_to_do(texts)


def test_every_alarm_of_a_pushed_delivery_does_so_too(pushed: Deployed) -> None:
    _say_what_to_do(described(pushed))


def _say_what_to_do(texts: dict[str, str]) -> None:
    for text in texts.values():
        found = re.fullmatch(r"[A-Z].+[.!] First: .+\. Runbook: docs/runbooks/([a-z-]+)\.md", text)
        assert found, text
        assert (RUNBOOKS / f"{found[1]}.md").is_file(), text


def test_a_runbook_of_an_alarm_names_it(prod: Deployed, pushed: Deployed) -> None:
    for name, text in [*described(prod).items(), *described(pushed).items()]:
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
    watched = [*EXPECTED.values(), *EXPECTED_OF_COURIER.values()]
    assert {name for namespace, name, *_ in watched if namespace == metric_names.NAMESPACE} <= published


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
