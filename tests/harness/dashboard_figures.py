"""What the dashboard weighs and how soon it shows its content; and its picture.

`python -m harness.dashboard_figures` (make dashboard-figures) writes docs/figures/dashboard.json and dashboard.png.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from harness.browser import PHONE_PIXELS, Visit, running_browser, visit
from harness.exported_site import exported_site
from harness.stub_lake_api import StubRecord, person, post, stub_lake_api

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FIGURES: Final = Path(__file__).parents[2] / "docs" / "figures"
Kind = Literal["first_visit", "second_visit", "slow_phone"]

ROUNDS: Final = 5
PICTURE_PIXELS: Final = (1200, 800)

# The slow phone that Lighthouse 12 measures by (docs/throttling.md): 1.6 Mbit/s, 150 ms, a processor of a quarter.
SLOW_BYTES_SECOND: Final = 1_600_000 / 8
SLOW_MILLISECONDS: Final = 150
SLOW_PROCESSOR: Final = 4

PAGES: Final = {
    "overview": ("", ".recharts-area-area"),
    "list": ("records/", "tbody tr"),
    "record": ("records/posts-30/", "pre"),
}
"""Path of each page, and what is there when it has its content."""


@dataclass(frozen=True)
class Weight:
    """What one visit asks for.

    Attributes:
        requests: how many.
        received_bytes: of all answers with their heads, compressed as they come.
        script_bytes: of those, the scripts'.
        content_milliseconds: from the start of the visit until its content is there; the median of the rounds.
    """

    requests: int
    received_bytes: int
    script_bytes: int
    content_milliseconds: int


def records() -> list[StubRecord]:
    """Return a lake of some days, newest first."""
    made: list[StubRecord] = []
    number = 1_400
    # None on the 7th, and the 11th has just begun.
    for day, count in ((11, 42), (10, 124), (9, 71), (8, 88), (6, 64)):
        for _ in range(count):
            made += [person(number, day=f"2026-03-{day:02}"), post(number, day=f"2026-03-{day:02}")]
            number -= 1
    made += [post(each, day="2026-02-27") for each in range(500, 0, -1)]
    # The sources that a stack has without a file of its own.
    return [replace(each, source={"posts": "jsonplaceholder", "people": "randomuser"}[each.source]) for each in made]


def weigh(browser: Browser, site: str, page: str, kind: Kind, rounds: int = ROUNDS) -> Weight:
    """Visit a page by its address, in a browser that knows nothing of earlier rounds.

    Args:
        browser: a running one.
        site: the site's address.
        page: of `PAGES`.
        kind: the second visit has in its cache what the first one left there.
        rounds: how often; medians are taken.
    """
    slow = kind == "slow_phone"
    found: list[Weight] = []
    path, content = PAGES[page]
    for _ in range(rounds):
        with visit(browser, site, size=PHONE_PIXELS if slow else (1280, 900)) as tab:
            if kind == "second_visit":
                _show(tab, path, content)
                tab.page.goto("about:blank")
            sizes: dict[str, int] = {}
            kinds: dict[str, str] = {}
            wire = tab.page.context.new_cdp_session(tab.page)
            wire.send("Network.enable")
            if slow:
                wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PROCESSOR})
                conditions = {"offline": False, "latency": SLOW_MILLISECONDS}
                conditions |= {"downloadThroughput": SLOW_BYTES_SECOND, "uploadThroughput": SLOW_BYTES_SECOND}
                wire.send("Network.emulateNetworkConditions", conditions)

            def answered(event: dict[str, Any], kinds: dict[str, str] = kinds) -> None:
                kinds[event["requestId"]] = event["type"]

            def ended(event: dict[str, Any], sizes: dict[str, int] = sizes) -> None:
                sizes[event["requestId"]] = int(event["encodedDataLength"])

            wire.on("Network.responseReceived", answered)
            wire.on("Network.loadingFinished", ended)
            milliseconds = _show(tab, path, content)
            tab.page.wait_for_load_state("networkidle")
            # What comes out of the cache comes over no wire.
            sent = {name: size for name, size in sizes.items() if size > 0}
            scripts = sum(size for name, size in sent.items() if kinds.get(name) == "Script")
            found.append(Weight(len(sent), sum(sent.values()), scripts, milliseconds))
    return Weight(
        requests=int(statistics.median(each.requests for each in found)),
        received_bytes=int(statistics.median(each.received_bytes for each in found)),
        script_bytes=int(statistics.median(each.script_bytes for each in found)),
        content_milliseconds=int(statistics.median(each.content_milliseconds for each in found)),
    )


def _show(tab: Visit, path: str, content: str) -> int:
    tab.open(path)
    tab.page.locator(content).first.wait_for()
    return int(tab.page.evaluate("performance.now()"))


def _main() -> None:
    with stub_lake_api() as api, exported_site(api.url) as site, running_browser() as browser:
        api.records = records()
        found = {kind: {page: asdict(weigh(browser, site, page, kind)) for page in PAGES} for kind in get_args(Kind)}
        FIGURES.joinpath("dashboard.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        with visit(browser, site, size=PICTURE_PIXELS) as tab:
            _show(tab, *PAGES["overview"])
            tab.wait_for(lambda: tab.page.locator(".bone").count() == 0, "all of the page")
            tab.page.screenshot(path=FIGURES / "dashboard.png")


if __name__ == "__main__":
    _main()
