from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from harness.stub_lake_api import Refusal, StubLakeApi, StubRecord, post

if TYPE_CHECKING:
    from harness.browser import OpenTab, Visit


def ids(tab: Visit) -> list[str]:
    """Return the ids that the list shows, when it shows any."""
    tab.page.locator("tbody tr").first.wait_for()
    return tab.page.locator("tbody tr a").all_inner_texts()


def shows(tab: Visit, *expected: str) -> None:
    """Wait until the list shows these ids first."""
    links = tab.page.locator("tbody tr a")
    tab.wait_for(lambda: tuple(links.all_inner_texts()[: len(expected)]) == expected, f"a list that begins {expected}")


def press(tab: Visit, button: str) -> None:
    tab.page.get_by_role("navigation", name="Pages of records").get_by_role("button", name=button).click()


def is_off(tab: Visit, button: str) -> bool:
    found = tab.page.get_by_role("navigation", name="Pages of records").get_by_role("button", name=button)
    return found.get_attribute("aria-disabled") == "true"


@pytest.mark.usefixtures("lake")
def test_the_list_has_what_a_reader_looks_for_in_a_record(open_tab: OpenTab) -> None:
    tab = open_tab("records/", time_zone="Asia/Kolkata")
    shows(tab, "posts-30", "posts-29")

    cells = tab.page.locator("tbody tr").first.locator("td").all_inner_texts()
    assert cells == ["posts-30\n\nPost number 30 · Its body. Of two lines.", "posts", "12 Mar 2026, 05:28:00 GMT+5:30"]
    assert tab.page.get_by_role(
        "table", name="Records, newest first. Times are those of Asia/Calcutta."
    ).is_visible() or (
        tab.page.get_by_role("table", name="Records, newest first. Times are those of Asia/Kolkata.").is_visible()
    )
    assert tab.page.title() == "Records · Baler lake"


@pytest.mark.requirement("LAKE-WEB-02")
@pytest.mark.usefixtures("lake")
def test_pages_are_left_entered_reloaded_and_gone_back_through(open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    shows(tab, "posts-30")
    assert is_off(tab, "Previous")
    press(tab, "Next")
    shows(tab, "people-5")
    press(tab, "Next")
    shows(tab, "posts-5")
    assert is_off(tab, "Next")
    assert "Page 3" in tab.text

    tab.page.reload()
    shows(tab, "posts-5")
    press(tab, "Previous")
    shows(tab, "people-5")
    tab.page.go_back()
    shows(tab, "posts-5")
    tab.page.go_back()
    shows(tab, "people-5")
    tab.page.go_forward()
    shows(tab, "posts-5")
    # The list's own link leads to its beginning from everywhere.
    tab.page.get_by_role("link", name="Records", exact=True).click()
    shows(tab, "posts-30")
    assert tab.path == "/records/"


@pytest.mark.usefixtures("lake")
def test_a_page_by_its_address_is_the_same_for_anybody(open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    shows(tab, "posts-30")
    press(tab, "Next")
    shows(tab, "people-5")

    other = open_tab(tab.path)
    shows(other, "people-5")
    press(other, "Previous")
    shows(other, "posts-30")


def test_no_server_is_told_the_keys_of_pages_but_the_api(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/?source=posts")
    shows(tab, "posts-30")
    press(tab, "Next")
    shows(tab, "posts-10")
    tab.page.reload()
    shows(tab, "posts-10")

    pages = [urlsplit(each) for each in tab.requests if "/api/" not in each]
    assert not [page for page in pages if "v1" in page.query]
    assert [each for each in lake.requests if each.startswith("/records")] == [
        "/records?limit=20&source=posts",
        *["/records?limit=20&source=posts&lastKey=v1%2Bposts%7C20%3D"] * 2,
    ]


@pytest.mark.requirement("LAKE-WEB-02")
@pytest.mark.usefixtures("lake")
def test_a_source_and_a_size_are_chosen_and_stay_in_the_address(open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    press(tab, "Next")
    shows(tab, "people-5")
    tab.page.get_by_label("Source").select_option("people")
    shows(tab, "people-15")
    assert tab.path == "/records/?source=people"
    assert len(ids(tab)) == 15
    tab.page.get_by_label("Records on a page").select_option("50")
    shows(tab, "people-15")
    assert tab.path == "/records/?source=people&size=50"

    tab.page.reload()
    shows(tab, "people-15")
    assert tab.page.get_by_label("Source").input_value() == "people"
    assert tab.page.get_by_label("Records on a page").input_value() == "50"
    tab.page.go_back()
    tab.page.go_back()
    shows(tab, "people-5")
    assert tab.page.get_by_label("Source").input_value() == ""


def test_ten_thousand_records_are_paged_through_each_once(api: StubLakeApi, open_tab: OpenTab) -> None:
    api.records = [post(number, day="2026-03-11") for number in range(10_000, 0, -1)]
    tab = open_tab("records/?size=100")
    seen = ids(tab)
    while not is_off(tab, "Next"):
        shows(tab, seen[-100])
        press(tab, "Next")
        shows(tab, f"posts-{10_000 - len(seen)}")
        seen += ids(tab)

    assert seen == [record.id for record in api.records]
    tab.page.reload()
    shows(tab, "posts-100")
    press(tab, "Previous")
    shows(tab, "posts-200")


def test_a_last_page_that_is_full_leads_nowhere(api: StubLakeApi, open_tab: OpenTab) -> None:
    api.records = [post(number, day="2026-03-11") for number in range(20, 0, -1)]
    tab = open_tab("records/")
    assert len(ids(tab)) == 20
    assert is_off(tab, "Next")
    tab.page.get_by_role("button", name="Next").focus()
    tab.page.keyboard.press("Enter")
    assert len(ids(tab)) == 20
    assert tab.path == "/records/"


def test_where_nothing_is_left_there_is_a_way_to_the_first_page(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    shows(tab, "posts-30")
    press(tab, "Next")
    shows(tab, "people-5")
    lake.records = lake.records[:20]
    tab.page.reload()
    tab.page.get_by_role("heading", name="Nothing is left on this page").wait_for()
    tab.page.get_by_role("button", name="Go to the first page").click()
    shows(tab, "posts-30")


def test_a_key_that_the_api_refuses_says_why_and_leads_to_the_first_page(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/#pages=stale", requests_fail=True)
    alert = tab.page.get_by_role("main").get_by_role("alert")
    alert.wait_for()
    assert "lastKey is of another list." in alert.inner_text()
    assert "status 400 · last-key-invalid" in alert.inner_text()
    tab.page.get_by_role("button", name="Go to the first page").click()
    shows(tab, lake.records[0].id)


@pytest.mark.parametrize(
    ("path", "said"), [("records/", "The lake is empty"), ("records/?source=nobody", "This source has no records")]
)
def test_an_empty_list_says_of_what(open_tab: OpenTab, path: str, said: str) -> None:
    tab = open_tab(path)
    tab.page.get_by_role("heading", name=said).wait_for()
    assert is_off(tab, "Next")


def test_a_source_that_only_the_address_knows_can_be_left(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/?source=%3Cb%3Enobody%3C/b%3E")
    tab.page.get_by_role("heading", name="This source has no records").wait_for()
    assert tab.page.get_by_label("Source").input_value() == "<b>nobody</b>"
    tab.page.get_by_label("Source").select_option("")
    shows(tab, lake.records[0].id)


def test_while_the_api_is_slow_and_when_it_is_down_the_list_says_so(lake: StubLakeApi, open_tab: OpenTab) -> None:
    lake.open.clear()
    tab = open_tab("records/", requests_fail=True)
    status = tab.page.get_by_role("status").first
    tab.wait_for(lambda: status.inner_text() == "Loading.", "a status that says so")
    lake.refusal = Refusal(503)
    lake.open.set()
    tab.page.get_by_role("main").get_by_role("alert").wait_for()
    lake.refusal = None
    tab.page.get_by_role("button", name="Try again").click()
    shows(tab, lake.records[0].id)
    assert status.inner_text() == "Page 1, 20 records, loaded."


def test_who_turns_pages_faster_than_the_api_sees_the_last_one(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/?source=posts")
    shows(tab, "posts-30")
    aborted: list[str] = []
    tab.page.on("requestfailed", lambda request: aborted.append(request.url))
    lake.open.clear()
    tab.page.get_by_label("Source").select_option("people")
    tab.page.get_by_label("Source").select_option("")
    tab.page.get_by_label("Source").select_option("posts")
    tab.wait_for(lambda: len(aborted) == 2, "two requests that nobody waits for any more to be aborted")
    lake.open.set()
    shows(tab, "posts-30")
    assert [url.partition("?")[2] for url in aborted] == ["limit=20&source=people", "limit=20"]


HOSTILE = (
    '<script>window.stolen = 1</script><img src=x onerror="window.stolen = 1">',
    "javascript:window.stolen=1",
    "{{constructor.constructor('window.stolen=1')()}}",
    "user\u202egnp.exe",
    "\u0000\u0007\u001b[31mred",
    "x" * 1_000_000,
    "\ud83d\ude00" * 5_000,
    "שלום עולם",
)


def test_whatever_a_source_sends_is_text(api: StubLakeApi, open_tab: OpenTab) -> None:
    api.records = [
        StubRecord(f"bad-{number}", "bad", fields=json.dumps({"title": title, title[:50]: "named"}))
        for number, title in enumerate(HOSTILE)
    ] + [StubRecord("bad-lone", "bad", fields='{"title":"\\ud800 lone"}')]
    tab = open_tab("records/")
    assert len(ids(tab)) == len(HOSTILE) + 1
    assert not tab.is_too_wide()
    assert HOSTILE[0][:60] in tab.text
    assert len(tab.text) < 20_000

    for number in range(len(HOSTILE)):
        tab.open(f"records/bad-{number}/")
        tab.page.get_by_role("heading", name="Fields").wait_for()
        assert not tab.is_too_wide(), number
        assert tab.page.evaluate("window.stolen") is None
        assert tab.page.locator("main script, main img, main a[href^='javascript:' i]").count() == 0
    assert tab.violations() == []


@pytest.mark.usefixtures("lake")
def test_the_list_is_gone_through_by_keyboard_alone(open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    shows(tab, "posts-30")
    keyboard = tab.page.keyboard
    focused = "document.activeElement.textContent"

    keyboard.press("Tab")
    assert tab.page.evaluate(focused) == "Skip to the content"
    assert tab.page.get_by_role("link", name="Skip to the content").bounding_box()
    keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "content"
    order: list[str] = []
    for _ in range(24):
        keyboard.press("Tab")
        order.append(tab.page.evaluate("document.activeElement.getAttribute('aria-label') || " + focused))
        outline = tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", order[-1]
    assert [each[:8] for each in order[2:23]] == [f"posts-{n}" for n in range(30, 20, -1)] + [
        f"people-{n}"[:8] for n in range(15, 5, -1)
    ] + ["Previous"]
    assert order[23] == "Next"

    keyboard.press("Enter")
    shows(tab, "people-5")
    # Who turns pages stays where pages are turned, and hears which one it is.
    assert tab.page.evaluate(focused) == "Next"
    assert tab.page.get_by_role("status").first.inner_text() == "Page 2, 20 records, loaded."


@pytest.mark.usefixtures("lake")
def test_back_from_a_record_that_was_loaded_again_leads_to_the_page_of_the_list(open_tab: OpenTab) -> None:
    tab = open_tab("records/")
    shows(tab, "posts-30")
    press(tab, "Next")
    shows(tab, "people-5")
    second = tab.path
    tab.page.locator('main a[href*="people-5"]').first.click()
    tab.wait_for(lambda: "Raw JSON" in tab.text, "the record")
    tab.page.reload()
    tab.wait_for(lambda: "Raw JSON" in tab.text, "the record again")
    tab.page.go_back()
    shows(tab, "people-5")
    assert tab.path == second
    assert "Page 2" in tab.text
