from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from harness.lake import Died, MemoryRaw, MemorySecrets, MemoryStates, ScriptedWeb, Step

from baler.lake.path import Path
from baler.lake.sources import Kept, PageKind, Pages, SecretHeader, Source
from baler.store_errors import Unavailable
from runtime.lake.ingestion.fetch import Fetcher
from runtime.lake.ingestion.outcome import RunOutcome, SourceReport
from runtime.lake.ingestion.ports import WebAnswer, WebError, WebRequest
from runtime.lake.ingestion.source_run import RunTimes, SourceRun
from runtime.lake.ingestion.source_state import GENERATIONS

SOURCE = Source("posts", "posts", "https://api.example/posts", Path(("id",)), document=Kept.WHOLE, conditional=True)
EVENT = datetime(2026, 3, 8, 23, 55, tzinfo=UTC)
RED, BLUE = (json.dumps([{"id": 7, "title": title}]).encode() for title in ("red", "blue"))
DOWN = WebError("connection-refused", may_pass=False)


def event(number: int) -> datetime:
    return EVENT + timedelta(minutes=5 * number)


def nothing(_: object) -> None:
    """What a store does in a test that has no more wishes."""


@dataclass
class World:
    raw: MemoryRaw = field(default_factory=MemoryRaw)
    states: MemoryStates = field(default_factory=MemoryStates)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    now: float = EVENT.timestamp()
    requests: list[WebRequest] = field(default_factory=list[WebRequest])

    def run(self, number: int, *script: Step, source: Source = SOURCE) -> SourceReport:
        """Run a source for the n-th event of the schedule."""
        web = ScriptedWeb(list(script), self.requests)
        fetcher = Fetcher(web, lambda: self.now, self.wait)
        times = RunTimes(self.now + 40, self.now + 60)
        return SourceRun(fetcher, self.secrets, self.raw, self.states, lambda: self.now).run(
            source, event(number), times
        )

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def outcomes(self, *runs: tuple[int, Step]) -> list[RunOutcome]:
        return [self.run(number, step).outcome for number, step in runs]


@pytest.fixture
def world() -> World:
    return World()


def test_a_source_that_goes_back_is_published_three_times_and_red_is_the_newest(world: World) -> None:
    assert world.outcomes((0, RED), (1, BLUE), (2, RED)) == [RunOutcome.PUBLISHED] * 3
    assert world.raw.contents == [RED, BLUE, RED]
    assert world.raw.current() == RED
    assert len({key.text for key, _, _ in world.raw.puts}) == 3


def test_what_the_last_fetch_brought_is_not_published_again(world: World) -> None:
    assert world.outcomes((0, RED), (1, RED), (2, RED)) == [
        RunOutcome.PUBLISHED,
        RunOutcome.UNCHANGED,
        RunOutcome.UNCHANGED,
    ]
    assert world.states.get("posts").last_success == event(2)


def test_a_source_that_says_itself_that_nothing_is_new_is_believed(world: World) -> None:
    world.run(0, WebAnswer(200, {"etag": '"1"'}, RED, SOURCE.url))
    assert world.run(1, WebAnswer(304, {}, b"", SOURCE.url)).outcome is RunOutcome.UNCHANGED
    assert world.run(2, WebAnswer(304, {}, b"", SOURCE.url)).outcome is RunOutcome.UNCHANGED
    assert [dict(request.headers).get("If-None-Match") for request in world.requests] == [None, '"1"', '"1"']


def test_an_empty_answer_is_told_apart_and_puts_nothing(world: World) -> None:
    assert world.outcomes((0, RED), (1, b"[]"), (2, b"[]"), (3, RED)) == [
        RunOutcome.PUBLISHED,
        RunOutcome.EMPTY,
        RunOutcome.UNCHANGED,
        RunOutcome.PUBLISHED,
    ]
    assert world.raw.contents == [RED, RED]


@pytest.mark.requirement("LAKE-INGEST-04", "LAKE-QUEUE-02")
def test_the_metadata_is_that_of_the_document(world: World) -> None:
    world.run(0, RED)
    ((key, metadata, _),) = world.raw.puts
    assert key.text.startswith("raw/source=posts/date=2026-03-08/20260308T235500Z-")
    assert metadata.written() == {
        "source": "posts",
        "type": "posts",
        "captured-at": "2026-03-08T23:55:00Z",
        "generation": "1",
        "hash": key.content_sha256,
        "record-count": "1",
    }


def test_an_event_that_comes_twice_is_done_once(world: World) -> None:
    assert world.outcomes((0, RED), (0, BLUE)) == [RunOutcome.PUBLISHED, RunOutcome.DONE]
    assert (world.raw.contents, len(world.requests)) == ([RED], 1)


def test_a_failed_event_is_run_again_and_an_older_one_is_not(world: World) -> None:
    assert world.outcomes((1, DOWN), (0, RED), (1, RED)) == [
        RunOutcome.FAILED,
        RunOutcome.SUPERSEDED,
        RunOutcome.PUBLISHED,
    ]


def test_one_run_at_a_time_asks_a_source(world: World) -> None:
    inner: list[RunOutcome] = []

    def while_another_runs(request: WebRequest) -> WebAnswer:
        inner.append(world.run(1, BLUE).outcome)
        return WebAnswer(200, {}, RED, request.url)

    assert world.run(0, while_another_runs).outcome is RunOutcome.PUBLISHED
    assert (inner, world.raw.contents) == ([RunOutcome.BUSY], [RED])


def test_of_two_that_take_the_lease_at_once_one_has_it(world: World) -> None:
    inner: list[RunOutcome] = []

    def taken_by_another(_: object) -> None:
        world.states.before = nothing
        inner.append(world.run(0, RED).outcome)

    world.states.before = taken_by_another
    assert world.run(0, BLUE).outcome is RunOutcome.BUSY
    assert (inner, world.raw.contents) == ([RunOutcome.PUBLISHED], [RED])


def test_a_slow_run_never_publishes_older_over_newer(world: World) -> None:
    def overtaken(request: WebRequest) -> WebAnswer:
        world.now += 61
        assert world.run(1, BLUE).outcome is RunOutcome.PUBLISHED
        return WebAnswer(200, {}, RED, request.url)

    assert world.run(0, overtaken).outcome is RunOutcome.FENCED
    assert world.raw.contents == [BLUE, RED]
    assert world.raw.current() == BLUE
    assert world.run(2, BLUE).outcome is RunOutcome.UNCHANGED


@pytest.mark.parametrize("died", ["before", "after"])
def test_a_retry_that_fetches_other_content_is_newer_whenever_the_first_died(world: World, died: str) -> None:
    world.run(0, RED)

    def die(_: int) -> None:
        raise Died

    setattr(world.raw, died, die)
    with pytest.raises(Died):
        world.run(1, BLUE)
    setattr(world.raw, died, nothing)
    world.now += 61
    # What was remembered is red, and blue may be in the raw layer: red is published all the same.
    assert world.run(1, RED).outcome is RunOutcome.PUBLISHED
    assert world.raw.current() == RED


def test_a_retry_that_fetches_the_same_content_has_the_same_key(world: World) -> None:
    def die(_: int) -> None:
        raise Died

    world.raw.after = die
    with pytest.raises(Died):
        world.run(0, RED)
    world.raw.after = nothing
    world.now += 61
    world.run(0, RED)
    assert len({key.text for key, _, _ in world.raw.puts}) == 1
    first, second = (metadata.order for _, metadata, _ in world.raw.puts)
    assert first < second


def test_whoever_dies_before_the_state_is_written_is_followed_by_one_who_publishes(world: World) -> None:
    writes = itertools.count()

    def die_at_release(_: object) -> None:
        if next(writes) == 1:
            raise Died

    world.states.before = die_at_release
    with pytest.raises(Died):
        world.run(0, RED)
    assert world.run(0, RED).outcome is RunOutcome.BUSY
    world.now += 61
    assert world.run(1, RED).outcome is RunOutcome.PUBLISHED


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", [0, 1])
def test_a_state_that_may_be_written_or_not_costs_a_publication_at_most(world: World, when: str, write: int) -> None:
    writes = itertools.count()

    def fail(_: object) -> None:
        if next(writes) == write:
            raise Unavailable("the answer is lost")

    setattr(world.states, when, fail)
    report = world.run(0, RED)
    assert (report.outcome, report.reason, report.ours) == (RunOutcome.FAILED, "state-unavailable", True)
    world.now += 61
    assert world.run(1, BLUE).outcome is RunOutcome.PUBLISHED
    assert world.run(2, BLUE).outcome is RunOutcome.UNCHANGED
    assert world.raw.current() == BLUE


def test_a_put_that_may_have_taken_effect_is_not_taken_for_none(world: World) -> None:
    world.run(0, RED)

    def fail(_: int) -> None:
        raise Unavailable("the answer is lost")

    world.raw.after = fail
    report = world.run(1, BLUE)
    assert (report.reason, report.ours, report.failures) == ("raw-unavailable", True, 1)
    world.raw.after = nothing
    assert world.run(1, RED).outcome is RunOutcome.PUBLISHED
    assert world.raw.current() == RED


def test_a_source_that_is_away_is_remembered_as_it_was(world: World) -> None:
    assert world.outcomes((0, RED), (1, DOWN), (2, RED)) == [
        RunOutcome.PUBLISHED,
        RunOutcome.FAILED,
        RunOutcome.UNCHANGED,
    ]


def test_an_event_that_is_late_is_superseded_by_a_later_one_that_died(world: World) -> None:
    def die(_: int) -> None:
        raise Died

    world.run(0, RED)
    world.raw.after = die
    with pytest.raises(Died):
        world.run(2, BLUE)
    world.raw.after = nothing
    world.now += 61
    assert world.run(1, RED).outcome is RunOutcome.SUPERSEDED
    assert world.run(2, RED).outcome is RunOutcome.PUBLISHED
    assert world.raw.current() == RED


def test_failures_in_a_row_are_counted_and_end_with_a_success(world: World) -> None:
    failures = [world.run(number, DOWN).failures for number in range(3)]
    assert failures == [1, 2, 3]
    state = world.states.get("posts")
    assert (state.failures, state.last_reason, state.last_success) == (3, "connection-refused", None)
    world.run(3, RED)
    state = world.states.get("posts")
    assert (state.failures, state.last_reason, state.last_success) == (0, "", event(3))


PAGED = replace(SOURCE, conditional=False, pages=Pages(PageKind.PAGE, "page"))


def test_each_page_is_an_object_and_the_later_one_is_newer(world: World) -> None:
    report = world.run(0, RED, BLUE, b"[]", source=PAGED)
    assert (report.outcome, report.records, report.objects) == (RunOutcome.PUBLISHED, 2, 2)
    orders = [metadata.order.generation for _, metadata, _ in world.raw.puts]
    assert orders == [1, 2]
    world.run(1, BLUE, RED, b"[]", source=PAGED)
    orders = [metadata.order.generation for _, metadata, _ in world.raw.puts]
    assert orders == [1, 2, GENERATIONS + 1, GENERATIONS + 2]


def test_an_incomplete_fetch_keeps_its_pages_and_counts_as_a_failure(world: World) -> None:
    report = world.run(0, RED, BLUE, BLUE, source=PAGED)
    keys = tuple(key.text for key, _, _ in world.raw.puts)
    assert report == SourceReport("posts", RunOutcome.INCOMPLETE, "page-repeated", 2, 2, keys, failures=1)
    assert world.raw.contents == [RED, BLUE]
    # The next fetch is compared with nothing, as it is not known what curation was last given.
    assert world.run(1, RED, BLUE, b"[]", source=PAGED).outcome is RunOutcome.PUBLISHED


def test_a_changed_declaration_publishes_what_did_not_change(world: World) -> None:
    world.run(0, WebAnswer(200, {"etag": '"1"'}, RED, SOURCE.url))
    changed = replace(SOURCE, document=Kept.FIELDS)
    assert world.run(1, RED, source=changed).outcome is RunOutcome.PUBLISHED
    assert "If-None-Match" not in dict(world.requests[-1].headers)


def test_secrets_are_sent_and_their_absence_is_named(world: World) -> None:
    secret = replace(SOURCE, headers=(SecretHeader("Authorization", "token"),))
    assert world.run(0, RED, source=secret).reason == "secret-missing"
    world.secrets.values = None
    report = world.run(0, RED, source=secret)
    assert (report.reason, report.ours) == ("secret-unavailable", True)
    world.secrets.values = {"token": "Bearer t"}
    assert world.run(0, RED, source=secret).outcome is RunOutcome.PUBLISHED
    assert world.requests[-1].secret_headers == (("Authorization", "Bearer t"),)
    assert "Bearer" not in repr(world.requests)


@pytest.mark.parametrize("seed", range(30))
def test_whatever_dies_or_fails_the_newest_is_what_a_settled_run_last_fetched(seed: int) -> None:
    chance, world = random.Random(seed), World()  # noqa: S311 - schedules of a test

    def stumble(_: object) -> None:
        fate = chance.random()
        if fate < 0.15:
            raise Unavailable("away")
        if fate < 0.3:
            raise Died

    world.raw.before = world.raw.after = stumble
    world.states.before = world.states.after = stumble
    number = latest = 0
    for _ in range(12):
        number += chance.choice([1, 1, 0, -1, 2])
        latest = max(latest, number)
        world.now += chance.choice([1, 61])
        try:
            world.run(number, chance.choice([RED, BLUE, DOWN]))
        except Died:
            continue
    world.raw.before = world.raw.after = nothing
    world.states.before = world.states.after = nothing
    world.now += 61
    last = chance.choice([RED, BLUE])
    assert world.run(latest + 1, last).outcome in {RunOutcome.PUBLISHED, RunOutcome.UNCHANGED}
    assert world.raw.current() == last
    orders = [metadata.order for _, metadata, _ in world.raw.puts]
    assert len(set(orders)) == len(orders)
