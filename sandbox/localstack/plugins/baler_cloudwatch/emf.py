"""Metrics in log lines: CloudWatch user guide, "Specification: Embedded metric format"."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LOG = logging.getLogger(__name__)

_METRICS_MAX = 100
_VALUES_MAX = 100
_DIMENSIONS_MAX = 30
_LINE_MAX = 1024 * 1024
_MARK = '"_aws"'
_PAST_SECONDS = 14 * 86_400
_FUTURE_SECONDS = 2 * 3600


@dataclass(frozen=True)
class Embedded:
    """The values of one metric in a line; `at` in seconds since the epoch."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    unit: str
    values: tuple[float, ...]
    at: float


def embedded(lines: Iterable[str], now: float) -> Iterator[Embedded]:
    """Yield the metrics in lines of which some have any. What CloudWatch would drop is dropped, and logged."""
    for line in lines:
        if _MARK not in line:
            continue
        try:
            yield from list(_of_line(line, now))
        except (ValueError, KeyError, TypeError) as error:
            LOG.warning("CloudWatch makes no metric of this line, %s: %.200s", error, line)


def _of_line(line: str, now: float) -> Iterator[Embedded]:
    if len(line.encode()) > _LINE_MAX:
        raise ValueError("which is too long")
    document = json.loads(line)
    at = document["_aws"]["Timestamp"] / 1000
    if not -_PAST_SECONDS < at - now < _FUTURE_SECONDS:
        raise ValueError("whose time is too far away")
    for directive in document["_aws"]["CloudWatchMetrics"]:
        if len(directive["Metrics"]) > _METRICS_MAX:
            raise ValueError(f"which has more than {_METRICS_MAX} metrics")
        for names in directive["Dimensions"]:
            if len(names) > _DIMENSIONS_MAX:
                raise ValueError(f"which has more than {_DIMENSIONS_MAX} dimensions")
            dimensions = frozenset((name, _text(document, name)) for name in names)
            for metric in directive["Metrics"]:
                name = metric["Name"]
                unit = metric.get("Unit", "None")
                yield Embedded(directive["Namespace"], name, dimensions, unit, _numbers(document[name]), at)


def _text(document: dict[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"whose dimension {name} is no text")
    return value


def _numbers(value: Any) -> tuple[float, ...]:
    values = value if isinstance(value, list) else [value]
    if len(values) > _VALUES_MAX or not all(
        isinstance(number, int | float) and not isinstance(number, bool) for number in values
    ):
        raise TypeError("which has a metric that is no number, nor up to 100 of them")
    return tuple(map(float, values))
