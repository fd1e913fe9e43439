"""Alarms in time lapse: minutes that last seconds, for whoever wants to see an alarm fire without waiting.

On AWS a period of most alarms is a minute, and of some an hour. In time lapse a period lasts a fraction of that, and
the schedules that publish what alarms watch run as much more often. What is counted over a period, a sum, is judged by
a threshold that shrinks with the period. How long something waited is measured in the pipeline's own seconds, which go
on as ever: its threshold shrinks only where that is asked for too.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_SECONDS = 10
"""Of a period and of a schedule: the shortest period that AWS has for most metrics, which leaves a function time to
publish."""


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """How much faster time passes.

    Attributes:
        factor: of periods, sums and schedules.
        waits: of what is measured in seconds of waiting: an age, or how long a breaker is open.
    """

    factor: float = 1.0
    waits: float = 1.0

    def period(self, seconds: int) -> int:
        """Return how long a period, or the pause of a schedule, lasts."""
        return seconds if self.factor == 1 else min(seconds, max(SHORTEST_SECONDS, round(seconds / self.factor)))

    def threshold(self, alarm: Mapping[str, Any]) -> float:
        """Return an alarm's threshold."""
        threshold = float(alarm["Threshold"])
        if alarm.get("Statistic") == "Sum":
            return threshold * self.period(int(alarm["Period"])) / int(alarm["Period"])
        return threshold / self.waits if is_wait(alarm.get("MetricName", "")) else threshold


AS_ON_AWS = Lapse()


def is_wait(metric: str) -> bool:
    """Tell whether a metric measures how long something has waited."""
    return "Age" in metric or metric.endswith("OpenSeconds")


class Lapses:
    """Which alarms and schedules are in time lapse: those whose name begins so, by the longest beginning."""

    def __init__(self) -> None:
        self._lapses: dict[str, Lapse] = {}
        self._lock = threading.Lock()

    def put(self, prefix: str, lapse: Lapse) -> None:
        """Let time pass faster for a prefix, or as on AWS again."""
        with self._lock:
            if lapse == AS_ON_AWS:
                self._lapses.pop(prefix, None)
            else:
                self._lapses[prefix] = lapse

    def of(self, name: str) -> Lapse:
        """Return how time passes for an alarm or a schedule."""
        with self._lock:
            fitting = [prefix for prefix in self._lapses if name.startswith(prefix)]
            return self._lapses[max(fitting, key=len)] if fitting else AS_ON_AWS

    def document(self) -> dict[str, dict[str, float]]:
        """Return what is in time lapse, by prefix."""
        with self._lock:
            return {prefix: asdict(lapse) for prefix, lapse in sorted(self._lapses.items())}


def read_request(document: Any) -> tuple[str, Lapse]:
    """Return what a request asks for.

    Raises:
        ValueError: it is none, and why.
    """
    if not isinstance(document, dict) or document.keys() - {"prefix", "factor", "waits"}:
        raise ValueError('the body is {"prefix": "baler-local-", "factor": 6}, and "waits" if waits are shortened too')
    prefix = document.get("prefix", "")
    factors = {name: document.get(name, 1) for name in ("factor", "waits")}
    if not isinstance(prefix, str) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 for value in factors.values()
    ):
        raise ValueError("prefix is a text; factor and waits are numbers from 1 on")
    return prefix, Lapse(factor=float(factors["factor"]), waits=float(factors["waits"]))
