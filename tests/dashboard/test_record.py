from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.stub_lake_api import Refusal, StubLakeApi, StubRecord

if TYPE_CHECKING:
    from pathlib import Path

    from harness.browser import OpenTab, Visit

EXACT = (
    '{"id": 12345678901234567890, "price":1.10, "tiny":1e-400, "twice":1,"twice":2, "nested":[[],{"a":[null,true]}]}'
)


def fields(tab: Visit) -> dict[str, str]:
    """Return names and values of everything that the page says of the record."""
    tab.page.get_by_role("heading", name="Fields").wait_for()
    return {
        name: value
        for row in tab.page.locator("main dl > div").all()
        for name, value in [row.locator("dt, dd").all_inner_texts()]
    }


@pytest.mark.usefixtures("lake")
def test_a_record_is_reached_by_its_link_its_address_reload_and_back(open_tab: OpenTab) -> None:
    tab = open_tab("records/?source=people")
    tab.page.get_by_role("link", name="people-15").click()
    tab.page.get_by_role("heading", name="people-15", level=1).wait_for()
    assert fields(tab)["last_name"] == "Nr 15"
    assert tab.path == "/records/people-15/"
    assert tab.page.title() == "people-15 · Records · Baler lake"

    tab.page.reload()
    assert fields(tab)["last_name"] == "Nr 15"
    tab.wait_for(lambda: tab.page.title() == "people-15 · Records · Baler lake", "the record's name as the title")
    tab.page.go_back()
    tab.page.get_by_role("link", name="people-14").click()
    tab.page.get_by_role("heading", name="people-14", level=1).wait_for()
    assert fields(tab)["last_name"] == "Nr 14"
    tab.page.get_by_role("link", name="people", exact=True).click()
    tab.page.get_by_role("link", name="people-13").wait_for()
    assert tab.path == "/records/?source=people"

    other = open_tab("records/people-3/")
    assert fields(other)["last_name"] == "Nr 3"
    other.page.get_by_role("link", name="All records").click()
    other.page.get_by_role("link", name="posts-30").wait_for()
    assert other.page.title() == "Records · Baler lake"


@pytest.mark.requirement("LAKE-WEB-03")
@pytest.mark.parametrize(
    ("zone", "seen"),
    [
        ("UTC", "8 Mar 2026, 23:58:00 UTC"),
        ("America/Los_Angeles", "8 Mar 2026, 16:58:00 GMT-7"),
        ("Pacific/Kiritimati", "9 Mar 2026, 13:58:00 GMT+14"),
        ("Asia/Kolkata", "9 Mar 2026, 05:28:00 GMT+5:30"),
    ],
)
@pytest.mark.usefixtures("lake")
def test_times_are_the_readers_and_name_their_zone(open_tab: OpenTab, zone: str, seen: str) -> None:
    tab = open_tab("records/posts-15/", time_zone=zone)
    assert fields(tab) == {
        "userId": "1",
        "title": "Post number 15",
        "body": "Its body.\nOf two lines.",
        "Id": "posts-15",
        "Source": "posts",
        "Type": "things",
        "First seen": seen,
        "Last changed": seen,
        "Processed": seen,
        "Raw object": "raw/source=posts/date=2026-03-08/2026-03-08T23:58:00.000Z.json",
        "Fingerprint": "9e107d9d372bb6826bd81d3542a419d6",  # pragma: allowlist secret
    }


@pytest.mark.requirement("LAKE-WEB-03")
def test_a_document_is_shown_copied_and_saved_as_it_is(api: StubLakeApi, open_tab: OpenTab, tmp_path: Path) -> None:
    api.records = [StubRecord("a-1", "a", fields='{"n": 12345678901234567890, "price": 1.10}', document=EXACT)]
    tab = open_tab("records/a-1/", grants=["clipboard-read", "clipboard-write"])
    said = fields(tab)
    assert (said["n"], said["price"]) == ("12345678901234567890", "1.10")

    shown = tab.page.get_by_role("region", name="Raw JSON")
    assert shown.inner_text().split() == [
        "{", '"id":', "12345678901234567890,", '"price":', "1.10,", '"tiny":', "1e-400,", '"twice":', "1,", '"twice":',
        "2,", '"nested":', "[", "[],", "{", '"a":', "[", "null,", "true", "]", "}", "]", "}",
    ]  # fmt: skip

    tab.page.get_by_role("button", name="Copy").click()
    tab.page.get_by_text("Copied.").wait_for()
    assert tab.page.evaluate("navigator.clipboard.readText()") == EXACT
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "a-1.json"
    download.value.save_as(tmp_path / "saved.json")
    assert (tmp_path / "saved.json").read_text() == EXACT


def test_a_document_of_any_depth_or_size_is_shown(api: StubLakeApi, open_tab: OpenTab) -> None:
    deep = "[" * 20_000 + "]" * 20_000
    long = '{"before":1,"long":"' + "y" * 1_000_000 + '","after":2}'
    api.records = [StubRecord("deep-1", "deep", document=deep), StubRecord("long-1", "long", document=long)]
    tab = open_tab("records/deep-1/")
    shown = tab.page.get_by_role("region", name="Raw JSON")
    shown.wait_for()
    tab.page.get_by_role("button", name="Show all 39,999 lines").click()
    tab.wait_for(lambda: shown.inner_text().count("[") == 20_000, "all of it")
    assert not tab.is_too_wide()

    tab.open("records/long-1/")
    shown.wait_for()
    assert '"after"' in shown.inner_text()
    assert len(shown.inner_text()) < 10_000
    tab.page.get_by_role("button", name="Show all 5 lines").click()
    tab.wait_for(lambda: len(shown.inner_text()) > 1_000_000, "all of it")


def test_a_long_field_shows_its_beginning_and_all_of_it_on_request(api: StubLakeApi, open_tab: OpenTab) -> None:
    api.records = [StubRecord("long-1", "long", fields='{"body":"' + "z" * 1_000_000 + '"}')]
    tab = open_tab("records/long-1/")
    assert len(fields(tab)["body"]) < 2_100
    tab.page.get_by_role("button", name="Show all 1,000,000 characters").click()
    tab.wait_for(lambda: len(tab.text) > 1_000_000, "all of it")
    assert not tab.is_too_wide()
    tab.page.get_by_role("button", name="Show less").click()
    tab.wait_for(lambda: len(tab.text) < 5_000, "its beginning")


def test_a_record_without_a_document_says_where_it_is(lake: StubLakeApi, open_tab: OpenTab) -> None:
    lake.records.append(StubRecord("bare-1", "bare"))
    tab = open_tab("records/bare-1/")
    tab.page.get_by_text("The source declares no fields.").wait_for()
    assert "kept in the raw object alone" in tab.text


def test_an_id_that_nobody_has_is_said_to_be_nobodys(lake: StubLakeApi, open_tab: OpenTab) -> None:
    tab = open_tab("records/posts-99/", requests_fail=True)
    alert = tab.page.get_by_role("main").get_by_role("alert")
    alert.wait_for()
    assert "There is nothing here" in alert.inner_text()
    assert "There is no record with this id." in alert.inner_text()
    lake.records.append(StubRecord("posts-99", "posts"))
    tab.page.get_by_role("button", name="Try again").click()
    tab.page.get_by_role("heading", name="Fields").wait_for()


@pytest.mark.parametrize("path", ["records/_/", "records/x/"])
def test_an_address_that_can_be_no_records_asks_for_nothing(lake: StubLakeApi, open_tab: OpenTab, path: str) -> None:
    tab = open_tab(path)
    tab.page.get_by_text("The address names no record.").wait_for()
    assert lake.requests == []


def test_a_failure_is_said_and_may_be_tried_again(lake: StubLakeApi, open_tab: OpenTab) -> None:
    lake.refusal = Refusal(500)
    tab = open_tab("records/posts-15/", requests_fail=True)
    tab.page.get_by_role("main").get_by_role("alert").wait_for()
    assert "status 500 · stub-fault" in tab.text
    lake.refusal = None
    tab.page.get_by_role("button", name="Try again").click()
    assert fields(tab)["title"] == "Post number 15"


def test_a_request_is_aborted_when_its_page_is_left(lake: StubLakeApi, open_tab: OpenTab) -> None:
    lake.open.clear()
    tab = open_tab("records/posts-15/")
    aborted: list[str] = []
    tab.page.on("requestfailed", lambda request: aborted.append(request.url))
    tab.wait_for(lambda: any("/api/records/posts-15" in each for each in tab.requests), "a request for the record")
    tab.page.get_by_role("link", name="Overview").click()
    tab.wait_for(lambda: len(aborted) == 1, "the request to be aborted")
    lake.open.set()
    tab.page.get_by_role("heading", name="Records by source").wait_for()
