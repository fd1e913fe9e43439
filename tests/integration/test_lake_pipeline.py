"""The deployed lake: schedule, two sources that change and fail, raw layer, curation, counters, API, dashboard."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.browser import running_browser, visit
from harness.lake_pipeline import LakePipeline
from harness.pipeline import wait_until

from baler.lake.aws.version_items import sightings_of
from baler.lake.versions import versions_of
from components.lake.site.build import read_build
from sandbox.deployed import lake_of
from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.wire import Wire
from sandbox.site.running_site import running_site
from sandbox.sources.faults import FaultKind
from sandbox.sources.running import PEOPLE, POSTS, running_sources
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack


# The clock fires the rule once a day, so that no test has a fetch more than it asked for.
SETTINGS: dict[str, Any] = {"baler:lakeKeepVersions": True, "baler:lakeScheduleMinutes": 1440}


@pytest.fixture(scope="module")
def deployed(localstack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakePipeline]:
    with running_sources(tmp_path_factory.mktemp("sources"), seed=4) as sources:
        stack = deploy_local_stack(
            localstack.endpoint,
            pipelines=("lake",),
            name=f"test-{token_hex(3)}",
            overrides={**sources.settings, **SETTINGS},
        )
        lake = LakePipeline(lake_of(stack), sources)
        lake.fetch()
        yield lake


@pytest.fixture
def lake(deployed: LakePipeline) -> Iterator[LakePipeline]:
    """The shared deployment, of which all that there is must be right when a test is over."""
    deployed.sources.recover()
    yield deployed
    deployed.sources.fall_silent()
    deployed.wait_until_counted()
    deployed.wait_until_idle()
    proof = deployed.proof()
    assert proof.exact, proof


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def site(deployed: LakePipeline) -> Iterator[str]:
    aws = Endpoint(deployed.deployed.endpoint, deployed.deployed.region)
    headers = read_build().headers
    bucket, api_url = deployed.deployed.site_bucket, deployed.deployed.api_url
    with running_site(aws, bucket=bucket, api_url=api_url, headers=headers) as url:
        yield url


def count_of(lake: LakePipeline, source: str) -> int:
    return len(lake.raw(source))


def counts_of(lake: LakePipeline) -> dict[str, Any]:
    """What /analytics counts, without the days that have nothing: at midnight there is one more."""
    said = lake.api.analytics()
    days = {day: count for day, count in said["by_date"].items() if count}
    return {"by_date": days, **{name: said[name] for name in ("total", "by_source", "first_date", "last_date")}}


@pytest.mark.requirement("LAKE-FLOW-01", "LAKE-INGEST-01")
def test_what_two_sources_have_is_there_once_each_and_a_fetch_that_finds_nothing_new_puts_nothing(
    lake: LakePipeline,
) -> None:
    posts, people = count_of(lake, POSTS), count_of(lake, PEOPLE)
    runs = lake.fetch()
    assert (runs[POSTS].well, runs[PEOPLE].well) == (True, True)
    assert (count_of(lake, POSTS), count_of(lake, PEOPLE)) == (posts, people + 1)


@pytest.mark.requirement("LAKE-INGEST-02")
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FaultKind.HTML, "not-json"),
        (FaultKind.ERROR, "no-records"),
        (FaultKind.EMPTY, "empty-body"),
        (FaultKind.CUT_JSON, "not-json"),
        (FaultKind.CHANGED_SHAPE, "no-records"),
        (FaultKind.SERVER_ERROR, "http-500"),
        (FaultKind.HALF_BODY, "not-http-or-cut"),
    ],
)
def test_a_source_that_gives_no_answer_fails_by_name_and_stops_no_other(
    lake: LakePipeline, kind: FaultKind, reason: str
) -> None:
    people = count_of(lake, PEOPLE)
    lake.people.fail(kind)
    lake.sources.posts.add(f"beside {kind}")
    runs = lake.fetch()
    assert (runs[PEOPLE].well, runs[PEOPLE].reason, runs[PEOPLE].failures >= 1) == (False, reason, True)
    assert (runs[POSTS].well, runs[POSTS].failures) == (True, 0)
    assert count_of(lake, PEOPLE) == people
    lake.people.recover()
    runs = lake.fetch()
    assert (runs[PEOPLE].well, runs[PEOPLE].failures, runs[PEOPLE].reason) == (True, 0, "")
    assert count_of(lake, PEOPLE) == people + 1


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        (FaultKind.TOO_MANY_SECONDS, 1),
        (FaultKind.TOO_MANY_DATE, 1),
        (FaultKind.SERVER_ERROR, 1),
        (FaultKind.HALF_BODY, 1),
        (FaultKind.SLOW, 1),
        (FaultKind.DUPLICATES, 1),
    ],
)
def test_what_passes_within_a_run_is_no_failure(lake: LakePipeline, kind: FaultKind, times: int) -> None:
    people = count_of(lake, PEOPLE)
    lake.people.fail(kind, times)
    runs = lake.fetch()
    assert (runs[PEOPLE].well, runs[PEOPLE].failures) == (True, 0)
    assert count_of(lake, PEOPLE) == people + 1


@pytest.mark.requirement("LAKE-CURATE-03")
def test_a_source_that_goes_back_is_followed_and_its_versions_are_kept_in_order(lake: LakePipeline) -> None:
    before = count_of(lake, POSTS)
    for title in ("red", "blue", "red"):
        lake.sources.posts.set_title(7, title)
        lake.fetch()
        wait_until("the title", lambda: title_of(lake, 7), lambda seen, title=title: seen == title)
    assert count_of(lake, POSTS) == before + 3
    assert lake.announce_again() >= before + 3
    lake.wait_until_idle()
    assert title_of(lake, 7) == "red"
    versions = versions_of(sightings_of(lake.aws.dynamodb, lake.deployed.versions_table, "jsonplaceholder-7"))
    bodies = {each.key: each.body for each in lake.raw(POSTS)}
    titles = [json.loads(bodies[version.raw_s3_key])[6]["title"] for version in versions]
    assert titles[-3:] == ["red", "blue", "red"]


def test_an_event_that_comes_twice_at_once_is_one_fetch(lake: LakePipeline) -> None:
    at = lake.schedule.next_time()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lake.schedule.fire, [at, at]))

    def over() -> bool:
        runs = lake.schedule.runs()
        return all(runs[name].over and runs[name].last_event >= at for name in (POSTS, PEOPLE))

    wait_until("both runs", over, bool)
    lake.wait_until_counted()
    # A second one is refused or finds it done, both of which are over before its function is.
    time_of_events = [each.captured_at for each in lake.raw(PEOPLE)]
    assert time_of_events.count(at) == 1


def test_messages_that_come_twice_late_and_in_any_order_change_nothing(lake: LakePipeline) -> None:
    before, counted = lake.records(), counts_of(lake)
    lake.announce_again()
    lake.announce_again()
    lake.wait_until_idle()
    assert (lake.records(), counts_of(lake)) == (before, counted)


@pytest.mark.requirement("LAKE-QUEUE-02")
def test_what_nobody_can_curate_is_a_dead_letter_with_its_reason(lake: LakePipeline) -> None:
    foreign = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-11-26T10:00:00.000Z",
        "s3": {"bucket": {"name": lake.deployed.raw_bucket}, "object": {"key": "raw/elsewhere.json"}},
    }
    lake.announce("no json", json.dumps({"Records": [foreign]}), '{"Service":"Amazon S3","Event":"s3:TestEvent"}')
    letters: list[dict[str, Any]] = []

    def dead() -> int:
        letters.extend(lake.dead_letters())
        return len(letters)

    wait_until("two dead letters", dead, lambda count: count >= 2)
    assert all(letter["MessageAttributes"]["reason"]["StringValue"] for letter in letters)
    assert len(letters) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"transactions": 2, "reasons": ["TransactionConflict"]},
        {"transactions": 2, "reasons": ["None", "ThrottlingError"]},
        {"transactions": 1, "reasons": ["ConditionalCheckFailed"]},
    ],
    ids=["conflict", "throttled", "condition"],
)
def test_a_transaction_that_fails_loses_and_doubles_nothing(lake: LakePipeline, fault: dict[str, Any]) -> None:
    total = lake.api.analytics()["total"]
    lake.transactions_fail(**fault)
    lake.fetch()
    assert lake.api.analytics()["total"] == total + 10


def test_a_transaction_whose_answer_is_lost_doubles_nothing(lake: LakePipeline) -> None:
    wire = Wire(lake.deployed.endpoint)
    total = lake.api.analytics()["total"]
    operation = {"operation": "TransactWriteItems", "about": lake.deployed.records_table}
    wire.put({"faults": [{"kind": "reset", "when": "after", **operation, "count": 1}]})
    try:
        lake.fetch()
        assert wire.counts().faults == {"dynamodb": {"reset": 1}}
    finally:
        wire.clear()
    assert lake.api.analytics()["total"] == total + 10


@pytest.mark.parametrize("action", ["dynamodb:PutItem", "s3:GetObjectVersion"])
def test_an_outage_of_a_store_of_curation_loses_nothing(
    lake: LakePipeline, action: str, refusals: Callable[[], list[Refusal]]
) -> None:
    total = lake.api.analytics()["total"]
    with lake.without_right(lake.deployed.curation_function, action):
        lake.schedule.fire_and_wait([POSTS, PEOPLE])
        wait_until("a refusal", refusals, bool)
        assert lake.api.analytics()["total"] == total
    lake.wait_until_counted()
    lake.wait_until_idle()
    refusals()
    assert lake.api.analytics()["total"] > total


def test_an_outage_of_a_store_of_ingestion_is_made_good_by_the_next_event(
    lake: LakePipeline, refusals: Callable[[], list[Refusal]]
) -> None:
    lake.sources.posts.add("put after an outage")
    lake.people.fail(FaultKind.ERROR)  # whoever was sent meanwhile would never come again
    with lake.without_right(lake.deployed.ingestion_function, "s3:PutObject"):
        lake.schedule.fire()
        wait_until("a refusal", refusals, bool)
        wait_until("the run's end", lambda: lake.schedule.runs()[POSTS].over, bool)
    lake.people.recover()
    runs = lake.fetch()
    refusals()
    assert runs[POSTS].well


@pytest.mark.requirement("LAKE-OBS-01")
def test_the_logs_tell_metrics_and_nothing_of_a_record(lake: LakePipeline) -> None:
    lake.fetch()
    secret = json.loads(lake.people.sent[-1].body)["results"][0]
    told = (secret["login"]["uuid"], secret["email"], secret["login"]["password"], lake.sources.posts.title(3))
    groups = (lake.deployed.ingestion_log_group, lake.deployed.curation_log_group, lake.deployed.api_log_group)
    for group in groups:
        # A log is written after its invocation has ended, when what it did may have been seen already.
        lines = wait_until(f"metrics in {group}", lambda group=group: lake.logged(group, '"_aws"'), bool)
        metrics: list[Any] = [json.loads(line) for line in lines]
        assert {each["_aws"]["CloudWatchMetrics"][0]["Namespace"] for each in metrics} == {"Baler/Lake"}
        assert [text for text in told if lake.logged(group, text)] == []


@pytest.mark.requirement("LAKE-FLOW-01", "LAKE-WEB-01")
def test_the_dashboard_shows_what_was_ingested_and_a_record_that_is_added_one_fetch_later(
    lake: LakePipeline, site: str, browser: Browser
) -> None:
    title = f"a post for the page {token_hex(3)}"
    with visit(browser, site) as tab:
        tab.open("/")
        total = lake.api.analytics()["total"]
        tab.wait_for(lambda: f"{total:,}" in tab.text, f"{total} records")
        tab.open("/records/?source=jsonplaceholder")
        tab.wait_for(lambda: "jsonplaceholder" in tab.text, "records")
        assert title not in tab.text
        number = lake.sources.posts.add(title)
        lake.fetch()
        tab.open("/")
        now = lake.api.analytics()["total"]
        assert now > total
        tab.wait_for(lambda: f"{now:,}" in tab.text, f"{now} records")
        tab.assert_clean()
    with visit(browser, site) as tab:
        tab.open(f"/records/jsonplaceholder-{number}/")
        tab.wait_for(lambda: title in tab.text, "the record's page")
        assert "A post that was added." in tab.text
        tab.assert_clean()


def title_of(lake: LakePipeline, number: int) -> str:
    record = lake.api.record(f"jsonplaceholder-{number}")
    return record["title"] if record else ""
