"""Reads metrics from log lines as CloudWatch does, and refuses what CloudWatch would drop.

The rules: CloudWatch user guide, "Specification: Embedded metric format".
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

_METRICS_MAX: Final = 100
_VALUES_MAX: Final = 100
_DIMENSIONS_MAX: Final = 30
_LINE_MAX: Final = 256 * 1024
_UNITS: Final = {"Seconds", "Milliseconds", "Bytes", "Count", "None"}
_PAST_SECONDS: Final = 14 * 86_400
_FUTURE_SECONDS: Final = 2 * 3600


@dataclass(frozen=True)
class Sample:
    """One value of a metric.

    Attributes:
        at: seconds since the epoch.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    value: float
    at: float


def samples(lines: Iterable[str]) -> list[Sample]:
    """Every value in lines of which some are metrics; a metric that breaks the rules fails the test."""
    return [sample for line in lines if '"_aws"' in line for sample in _samples(line)]


def values(found: Iterable[Sample], name: str, **dimensions: str) -> list[float]:
    """The values of one metric with exactly these dimensions, in their order."""
    wanted = tuple(sorted(dimensions.items()))
    return [sample.value for sample in found if (sample.name, sample.dimensions) == (name, wanted)]


def _samples(line: str) -> list[Sample]:
    assert len(line.encode()) <= _LINE_MAX
    document: dict[str, Any] = json.loads(line)
    at = document["_aws"]["Timestamp"]
    assert isinstance(at, int)
    assert -_PAST_SECONDS < at / 1000 - time.time() < _FUTURE_SECONDS
    found: list[Sample] = []
    for directive in document["_aws"]["CloudWatchMetrics"]:
        assert 0 < len(directive["Metrics"]) <= _METRICS_MAX
        assert len({metric["Name"] for metric in directive["Metrics"]}) == len(directive["Metrics"])
        assert directive["Dimensions"]
        for names in directive["Dimensions"]:
            assert 0 < len(names) <= _DIMENSIONS_MAX
            assert all(isinstance(document[name], str) and document[name] for name in names)
            dimensions = tuple(sorted((name, document[name]) for name in names))
            for metric in directive["Metrics"]:
                assert metric["Unit"] in _UNITS
                assert set(metric) == {"Name", "Unit"}
                assert isinstance(document[metric["Name"]], list)
                numbers = cast("list[Any]", document[metric["Name"]])
                assert 0 < len(numbers) <= _VALUES_MAX
                assert all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
                found += [
                    Sample(directive["Namespace"], metric["Name"], dimensions, metric["Unit"], number, at / 1000)
                    for number in numbers
                ]
    return found
