"""What the function says of each bundle: a line of its log holds where the time of the bundle's files went."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

# runtime/files/aggregator/observability.py writes it.
_BUNDLE_LINE: Final = "archived a bundle"
_MEMORY_LINE: Final = "Max Memory Used:"
_MEMORY: Final = re.compile(r"Max Memory Used: (\d+) MB")
# CloudWatch shows a line some seconds after it was written.
_PATIENCE_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 2.0


class LogUnreadableError(Exception):
    """The function's log cannot be read: a sentence that says why."""


@dataclass(frozen=True, slots=True)
class BundleTimeline:
    """Where the time of a bundle's files went, by the function's clock and SQS's; seconds, lists in the bundle's order.

    Attributes:
        delivered_at: when the bundle was in the mailbox, since the epoch.
        processing: from the start of the invocation until then.
        steps: of the attempt, by name.
        queue_wait: of each file's message, from SQS taking it to the start of the invocation.
        batch_wait: the last part of that, from the message's first receive.
    """

    delivered_at: float
    processing: float
    steps: dict[str, float]
    queue_wait: list[float]
    batch_wait: list[float]


class FunctionLog:
    """The log group of the function that makes bundles.

    Args:
        logs: a client.
        group: its name.
        since: seconds since the epoch: earlier lines are not read.
    """

    def __init__(self, logs: CloudWatchLogsClient, group: str, since: float) -> None:
        self._logs = logs
        self._group = group
        self._since = since

    def timelines(self, bundles: int, *, wait: bool) -> dict[str, BundleTimeline]:
        """Return what the log says of bundles, by their ids.

        Args:
            bundles: of how many it should say something; of some it may say nothing.
            wait: look again for lines that are not there yet, for half a minute at most.

        Raises:
            LogUnreadableError: no such log, or these credentials may not read it.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found: dict[str, BundleTimeline] = {}
            for _, message in self._lines(_BUNDLE_LINE):
                bundle_id, timeline = _read(message)
                if timeline is not None:
                    found[bundle_id] = timeline
            if not wait or len(found) >= bundles or time.monotonic() >= deadline:
                return found
            time.sleep(_PAUSE_SECONDS)

    def memory(self) -> list[tuple[float, float]]:
        """Return when an invocation ended, since the epoch, and the most MB that its environment had used by then.

        Raises:
            LogUnreadableError: as `timelines`.
        """
        return sorted(
            (at, float(match[1])) for at, message in self._lines(_MEMORY_LINE) if (match := _MEMORY.search(message))
        )

    def _lines(self, phrase: str) -> Iterator[tuple[float, str]]:
        pages = self._logs.get_paginator("filter_log_events").paginate(
            # A quoted term is matched in any line (CloudWatch Logs user guide, "Filter pattern syntax").
            logGroupName=self._group,
            startTime=int(self._since * 1000),
            filterPattern=f'"{phrase}"',
        )
        try:
            for page in pages:
                for event in page["events"]:
                    yield event.get("timestamp", 0) / 1000, event.get("message", "")
        except (BotoCoreError, ClientError) as error:
            raise LogUnreadableError(f"the function's log {self._group} cannot be read: {error}") from error


def _read(message: str) -> tuple[str, BundleTimeline | None]:
    """Return a bundle's id and what a line says of it: None where it says nothing, as an older function's."""
    try:
        line: Any = json.loads(message)
        return str(line["bundle_id"]), BundleTimeline(
            float(line["delivered_at"]),
            float(line["processing"]),
            {str(step): float(seconds) for step, seconds in line["steps"].items()},
            [float(seconds) for seconds in line["queue_wait"]],
            [float(seconds) for seconds in line["batch_wait"]],
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", None
