from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from harness.lake import MemoryRaw, MemorySecrets, MemoryStates

from baler.lake.path import Path
from baler.lake.sources import Kept, Source
from runtime.lake.ingestion.fetch import Fetcher
from runtime.lake.ingestion.ingestion import StaleEventError, check_age, ingest
from runtime.lake.ingestion.outcome import RunOutcome
from runtime.lake.ingestion.ports import WebAnswer, WebError, WebRequest
from runtime.lake.ingestion.source_run import RunTimes, SourceRun

if TYPE_CHECKING:
    from collections.abc import Callable

EVENT = datetime(2026, 3, 8, 23, 55, tzinfo=UTC)
NOW = EVENT.timestamp()


def source(name: str) -> Source:
    return Source(name, "things", f"https://{name}.example/", Path(("id",)), document=Kept.WHOLE)


@dataclass
class Web:
    by_name: dict[str, Callable[[], bytes]]

    def get(self, request: WebRequest) -> WebAnswer:
        return WebAnswer(200, {}, self.by_name[request.url[8:].partition(".")[0]](), request.url)


def run(web: Web, raw: MemoryRaw, *, clock: Callable[[], float] = lambda: NOW) -> SourceRun:
    return SourceRun(Fetcher(web, clock, lambda _: None), MemorySecrets(), raw, MemoryStates(), clock)


def down() -> bytes:
    raise WebError("connection-refused", may_pass=False)


def broken() -> bytes:
    raise ZeroDivisionError


def test_one_source_that_fails_or_crashes_never_stops_the_others() -> None:
    raw = MemoryRaw()
    web = Web({"bad": down, "worse": broken, "good": lambda: b"[1]"})
    report = ingest(
        [source("bad"), source("worse"), source("good")], EVENT, RunTimes(NOW + 40, NOW + 65), NOW + 59, run(web, raw)
    )
    assert [(found.source, found.outcome, found.reason) for found in report.sources] == [
        ("bad", RunOutcome.FAILED, "connection-refused"),
        ("worse", RunOutcome.FAILED, "unexpected"),
        ("good", RunOutcome.PUBLISHED, ""),
    ]
    assert [(crash.source, type(crash.error)) for crash in report.crashes] == [("worse", ZeroDivisionError)]
    assert (report.worth_retry, raw.contents) == (True, [b"[1]"])


@pytest.mark.parametrize("others", [[], ["good"]])
def test_a_source_that_is_paused_is_not_asked(others: list[str]) -> None:
    paused = dataclasses.replace(source("paused"), paused=True)
    web = Web({"paused": broken, "good": lambda: b"[1]"})
    report = ingest(
        [paused, *map(source, others)], EVENT, RunTimes(NOW + 40, NOW + 65), NOW + 59, run(web, MemoryRaw())
    )
    assert [found.source for found in report.sources] == others
    assert not report.crashes


def test_a_source_that_is_down_is_not_worth_a_retry_of_the_event() -> None:
    report = ingest(
        [source("bad")], EVENT, RunTimes(NOW + 40, NOW + 65), NOW + 59, run(Web({"bad": down}), MemoryRaw())
    )
    assert not report.worth_retry


def test_sources_are_asked_beside_each_other() -> None:
    together = threading.Barrier(3, timeout=30)

    def meet() -> bytes:
        together.wait()
        return b"[1]"

    names = ("a", "b", "c")
    web = Web(dict.fromkeys(names, meet))
    report = ingest(
        [source(name) for name in names], EVENT, RunTimes(NOW + 40, NOW + 65), NOW + 59, run(web, MemoryRaw())
    )
    assert {found.outcome for found in report.sources} == {RunOutcome.PUBLISHED}


def test_a_source_that_never_comes_back_holds_up_nobody() -> None:
    end = threading.Event()

    def hang() -> bytes:
        end.wait(30)
        return b"[1]"

    web = Web({"hung": hang, "good": lambda: b"[1]"})
    sources = [source("hung"), source("good")]
    try:
        report = ingest(sources, EVENT, RunTimes(NOW + 40, NOW + 65), NOW + 0.2, run(web, MemoryRaw()))
    finally:
        end.set()
    assert [(found.outcome, found.reason) for found in report.sources] == [
        (RunOutcome.FAILED, "overrun"),
        (RunOutcome.PUBLISHED, ""),
    ]


@pytest.mark.parametrize("age", [0, 299, -299])
def test_an_event_of_its_interval_is_run(age: float) -> None:
    check_age(EVENT, NOW + age, 300)


@pytest.mark.parametrize("age", [300, 7200, -301])
def test_an_event_that_waited_for_hours_or_lies_ahead_is_dropped(age: float) -> None:
    with pytest.raises(StaleEventError) as caught:
        check_age(EVENT, NOW + age, 300)
    assert caught.value.age_seconds == age
