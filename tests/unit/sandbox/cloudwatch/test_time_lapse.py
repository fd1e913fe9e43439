"""baler_cloudwatch.time_lapse: what becomes shorter, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from baler_cloudwatch.time_lapse import AS_ON_AWS, Lapse, Lapses, read_request


def alarm(statistic: str, name: str, threshold: float, period: int = 60) -> dict[str, Any]:
    return {"Statistic": statistic, "MetricName": name, "Threshold": threshold, "Period": period}


@pytest.mark.parametrize(("seconds", "lasts"), [(60, 10), (300, 50), (900, 150), (10, 10), (30, 10)])
def test_a_period_lasts_its_part_and_never_less_than_ten_seconds(seconds: int, lasts: int) -> None:
    assert Lapse(factor=6).period(seconds) == lasts
    assert AS_ON_AWS.period(seconds) == seconds


def test_a_sum_is_judged_by_as_much_less_as_its_period_is_shorter() -> None:
    hurried = Lapse(factor=30)
    assert hurried.threshold(alarm("Sum", "NumberOfMessagesSent", 3000, 300)) == 100
    assert hurried.threshold(alarm("Sum", "Errors", 6)) == 1  # 10 s are a sixth of a minute, not a thirtieth
    assert hurried.threshold(alarm("Maximum", "Duration", 14_400)) == 14_400


def test_a_wait_is_judged_by_less_only_where_that_is_asked_for() -> None:
    for name in ("ApproximateAgeOfOldestMessage", "MailboxOldestAge", "BatchAge", "BreakerOpenSeconds"):
        assert Lapse(factor=6).threshold(alarm("Maximum", name, 90)) == 90
        assert Lapse(factor=6, waits=6).threshold(alarm("Maximum", name, 90)) == 15
    assert Lapse(waits=6).threshold(alarm("Maximum", "Duration", 90)) == 90


def test_the_longest_beginning_of_a_name_counts_until_it_is_as_on_aws_again() -> None:
    lapses = Lapses()
    lapses.put("baler-local-", Lapse(factor=6))
    lapses.put("baler-local-files-mailbox", Lapse(factor=6, waits=60))
    assert lapses.of("baler-local-files-mailbox-age").waits == 60
    assert lapses.of("baler-local-files-queue-age") == Lapse(factor=6)
    assert lapses.of("baler-prod-files-queue-age") == AS_ON_AWS
    lapses.put("baler-local-", AS_ON_AWS)
    assert lapses.of("baler-local-files-queue-age") == AS_ON_AWS
    assert list(lapses.document()) == ["baler-local-files-mailbox"]


@pytest.mark.parametrize(
    "document", [[], {"factor": 0.5}, {"factor": "6"}, {"factor": True}, {"waits": 0}, {"prefix": 1}, {"speed": 6}]
)
def test_a_request_that_asks_for_nothing_sensible_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="factor"):
        read_request(document)


def test_a_request_names_a_prefix_and_how_much_faster() -> None:
    assert read_request({"prefix": "baler-local-", "factor": 6}) == ("baler-local-", Lapse(factor=6))
