"""A real browser, as people use it: Chromium of the dashboard's lock, with all its security switched on."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

NODE_MODULES: Final = Path(__file__).parents[2] / "dashboard" / "node_modules"
_UNPACKED: Final = NODE_MODULES / ".browser"
_AXE: Final = NODE_MODULES / "axe-core" / "axe.min.js"

PHONE_PIXELS: Final = (360, 740)
DESKTOP_PIXELS: Final = (1280, 900)
DEADLINE_MILLISECONDS: Final = 120_000
"""How long anything may take that a test waits for, on a machine that does other work."""

# What a browser notes by itself about an answer of 4xx and 5xx, and of a server that is not there.
_FAILED_REQUEST: Final = "Failed to load resource:"

_WATCH: Final = """
    window.__violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
        window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
"""


@contextmanager
def running_browser() -> Generator[Browser]:
    """Start the browser for the length of a `with` block.

    Raises:
        FileNotFoundError: nobody has unpacked it yet.
    """
    if not (_UNPACKED / ".ready").exists():
        raise FileNotFoundError("There is no browser. hint: make dashboard/node_modules/.browser/.ready")
    libraries = os.pathsep.join(filter(None, [str(_UNPACKED / "lib"), os.environ.get("LD_LIBRARY_PATH")]))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_UNPACKED / "chromium",
            # Chromium's own sandbox needs rights that root in a container has not; the headless shell is what there is.
            args=["--no-sandbox", "--headless=shell", "--disable-gpu", "--font-render-hinting=none"],
            env={**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(_UNPACKED / "fonts.conf")},
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """Somebody's tab, and all that was noted about it.

    Attributes:
        page: what playwright drives.
        site: the site's address, with a slash at the end.
        console: errors and warnings that the browser or the page wrote.
        faults: errors of the page's code that nothing caught.
        requests: the address of every request.
    """

    page: Page
    site: str
    console: list[str] = field(default_factory=list[str])
    faults: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])

    def open(self, path: str = "") -> None:
        """Go to a path of the site, as by typing it."""
        self.page.goto(self.site + path.removeprefix("/"))

    @property
    def path(self) -> str:
        """Path, query and fragment of the address that the tab shows."""
        return self.page.url.removeprefix(self.site.rstrip("/"))

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return self.page.locator("body").inner_text()

    def wait_for(self, condition: Callable[[], bool], expected: str) -> None:
        """Wait until a condition holds.

        Raises:
            AssertionError: it did not within the deadline; the message has what the page says.
        """
        until = time.monotonic() + DEADLINE_MILLISECONDS / 1000
        while not condition():
            assert time.monotonic() < until, f"expected {expected}; {self.path} says:\n{self.text}"
            self.page.wait_for_timeout(50)

    def violations(self) -> list[str]:
        """Return what the content security policy has refused on this page."""
        return self.page.evaluate("window.__violations")

    def accessibility_faults(self) -> list[str]:
        """Return what axe finds wrong on the page as it is: rule, and where."""
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def is_too_wide(self) -> bool:
        """Tell whether the page can be moved sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def assert_clean(self, *, requests_fail: bool = False) -> None:
        """Require that nothing was wrong behind what is seen.

        Args:
            requests_fail: the test makes requests fail, and so the browser notes that they did.
        """
        console = [each for each in self.console if not (requests_fail and _FAILED_REQUEST in each)]
        host = urlsplit(self.site).netloc
        elsewhere = [
            each for each in self.requests if urlsplit(each).scheme != "blob" and urlsplit(each).netloc != host
        ]
        noted = {
            "console": console,
            "faults": self.faults,
            "refused by the content security policy": self.violations(),
            "requests to other hosts": elsewhere,
        }
        assert not any(noted.values()), json.dumps(noted, indent=2)


@contextmanager
def visit(  # noqa: PLR0913 - what a reader's browser may be
    browser: Browser,
    site: str,
    *,
    size: tuple[int, int] = DESKTOP_PIXELS,
    colors: Literal["light", "dark"] = "light",
    time_zone: str = "UTC",
    grants: Sequence[str] = (),
    stopped_clock: bool = False,
) -> Generator[Visit]:
    """Open a tab of a browser that knows nothing of earlier ones.

    Args:
        browser: a running one.
        site: the site's address.
        size: of the window, in CSS pixels, width first.
        colors: what the reader's system is set to.
        time_zone: the reader's, by its IANA name.
        grants: permissions of the page, by their names in playwright.
        stopped_clock: the page's timers run when the test says so, by `page.clock`.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=colors,
        timezone_id=time_zone,
        locale="en-US",
        reduced_motion="reduce",
        is_mobile=size[0] < 600,
        device_scale_factor=2 if size[0] < 600 else 1,
        permissions=list(grants),
    )
    context.set_default_timeout(DEADLINE_MILLISECONDS)
    context.add_init_script(_WATCH)
    page = context.new_page()
    if stopped_clock:
        page.clock.install()
    visited = Visit(page, site if site.endswith("/") else f"{site}/")

    def wrote(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visited.console.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        visited.requests.append(request.url)

    def failed(error: Exception) -> None:
        visited.faults.append(str(error))

    page.on("console", wrote)
    page.on("pageerror", failed)
    page.on("request", asked)
    try:
        yield visited
    finally:
        context.close()


class OpenTab(Protocol):
    """Opens a tab; what `visit` takes, and whether requests may fail in it."""

    def __call__(self, path: str = "", *, requests_fail: bool = False, **options: Any) -> Visit: ...
