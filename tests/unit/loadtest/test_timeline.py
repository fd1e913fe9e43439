"""What the function's log says of bundles, and what of it is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from loadtest.timeline import BundleTimeline, FunctionLog, LogUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE: dict[str, Any] = {
    "level": "INFO",
    "message": "archived a bundle",
    "bundle_id": "b1",
    "files": 2,
    "delivered_at": 105.0,
    "processing": 1.0,
    "steps": {"claim": 0.25},
    "queue_wait": [3.5, 1],
    "batch_wait": [2.0, 0],
}
TIMELINE = BundleTimeline(105.0, 1.0, {"claim": 0.25}, [3.5, 1.0], [2.0, 0.0])


class Logs:
    """A client whose log group holds some lines."""

    def __init__(self, *messages: str, refused: bool = False) -> None:
        self.messages = messages
        self.refused = refused
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, name: str) -> Logs:
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        self.asked.append(asked)
        if self.refused:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "FilterLogEvents")
        phrase = asked["filterPattern"].strip('"')
        yield {"events": [{"timestamp": 1500, "message": line} for line in self.messages if phrase in line]}


def log_of(logs: Logs) -> FunctionLog:
    return FunctionLog(cast("Any", logs), "/aws/lambda/f", since=1.5)


def test_a_bundles_line_is_read() -> None:
    logs = Logs(json.dumps(LINE), "START RequestId: 1")
    assert log_of(logs).timelines(1, wait=True) == {"b1": TIMELINE}
    assert (logs.asked[0]["logGroupName"], logs.asked[0]["startTime"]) == ("/aws/lambda/f", 1500)


@pytest.mark.parametrize(
    "message",
    [
        "archived a bundle, says somebody else",
        json.dumps({"message": "archived a bundle", "bundle_id": "b0", "files": 3}),
        json.dumps({**LINE, "queue_wait": None}),
        json.dumps({**LINE, "steps": []}),
        json.dumps(["archived a bundle"]),
    ],
)
def test_a_line_without_times_is_passed_by(message: str) -> None:
    assert log_of(Logs(message)).timelines(1, wait=False) == {}


def test_memory_is_what_lambda_reports() -> None:
    report = "REPORT RequestId: 1\tDuration: 2.00 ms\tMemory Size: 512 MB\tMax Memory Used: 61 MB"
    assert log_of(Logs(report, "Max Memory Used: unknown")).memory() == [(1.5, 61.0)]


def test_a_log_that_may_not_be_read_is_a_sentence() -> None:
    log = log_of(Logs(refused=True))
    with pytest.raises(LogUnreadableError, match=r"/aws/lambda/f cannot be read: .*AccessDeniedException"):
        log.timelines(1, wait=True)
    with pytest.raises(LogUnreadableError, match="AccessDeniedException"):
        log.memory()
