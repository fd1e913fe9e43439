from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest
from harness.browser import PHONE_PIXELS
from harness.stub_lake_api import Refusal, StubLakeApi, StubRecord

if TYPE_CHECKING:
    from harness.browser import OpenTab, Visit

# A page, and what is there when it has its content.
PAGES: Final = {
    "": "Show as a table",
    "records/": "posts-29",
    "records/?source=people": "people-14",
    "records/posts-15/": "Raw JSON",
    "records/people-15/": "kept in the raw object alone",
}
LONGEST_SOURCE: Final = "a-source-of-thirty-two-letters-x"


def settled(tab: Visit, content: str) -> None:
    tab.page.get_by_text(content).first.wait_for()
    tab.wait_for(lambda: tab.page.locator(".bone").count() == 0, "all of the page")


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(open_tab: OpenTab, path: str, colors: str) -> None:
    tab = open_tab(path, colors=colors)
    settled(tab, PAGES[path])
    for summary in tab.page.locator("summary").all():
        summary.click()
    assert tab.accessibility_faults() == []


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "records/", "records/posts-15/"])
def test_axe_finds_nothing_while_a_page_loads_and_where_it_has_nothing(
    lake: StubLakeApi, open_tab: OpenTab, path: str, colors: str
) -> None:
    lake.open.clear()
    tab = open_tab(path, colors=colors, requests_fail=True)
    tab.wait_for(lambda: tab.page.locator(".bone").count() > 0, "a page that loads")
    assert tab.accessibility_faults() == []
    lake.refusal = Refusal(503)
    lake.open.set()
    tab.page.get_by_role("main").get_by_role("alert").wait_for()
    assert tab.accessibility_faults() == []
    lake.refusal, lake.records = None, []
    tab.page.get_by_role("button", name="Try again").click()
    tab.page.get_by_role("heading", level=2).first.wait_for()
    assert tab.accessibility_faults() == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_all_of_it_without_moving_sideways(lake: StubLakeApi, open_tab: OpenTab, path: str) -> None:
    # Names as long as they may be; numbers too.
    lake.records += [
        StubRecord(f"{LONGEST_SOURCE.replace('-', '--')}-{'9' * 64}", LONGEST_SOURCE, fields='{"' + "w" * 100 + '":1}'),
    ]
    tab = open_tab(path, size=PHONE_PIXELS, time_zone="Pacific/Kiritimati")
    settled(tab, PAGES[path])
    assert not tab.is_too_wide()
    assert tab.accessibility_faults() == []
    if path == "records/":
        while tab.page.get_by_role("button", name="Next").get_attribute("aria-disabled") == "false":
            tab.page.get_by_role("button", name="Next").click()
            tab.page.locator("tbody tr").first.wait_for()
        tab.page.get_by_role("link", name=LONGEST_SOURCE.replace("-", "--")).click()
        settled(tab, "Raw JSON")
        assert not tab.is_too_wide()


def test_on_a_phone_seven_days_have_names_that_do_not_touch(lake: StubLakeApi, open_tab: OpenTab) -> None:
    lake.records = lake.records * 30
    tab = open_tab("", size=PHONE_PIXELS)
    settled(tab, "Show as a table")
    boxes = [label.bounding_box() for label in tab.page.locator("text[data-day]").all()]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
    assert len(edges) == 7
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(edges)), edges
    assert edges[-1][1] <= PHONE_PIXELS[0]


@pytest.mark.usefixtures("lake")
def test_a_reader_who_wants_larger_letters_gets_them_without_moving_sideways(open_tab: OpenTab) -> None:
    """WCAG 2.2, 1.4.10: content of 1,280 pixels at 400 % is as wide as 320."""
    tab = open_tab("", size=(320, 640))
    for path, content in PAGES.items():
        tab.open(path)
        settled(tab, content)
        assert not tab.is_too_wide(), path


@pytest.mark.usefixtures("lake")
def test_pages_are_named_and_have_one_heading(open_tab: OpenTab) -> None:
    tab = open_tab()
    names: set[str] = set()
    for path, content in PAGES.items():
        tab.open(path)
        settled(tab, content)
        assert tab.page.locator("h1").count() == 1
        assert tab.page.locator("title").count() - tab.page.locator("svg title").count() == 1
        names.add(tab.page.title())
    assert names == {
        "Overview · Baler lake",
        "Records · Baler lake",
        "posts-15 · Records · Baler lake",
        "people-15 · Records · Baler lake",
    }
    assert tab.page.locator("html").get_attribute("lang") == "en"


@pytest.mark.usefixtures("lake")
def test_nothing_of_a_reader_is_kept(open_tab: OpenTab) -> None:
    tab = open_tab("records/?source=posts")
    settled(tab, "posts-29")
    kept = "[document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    assert tab.page.evaluate(f"(async () => {kept})()") == ["", 0, 0, 0]


def test_the_browser_of_these_tests_has_its_security_on(lake: StubLakeApi, open_tab: OpenTab) -> None:
    """The content security policy refuses another host, and an inline script that the build does not know."""
    tab = open_tab("records/")
    settled(tab, "posts-29")
    asked = f"fetch('{lake.url}/analytics').then(() => 'answered', () => 'refused')"
    assert tab.page.evaluate(asked) == "refused"
    tab.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))"
    )
    assert tab.page.evaluate("window.ran") is None
    assert len(tab.violations()) == 2
    # What this test has provoked is not the page's.
    tab.console.clear()
    tab.page.evaluate("window.__violations = []")
    tab.requests = [each for each in tab.requests if not each.startswith(lake.url)]
