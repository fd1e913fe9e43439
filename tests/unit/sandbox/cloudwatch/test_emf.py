"""baler_cloudwatch.emf: which metrics CloudWatch makes of log lines."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from baler_cloudwatch.emf import Embedded, embedded

NOW = 1_764_000_000.0


def line(**changes: Any) -> str:
    document = {
        "_aws": {
            "Timestamp": int(NOW * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "Baler/Files",
                    "Dimensions": [["stack"], ["stack", "reason"]],
                    "Metrics": [{"Name": "Rejected", "Unit": "Count"}],
                }
            ],
        },
        "stack": "prod",
        "reason": "poison",
        "Rejected": [1, 2, 2],
        **changes,
    }
    return json.dumps(document) + "\n"


def test_a_line_has_each_metric_once_for_each_set_of_dimensions() -> None:
    plain = ['{"level": "INFO"}', "REPORT RequestId: 1"]
    found = list(embedded([*plain, line()], NOW))
    assert [each.dimensions for each in found] == [
        frozenset({("stack", "prod")}),
        frozenset({("stack", "prod"), ("reason", "poison")}),
    ]
    assert found[0] == Embedded("Baler/Files", "Rejected", found[0].dimensions, "Count", (1.0, 2.0, 2.0), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"Rejected": "many"},
        {"Rejected": [True]},
        {"Rejected": [1] * 101},
        {"reason": 7},
        {"reason": ""},
        {"_aws": {"Timestamp": int((NOW - 15 * 86_400) * 1000), "CloudWatchMetrics": []}},
        {"_aws": {}},
    ],
)
def test_what_cloudwatch_would_drop_is_dropped_whole_and_logged(
    changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert list(embedded([line(**changes), line()], NOW)) == list(embedded([line()], NOW))
    assert "CloudWatch makes no metric of this line" in caplog.text
