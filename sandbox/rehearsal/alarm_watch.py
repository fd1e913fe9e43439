"""Which alarms of a stack are on, as they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Change:
    """Alarms that went on, and off, by what follows the stack in their names."""

    fired: frozenset[str]
    cleared: frozenset[str]


class AlarmWatch:
    """Asks CloudWatch.

    Args:
        aws: clients of somebody who may ask.
        stack: the stack's name.
    """

    def __init__(self, aws: Endpoint, stack: str) -> None:
        self._cloudwatch = aws.cloudwatch
        self._prefix = f"baler-{stack}-"
        self._last: frozenset[str] = frozenset()

    @property
    def on(self) -> frozenset[str]:
        """The alarms that were on when it was asked last."""
        return self._last

    def changed(self) -> Change:
        """Return what has changed since the last call."""
        before, self._last = self._last, self._on()
        return Change(self._last - before, before - self._last)

    def _on(self) -> frozenset[str]:
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=self._prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"], StateValue="ALARM"
        )
        return frozenset(
            alarm["AlarmName"].removeprefix(self._prefix)
            for page in pages
            for alarm in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
        )
