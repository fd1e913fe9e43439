"""The model has the rules of AWS that it is there for."""

from __future__ import annotations

from typing import Any

import pytest
from baler_cloudwatch.evaluation import judge
from metric_rules.cloudwatch import MetricAlarm, Metrics, State, key_of
from metric_rules.event_source import EventSourceMapping, Run
from metric_rules.queue import Queue

AGE = key_of("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "q"})
HIDDEN = key_of("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", {"QueueName": "q"})
ERRORS = key_of("AWS/Lambda", "Errors", {"FunctionName": "f"})
THROTTLES = key_of("AWS/Lambda", "Throttles", {"FunctionName": "f"})


def points(text: str) -> list[bool | None]:
    """Data points as AWS's tables write them: 0 is good, X breaches, - is missing."""
    return [{"0": False, "X": True, "-": None}[each] for each in text.split()]


def minute(metrics: Metrics, metric: Any, end: float) -> float | None:
    return metrics.points(metric, "Maximum", 60, [end])[0]


@pytest.mark.parametrize(
    ("text", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", "OK", "OK", "OK", "OK"),
        ("0 - - - -", "OK", "OK", "OK", "OK"),
        ("- - - - -", "INSUFFICIENT_DATA", None, "ALARM", "OK"),
        ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", "ALARM", None, "ALARM", "OK"),
    ],
)
def test_three_of_three_points_with_missing_ones_are_judged_as_the_guides_table_says(
    text: str, missing: str, ignore: str | None, breaching: str, not_breaching: str
) -> None:
    """None is "retain current state"."""
    states: tuple[State, ...] = ("OK", "ALARM")
    for state in states:
        found = [judge(points(text), 3, 3, way, state) for way in ("missing", "ignore", "breaching", "notBreaching")]
        assert found == [missing, ignore or state, breaching, not_breaching]


@pytest.mark.parametrize(
    ("text", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", "ALARM", "ALARM", "ALARM"),
        ("0 0 X 0 X", "ALARM", "ALARM", "ALARM"),
        ("0 - X - -", "OK", "ALARM", "OK"),
        ("- - - - 0", "OK", "ALARM", "OK"),
        ("- - - X -", None, "ALARM", "OK"),
    ],
)
def test_two_of_three_points_with_missing_ones_are_judged_as_the_guides_table_says(
    text: str, ignore: str | None, breaching: str, not_breaching: str
) -> None:
    states: tuple[State, ...] = ("OK", "ALARM")
    for state in states:
        found = [judge(points(text), 2, 3, way, state) for way in ("ignore", "breaching", "notBreaching")]
        assert found == [ignore or state, breaching, not_breaching]


def test_missing_data_of_dynamodb_is_ignored_whatever_the_alarm_says() -> None:
    inputs = {
        "namespace": "AWS/DynamoDB",
        "metricName": "WriteThrottleEvents",
        "dimensions": {"TableName": "t"},
        "statistic": "Sum",
        "period": 60,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "threshold": 0,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
    }
    metrics, alarm = Metrics(), MetricAlarm(inputs)
    for at in (30, 90):
        metrics.put(key_of("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": "t"}), at, 1)
    assert alarm.evaluate(metrics, 240) == "ALARM"
    assert alarm.evaluate(metrics, 7200) == "ALARM"


def test_a_percentile_without_data_is_missing_and_with_data_is_one_of_them() -> None:
    metrics, latency = Metrics(), key_of("Baler/Files", "Latency", {"stack": "prod"})
    for at in range(60):
        metrics.put(latency, at, at)
    assert metrics.points(latency, "p95", 60, [60, 120]) == [56.0, None]


def test_the_age_leaves_out_what_was_received_three_times() -> None:
    metrics, queue = Metrics(), Queue("q", visibility=10)
    queue.send(0)
    for now in (10, 30):
        queue.receive(now)
    queue.publish(metrics, 60)
    assert minute(metrics, AGE, 60) == 60
    queue.receive(70)
    queue.publish(metrics, 120)
    assert minute(metrics, AGE, 120) is None
    queue.send(130)
    queue.publish(metrics, 180)
    assert minute(metrics, AGE, 180) == 50


def test_a_message_that_backs_off_is_not_visible() -> None:
    metrics, queue = Metrics(), Queue("q", visibility=30)
    queue.send(0)
    message = queue.receive(1)
    assert message is not None
    queue.change_visibility(message, 900)
    queue.publish(metrics, 60)
    assert (minute(metrics, HIDDEN, 60), queue.receive(899), queue.receive(900)) == (1, None, message)


def test_a_message_that_was_received_too_often_moves_without_being_sent() -> None:
    metrics, dead = Metrics(), Queue("dead")
    queue = Queue("q", visibility=1, most_receives=2, dead_letters=dead)
    queue.send(0)
    assert [queue.receive(now) is not None for now in (1, 3, 5)] == [True, True, False]
    dead.publish(metrics, 60)
    assert len(dead.messages) == 1
    assert minute(metrics, key_of("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "dead"}), 60) == 0


def mapping(queue: Queue) -> EventSourceMapping:
    return EventSourceMapping(queue, "f", batch_size=100, window=10, most_readers=5)


def test_a_function_that_is_not_invoked_has_no_metrics_and_a_throttled_one_has_throttles_alone() -> None:
    metrics, queue = Metrics(), Queue("q", visibility=130)
    source = mapping(queue)
    for now in range(30):
        source.step(now, metrics, lambda _: Run())
    assert minute(metrics, ERRORS, 60) is None
    queue.send(30)
    for now in range(31, 60):
        source.step(now, metrics, lambda _: Run(throttled=True))
    assert (minute(metrics, ERRORS, 60), minute(metrics, THROTTLES, 60)) == (None, 1)


def test_what_a_run_publishes_at_its_end_is_not_there_if_it_is_killed() -> None:
    metrics, queue = Metrics(), Queue("q", visibility=130)
    source, ended = mapping(queue), list[float]()
    queue.send(0)
    for now in range(60):
        source.step(now, metrics, lambda _: Run(20, crashes=True, ends=lambda _batch, at: ended.append(at)))
    assert (ended, minute(metrics, ERRORS, 60)) == ([], 1)
    assert queue.visible(59) == 0
    assert queue.visible(131) == 1


def test_readers_share_the_messages() -> None:
    metrics, queue = Metrics(), Queue("q", visibility=130)
    source, batches = mapping(queue), list[int]()

    def invoke(batch: Any) -> Run:
        batches.append(len(batch))
        return Run()

    for now in range(11):
        for _ in range(5):
            queue.send(now)
        source.step(now, metrics, invoke)
    assert batches == [11] * 5
