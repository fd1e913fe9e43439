"""baler_cloudwatch.samples: statistics of samples, whatever their age."""

from __future__ import annotations

from collections import Counter

import pytest
from baler_cloudwatch.samples import FINE_SECONDS, KEPT_SECONDS, Metric, MetricStore, is_statistic, statistic_of


def metric(**dimensions: str) -> Metric:
    return Metric("1", "eu-west-2", "Baler/Files", "Latency", frozenset(dimensions.items()))


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("SampleCount", 4),
        ("Sum", 14),
        ("Average", 3.5),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p50", 1),
        ("p75", 2),
        ("p95", 10),
        ("p99.9", 10),
        ("p0", 1),
        ("p100", 10),
    ],
)
def test_a_statistic_is_of_all_samples_each_as_often_as_it_came(statistic: str, value: float) -> None:
    assert statistic_of(Counter({1.0: 2, 2.0: 1, 10.0: 1}), statistic) == value
    assert is_statistic(statistic)


def test_without_a_sample_there_is_no_data_point() -> None:
    assert statistic_of(Counter(), "Sum") is None
    assert MetricStore().points(metric(stack="prod"), "SampleCount", 60, [0, 60]) == [None, None]


@pytest.mark.parametrize("name", ["p", "p101", "tm90", "sum", "IQM"])
def test_a_statistic_that_nobody_knows_is_refused(name: str) -> None:
    assert not is_statistic(name)
    with pytest.raises(ValueError, match=name):
        statistic_of(Counter({1.0: 1}), name)


def test_another_set_of_dimensions_is_another_metric() -> None:
    store = MetricStore()
    store.put(metric(stack="prod"), 5, {1.0: 1})
    store.put(metric(stack="prod", reason="late"), 5, {7.0: 1})
    assert store.points(metric(stack="prod"), "Sum", 60, [0]) == [1.0]


def test_a_period_begins_anywhere_and_takes_its_first_second_and_not_its_last() -> None:
    store = MetricStore()
    for second in range(40):
        store.put(metric(), second + 0.9, {float(second): 1})
    assert store.points(metric(), "Minimum", 10, [7, 17]) == [7.0, 17.0]
    assert store.points(metric(), "Maximum", 10, [7, 17]) == [16.0, 26.0]


def test_old_samples_keep_their_minute_and_very_old_ones_go() -> None:
    store = MetricStore()
    for second in range(0, 120, 10):
        store.put(metric(), second, {float(second): 1})
    for later in (FINE_SECONDS + 120, FINE_SECONDS + 180):
        store.put(metric(), later, {0.0: 1})
    assert store.points(metric(), "SampleCount", 60, [0, 60]) == [6.0, 6.0]
    assert store.points(metric(), "p50", 60, [0, 60]) == [20.0, 80.0]
    assert len({second for _, second, _, _ in store.samples()}) == 4
    store.put(metric(), KEPT_SECONDS + 200, {0.0: 1})
    assert store.points(metric(), "Sum", 60, [0, 60]) == [None, None]
