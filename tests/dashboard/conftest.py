"""The built dashboard in a browser, over an API that does what a test says."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from harness.browser import OpenTab, Visit, running_browser, visit
from harness.exported_site import exported_site
from harness.stub_lake_api import StubLakeApi, person, post, stub_lake_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def api() -> Iterator[StubLakeApi]:
    with stub_lake_api() as api:
        yield api


@pytest.fixture
def lake(api: StubLakeApi) -> StubLakeApi:
    """The API of a lake with two sources and records on some of the last seven days."""
    api.records = [
        *(post(number, day="2026-03-11") for number in range(30, 20, -1)),
        *(person(number, day="2026-03-10") for number in range(15, 10, -1)),
        *(person(number, day="2026-03-08") for number in range(10, 0, -1)),
        *(post(number, day="2026-03-08") for number in range(20, 10, -1)),
        # Before the window.
        *(post(number, day="2026-02-27") for number in range(10, 0, -1)),
    ]
    return api


@pytest.fixture
def site(api: StubLakeApi) -> Iterator[str]:
    with exported_site(api.url) as site:
        yield site


@pytest.fixture
def open_tab(browser: Browser, site: str) -> Iterator[OpenTab]:
    """Opens tabs. Of none of them may anything be wrong behind what is seen when the test ends."""
    with contextlib.ExitStack() as tabs:
        opened: list[tuple[Visit, bool]] = []

        def open_one(path: str = "", *, requests_fail: bool = False, **options: Any) -> Visit:
            tab = tabs.enter_context(visit(browser, site, **options))
            opened.append((tab, requests_fail))
            tab.open(path)
            return tab

        yield open_one
        for tab, requests_fail in opened:
            tab.assert_clean(requests_fail=requests_fail)
