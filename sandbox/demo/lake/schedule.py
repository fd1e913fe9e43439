"""The schedule's rule, fired when the demo wants it, and what became of each source for it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.deployed import DeployedLake
    from sandbox.engine.endpoint import Endpoint

_SECONDS: Final = 120.0
_RUN_SECONDS: Final = 600.0
"""In which a run is over: a few of a function's time-outs, and cold starts, on a bad day on a busy machine."""
_AGAIN_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class SourceRun:
    """What the lake has noted of a source.

    Attributes:
        last_event: time of the latest event that a run began for, as texts sort; "" for none.
        over: no run holds its lease.
        well: the run for that event ended well.
        failures: runs in a row that did not.
        reason: why the last one did not, or "".
    """

    last_event: str
    over: bool
    well: bool
    failures: int
    reason: str


class Schedule:
    """The rule of a deployed stack.

    Args:
        aws: clients of an operator.
        deployed: the stack.
    """

    def __init__(self, aws: Endpoint, deployed: DeployedLake) -> None:
        self._aws = aws
        self._deployed = deployed
        self._opener = build_opener(ProxyHandler({}))

    def fire(self, at: str = "") -> None:
        """Have the rule send its event now.

        Args:
            at: the event's time, as EventBridge writes it; "" for that of now.

        Raises:
            SandboxError: there is no such rule.
        """
        url = f"{self._deployed.endpoint}/_baler/rules/{quote(self._deployed.schedule_rule)}/fire"
        body = json.dumps({"time": at} if at else {}).encode()
        try:
            with self._opener.open(Request(url, body, method="POST"), timeout=_SECONDS):  # noqa: S310 - http, our own
                pass
        except HTTPError as error:
            with error:
                raise SandboxError(f"{url} answered {error.code}: {error.read(500).decode()}") from error

    def fire_and_wait(self, sources: Iterable[str]) -> Mapping[str, SourceRun]:
        """Have sources fetched, and return what became of them once it is over.

        The clock may fire it too, and an event is dropped while another is worked on: it is fired again then, with the
        same time, by which a run knows what it has done. One that comes late is so no second fetch.

        Raises:
            SandboxError: a run is not over in time.
        """
        asked = frozenset(sources)
        deadline = time.monotonic() + _RUN_SECONDS
        at = self.next_time()
        while True:
            self.fire(at)
            again = time.monotonic() + _AGAIN_SECONDS
            while True:
                runs = self.runs()
                behind = [name for name in asked if name not in runs or runs[name].last_event < at]
                if not behind and all(runs[name].over for name in asked):
                    return runs
                now = time.monotonic()
                if now > deadline:
                    raise SandboxError(f"The run for {at} was not over in {_RUN_SECONDS:.0f} s: {runs}")
                # Nobody works on a source that nothing has begun for.
                if now > again and any(name not in runs or runs[name].over for name in behind):
                    break
                time.sleep(_POLL_SECONDS)

    def next_time(self) -> str:
        """Return the time of an event that no run has begun for: times are of whole seconds, and may be equal."""
        last = max((run.last_event for run in self.runs().values()), default="")
        after = f"{datetime.fromisoformat(last) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}" if last else ""
        return max(time_of_now(), after)

    def runs(self) -> dict[str, SourceRun]:
        """Return what is noted of each source that was ever fetched."""
        pages = self._aws.dynamodb.get_paginator("scan").paginate(
            TableName=self._deployed.sources_table, ConsistentRead=True
        )
        return {
            item["source"].get("S", ""): SourceRun(
                last_event=item.get("last_event", {}).get("S", ""),
                over=not item["lease"].get("S"),
                well=item["event_done"].get("BOOL", False),
                failures=int(item["failures"].get("N", "0")),
                reason=item["last_reason"].get("S", ""),
            )
            for page in pages
            for item in page["Items"]
            if "lease" in item
        }


def time_of_now() -> str:
    """Return the time of an event that is sent now."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
