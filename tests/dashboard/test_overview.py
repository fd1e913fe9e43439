from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.stub_lake_api import Refusal, StubLakeApi, post

if TYPE_CHECKING:
    from harness.browser import OpenTab, Visit

ZONES = ("UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kolkata")
HALF_A_MINUTE = 30_000


def loaded(tab: Visit) -> None:
    tab.page.get_by_role("heading", name="Records by source").wait_for()
    tab.page.locator(".recharts-responsive-container").nth(1).wait_for()


def table_of(tab: Visit, title: str) -> list[list[str]]:
    """Open a chart's table and return its rows."""
    figure = tab.page.get_by_role("figure").filter(has_text=title)
    figure.get_by_text("Show as a table").click()
    rows = figure.get_by_role("table", name=title).get_by_role("row")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


@pytest.mark.requirement("LAKE-WEB-01")
def test_cards_charts_and_their_tables_say_what_the_api_counts(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab()
    loaded(tab)

    cards = [card.locator("dt, dd").all_inner_texts() for card in tab.page.locator("main dl > div").all()]
    assert cards == [
        ["Records", "45", "35 new in 7 days"],
        ["Sources", "2", "that send records"],
        ["First day", "27 Feb 2026", "UTC"],
        ["Last day", "11 Mar 2026", "UTC"],
    ]
    assert tab.page.get_by_role("img", name="Bar chart: posts 30, people 15.").is_visible()
    assert table_of(tab, "Records by source") == [
        ["Source", "Records", "Share"],
        ["posts", "30", "66.7%"],
        ["people", "15", "33.3%"],
    ]
    assert tab.page.locator(".recharts-bar-rectangle").count() == 2
    assert len(lake.requests) == 1
    assert tab.page.title() == "Overview · Baler lake"


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize("zone", ZONES)
def test_the_timeline_has_the_seven_days_of_the_api_in_every_zone(open_tab: OpenTab, zone: str) -> None:
    tab = open_tab(time_zone=zone)
    loaded(tab)

    rows = table_of(tab, "New records by day")
    assert rows == [
        ["Day (UTC)", "New records"],
        ["Thu 5 Mar", "0"],
        ["Fri 6 Mar", "0"],
        ["Sat 7 Mar", "0"],
        ["Sun 8 Mar", "20"],
        ["Mon 9 Mar", "0"],
        ["Tue 10 Mar", "5"],
        ["Wed 11 Mar", "10"],
    ]
    figure = tab.page.get_by_role("figure").filter(has_text="New records by day")
    ticks = [tick.locator("> tspan").all_text_contents() for tick in figure.locator("text[data-day]").all()]
    assert [" ".join(lines) for lines in ticks] == [row[0] for row in rows[1:]]
    assert figure.locator("svg").get_by_text("Day (UTC)").is_visible()
    assert "27 Feb 2026" in tab.text


@pytest.mark.usefixtures("lake")
def test_a_pointer_on_a_day_shows_its_sources(open_tab: OpenTab) -> None:
    tab = open_tab()
    loaded(tab)
    shown = tab.page.get_by_text("Sun 8 Mar UTC")

    # A pointer that does not move says nothing to a chart that was not there when it came.
    for dot in (5, 3):
        tab.page.locator(".recharts-area-dot").nth(dot).hover()
    shown.wait_for()
    card = shown.locator("..").inner_text()
    assert card.split() == ["Sun", "8", "Mar", "UTC", "All", "sources", "20", "people", "10", "posts", "10"]


def test_an_empty_lake_says_so_and_still_has_its_days(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.get_by_role("heading", name="The lake is empty").wait_for()

    assert "none yet" in tab.text
    assert len(table_of(tab, "New records by day")) == 8


def test_while_the_api_is_slow_the_page_says_that_it_loads(lake: StubLakeApi, open_tab: OpenTab) -> None:
    lake.open.clear()
    tab = open_tab()
    status = tab.page.get_by_role("status").first
    tab.wait_for(lambda: status.inner_text() == "Loading.", "a status that says so")
    assert tab.page.locator(".bone").first.is_visible()

    lake.open.set()
    loaded(tab)
    assert status.inner_text() == "45 records, loaded."


@pytest.mark.requirement("LAKE-WEB-04")
@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal(503), ["The API failed", "Something is wrong with the stub.", "status 503 · stub-fault"]),
        (Refusal(429, '{"message":"Too Many Requests"}'), ["The API refused the request", "Too Many Requests", "429"]),
        (Refusal(502, "<html>gateway</html>", "text/html"), ["The API failed", "answered with status 502"]),
        (Refusal(200, "<html>a page of a proxy</html>", "text/html"), ["The API failed", "could not be read"]),
        (Refusal(200, '{"total":"many"}'), ["The API failed", "total is no number"]),
        (Refusal(200, '{"total":1'), ["The API failed", "could not be read"]),
        (Refusal(401, '{"message":"Unauthorized"}'), ["The API refused the request", "Unauthorized", "401"]),
    ],
    ids=lambda value: f"{value.status} {value.body[:12]}" if isinstance(value, Refusal) else "",
)
def test_a_failure_is_said_and_may_be_tried_again(
    lake: StubLakeApi, open_tab: OpenTab, refusal: Refusal, said: list[str]
) -> None:
    lake.refusal = refusal
    tab = open_tab(requests_fail=True)
    alert = tab.page.get_by_role("main").get_by_role("alert")
    alert.wait_for()
    for words in said:
        assert words in alert.inner_text()

    lake.refusal = None
    tab.page.get_by_role("button", name="Try again").click()
    loaded(tab)


@pytest.mark.usefixtures("lake")
def test_a_network_that_is_down_is_said_and_may_be_tried_again(open_tab: OpenTab) -> None:
    tab = open_tab(requests_fail=True)
    tab.page.route("**/api/**", lambda route: route.abort("connectionrefused"))
    tab.open()
    tab.page.get_by_text("The API can't be reached").wait_for()

    tab.page.unroute("**/api/**")
    tab.page.get_by_role("button", name="Try again").click()
    loaded(tab)


def test_an_api_that_never_answers_is_given_up(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    lake.open.clear()
    # The time-out is by the browser's own clock, which no test can turn forward.
    tab.page.add_init_script("const { timeout } = AbortSignal; AbortSignal.timeout = (span) => timeout(span / 100);")
    tab.open()
    tab.page.get_by_text("The API takes too long").wait_for()
    assert "within 30 seconds" in tab.text


def test_what_is_new_is_on_the_page_half_a_minute_later(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab(stopped_clock=True)
    loaded(tab)
    lake.records.insert(0, post(31, day="2026-03-11"))
    tab.page.clock.run_for(HALF_A_MINUTE)

    tab.page.get_by_role("img", name="posts 31").wait_for()
    assert "36 new in 7 days" in tab.text


def test_a_look_for_news_that_fails_leaves_what_is_there_and_says_how_old_it_is(
    lake: StubLakeApi, open_tab: OpenTab
) -> None:
    tab = open_tab(requests_fail=True, stopped_clock=True)
    loaded(tab)
    lake.refusal = Refusal(503)
    tab.page.clock.run_for(HALF_A_MINUTE)

    warning = tab.page.get_by_role("main").get_by_role("alert")
    warning.wait_for()
    assert warning.inner_text().startswith("The API failed. This is as of ")
    loaded(tab)

    lake.refusal = None
    warning.get_by_role("button", name="Try again").click()
    warning.wait_for(state="detached")


def test_a_page_that_nobody_sees_asks_for_nothing(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab(stopped_clock=True)
    loaded(tab)
    asked = len(lake.requests)
    tab.page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', writable: true })")
    tab.page.clock.run_for(10 * HALF_A_MINUTE)
    assert len(lake.requests) == asked

    tab.page.evaluate("document.visibilityState = 'visible'; document.dispatchEvent(new Event('visibilitychange'))")
    tab.wait_for(lambda: len(lake.requests) > asked, "a look for news as soon as it is seen again")
