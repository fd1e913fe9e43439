"""The page's figures are those of the file that `make dashboard-figures` wrote, and still true of what is built."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from harness.dashboard_figures import FIGURES, PAGES, records, weigh

if TYPE_CHECKING:
    from harness.stub_lake_api import StubLakeApi
    from playwright.sync_api import Browser

WRITTEN: Final[dict[str, dict[str, dict[str, int]]]] = json.loads(
    FIGURES.joinpath("dashboard.json").read_text(encoding="utf-8")
)
MOST_GROWTH: Final = 1.05
"""More than that is another page than the one that was measured."""


def row(page: str) -> str:
    first, second, slow = (WRITTEN[visit][page] for visit in ("first_visit", "second_visit", "slow_phone"))
    cells: list[Any] = [
        first["requests"],
        f"{first['received_bytes'] / 1000:.0f} kB",
        f"{first['script_bytes'] / 1000:.0f} kB",
        f"{first['content_milliseconds'] / 1000:.1f} s",
        second["requests"],
        f"{second['received_bytes'] / 1000:.1f} kB",
        f"{second['content_milliseconds'] / 1000:.1f} s",
        f"{slow['content_milliseconds'] / 1000:.1f} s",
    ]
    return " | ".join(map(str, cells))


@pytest.mark.parametrize("page", PAGES)
def test_the_page_says_what_was_measured(page: str) -> None:
    text = FIGURES.parent.joinpath("dashboard.md").read_text(encoding="utf-8")
    assert f"| {page} | {row(page)} |" in text


@pytest.mark.parametrize("page", PAGES)
def test_a_page_weighs_what_was_measured(api: StubLakeApi, site: str, browser: Browser, page: str) -> None:
    api.records = records()
    now, then = weigh(browser, site, page, "first_visit", rounds=1), WRITTEN["first_visit"][page]
    assert now.requests <= then["requests"] + 1
    assert now.received_bytes <= then["received_bytes"] * MOST_GROWTH


def test_the_picture_is_small_enough_for_the_first_page() -> None:
    assert FIGURES.joinpath("dashboard.png").stat().st_size < 200_000
