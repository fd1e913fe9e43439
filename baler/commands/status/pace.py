"""How much passes through the pipelines, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import baler.events.metric_names as of_events
import baler.files.metric_names as of_files
import baler.lake.metric_names as of_lake
from baler.commands.status.metric_data import MetricData, query

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MINUTES: Final = 20
"""How many are looked back."""


@dataclass(frozen=True, slots=True)
class _Flow:
    """What passes through a pipeline and what becomes of it, each in words and as a metric that adds up."""

    things: str
    batches: str
    namespace: str
    counted: str
    made: str


_FLOWS: Final = {
    "files": _Flow("files", "bundles", of_files.NAMESPACE, of_files.FILES, of_files.BUNDLES),
    "events": _Flow("events", "raw objects", of_events.NAMESPACE, of_events.EVENTS, of_events.OBJECTS),
    "lake": _Flow("records", "raw objects", of_lake.NAMESPACE, of_lake.RECORDS_PROCESSED, of_lake.RAW_OBJECTS_CURATED),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How much passed in the last whole minutes.

    Attributes:
        things, batches: what passes, and what it passes in.
        minutes: how many of the things in each minute, the oldest first; 0 where CloudWatch has nothing.
        made: how many batches in all of them.
    """

    things: str
    batches: str
    minutes: tuple[int, ...]
    made: int


class PaceMetrics:
    """Asks how much passes through the pipelines of a stack.

    Args:
        client: boto3's CloudWatch client. Untyped: two calls do not earn a package of stubs.
        stack: the stack's name, as Baler's own metrics have it.
        pipelines: which: `files`, `events`, `lake`.
    """

    def __init__(self, client: Any, stack: str, pipelines: Iterable[str]) -> None:
        self._data = MetricData(client)
        self._stack = {of_files.STACK: stack}
        self._flows = {pipeline: _FLOWS[pipeline] for pipeline in pipelines}

    def last_minutes(self, now: datetime) -> dict[str, Pace]:
        """Return it by pipeline; the minute that still runs is left out."""
        end = now.replace(second=0, microsecond=0)
        start = end - timedelta(minutes=MINUTES)
        queries = [
            query(f"{pipeline}_{which}", flow.namespace, name, self._stack, "Sum")
            for pipeline, flow in self._flows.items()
            for which, name in (("counted", flow.counted), ("made", flow.made))
        ]
        found = self._data.ask(start, end, queries)
        paces: dict[str, Pace] = {}
        for pipeline, flow in self._flows.items():
            minutes = [0] * MINUTES
            for reading in found[f"{pipeline}_counted"]:
                minutes[int((reading.at - start) / timedelta(minutes=1))] += round(reading.value)
            made = round(sum(reading.value for reading in found[f"{pipeline}_made"]))
            paces[pipeline] = Pace(flow.things, flow.batches, tuple(minutes), made)
        return paces
