"""baler_cloudwatch.formula: the metric math that alarms are declared with."""

from __future__ import annotations

import pytest
from baler_cloudwatch.formula import Formula, FormulaError


def test_arithmetic_has_no_data_point_where_one_of_its_metrics_has_none() -> None:
    formula = Formula("IF(requests > 10, 100 * failed / requests, 0)")
    assert formula.names == {"requests", "failed"}
    assert formula.values({"requests": [20, 5, None, 20], "failed": [1, 5, 1, None]}) == [5.0, 0.0, None, None]


def test_fill_gives_a_metric_a_number_at_the_times_at_which_another_has_one() -> None:
    formula = Formula("IF(FILL(came, 0) > 0 AND (FILL(a, 0) + FILL(b, 0)) == 0, 1, 0)")
    series = {"came": [1, None, 0, 1], "a": [None, None, None, 1], "b": [None, None, 1, None]}
    assert formula.values(series) == [1.0, None, 0.0, 0.0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("-a + 3 * (b - 1)", 1.0),
        ("a / 0", None),
        ("a >= 2 AND b < 3", 1.0),
        ("a != 2 OR b <= 1", 0.0),
        ("a == 2 && b == 2", 1.0),
        ("IF(a > 5, b)", None),
    ],
)
def test_signs_are_those_of_the_guide(expression: str, value: float | None) -> None:
    assert Formula(expression).values({"a": [2], "b": [2]} if "b" in expression else {"a": [2]}) == [value]


@pytest.mark.parametrize("expression", ["RATE(a)", "a[0]", "a ** 2", "IF(a)", "a +", "'a'", "a < b < c"])
def test_what_is_not_known_is_refused_when_it_is_read(expression: str) -> None:
    with pytest.raises(FormulaError):
        Formula(expression)
