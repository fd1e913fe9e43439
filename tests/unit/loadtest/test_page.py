"""The page about a run: for people, and safe whatever a stack has answered."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from loadtest.page import write_page
from loadtest.parts import PARTS

if TYPE_CHECKING:
    from pathlib import Path

COLUMN = {**dict.fromkeys(PARTS, 0.0), "queue": 2.5, "whole": 2.5}
SUMMARY: dict[str, Any] = {
    "result": "missed",
    "reasons": ["p99.9 of upload to mailbox is 200.0 s, not below 180 s"],
    "shape": "burst (30 s at 100/s)",
    "run": "20261120T090000Z-abcdef",
    "watched": "mailbox",
    "cause": "the processor was busy",
    "backlog": {"files": 812, "seconds": 14.25},
    "pressure": {"text": "1.97 of 2 cores"},
    "parts": {"columns": {"mean": COLUMN}, "files": 10, "known": 9, "absent": ""},
    "growth": None,
    "latency_seconds": {"p50": 1.0, "p99.9": None},
    "upload_seconds": {"p50": 0.01, "p99.9": 0.5},
    "lateness_seconds": {"p50": 0.0, "p99.9": 0.1},
    "files": {"offered": 10, "uploaded": 10, "refused": 0, "not_sent": 0, "late": 0},
    "lost": 0,
    "twice": 0,
    "damaged": 0,
    "bundles": 1,
    "dead_letters": 0,
}
TREND = {"grew": None, "typical": 1.0, "gained": 0.0, "tolerated": 8.0, "per_hour": 0.0, "smallest_per_hour": 16.0}
GROWTH: dict[str, Any] = {
    "verdict": "too short to say",
    "series": [{"name": "function aggregator, memory", "unit": "MB", "judged": True, **TREND}],
    "intervals": [
        {
            "from_seconds": 0.0,
            "seconds": 1.0,
            "files": 9,
            "p50": 1.0,
            "p95": 2.0,
            "p99.9": 3.0,
            "memory_mb": {"f": 60.0},
        }
    ],
    "absent": ["descriptors cannot be seen"],
}


class Reader(HTMLParser):
    """Collects what a browser would show and load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name == "src"]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(folder: Path, **changes: object) -> Reader:
    figure = folder / "latency.png"
    figure.write_bytes(b"\x89PNG")
    page = folder / "index.html"
    write_page(page, {**SUMMARY, **changes}, [("The files", figure), ("Not drawn", folder / "none.png")])
    reader = Reader()
    reader.feed(page.read_text())
    return reader


def test_people_read_the_verdict_its_cause_and_where_the_time_went(tmp_path: Path) -> None:
    page = read(tmp_path)
    for words in (
        "missed",
        "200.0 s",
        "the processor was busy",
        "812 files",
        "14.2 s later",
        "2.50",
        "9 of 10",
        "never",
    ):
        assert words in page.text


def test_the_page_needs_no_script_and_no_other_file(tmp_path: Path) -> None:
    page = read(tmp_path, growth=GROWTH)
    assert "script" not in page.tags
    assert [source.partition(",")[0] for source in page.loads] == ["data:image/png;base64"]


@pytest.mark.parametrize("name", ["cause", "run", "shape", "reasons", "watched"])
def test_markup_in_an_answer_is_text(tmp_path: Path, name: str) -> None:
    hostile = "<script>alert('x')</script>"
    page = read(tmp_path, **{name: [hostile] if name == "reasons" else hostile})
    assert "script" not in page.tags
    assert hostile in page.text


def test_a_log_that_could_not_be_read_is_said(tmp_path: Path) -> None:
    page = read(tmp_path, parts={"columns": {}, "files": 0, "known": 0, "absent": "<b>AccessDenied"})
    assert "<b>AccessDenied" in page.text


def test_a_soak_shows_what_it_watched_and_what_it_could_not(tmp_path: Path) -> None:
    page = read(tmp_path, growth=GROWTH)
    for words in ("too short to say", "function aggregator, memory", "descriptors cannot be seen", "f 60"):
        assert words in page.text


def test_a_run_that_delivered_nothing_has_a_page(tmp_path: Path) -> None:
    empty: dict[str, Any] = {"latency_seconds": {}, "upload_seconds": {}, "lateness_seconds": {}}
    page = read(tmp_path, **empty, backlog={"files": 0, "seconds": None}, pressure=None, cause="")
    assert "never all" in page.text
