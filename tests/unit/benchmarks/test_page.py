"""The tables of docs/performance.md are those of the run that its figures are drawn from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import bundling, end_to_end
from benchmarks.page import PAGE, RUN, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping


def samples(*values: float) -> Mapping[str, object]:
    return {"samples": values}


RATE = samples(50.0, 60.0)
RUN_OF_TEST: dict[str, Any] = {
    "machine": {
        "date": "2026-11-26",
        "cores": 2,
        "processor": "P",
        "load_before": 0.11,
        "load_after": 1.99,
        "python": "3.11.7",
        "commit": "abc",
    },
    "targets": [
        {"what": "tar | gzip", "bound": "at least", "aim": 6, "measured": 5.994, "unit": "x", "is_met": False},
        {"what": "calls", "bound": "at most", "aim": 1, "measured": 1.0, "unit": "", "is_met": True},
    ],
    "end_to_end": {
        floor: {
            "ceilings": {"GetObject": samples(2000.0)},
            "contestants": {
                end_to_end.CLAIMING: {"rate": samples(500.0, 1200.0), "cpu": samples(0.5, 0.7)},
                end_to_end.S3_TAR: {"rate": RATE, "cpu": RATE},
            },
        }
        for floor in ("fast floor", "LocalStack")
    },
    "bundling": {
        "20000": {
            bundling.OURS: {"speed": samples(180.0, 240.0), "size": 110},
            bundling.GZIP_6: {"speed": samples(30.0, 30.0), "size": 100},
        }
    },
}


def block(name: str) -> str:
    page = f"before\n<!-- bench: {name} -->\nof another run\n<!-- /bench -->\nafter"
    begin, middle, end = rendered(page, RUN_OF_TEST).partition("<!-- /bench -->")
    assert (begin.startswith("before\n"), middle + end) == (True, "<!-- /bench -->\nafter")
    return begin


def test_a_block_has_medians_ranges_and_the_ratios_of_the_rounds() -> None:
    assert f"| {end_to_end.CLAIMING} | 850 (500 to 1,200) | 15.0 | 0.60 (0.50 to 0.70) | 0.01 |" in block("end-to-end")
    assert "| 20 KB | tar \\| gzip -6 | 30 (30 to 30) | 1.0 | 1.00 |" in block("bundling")
    assert "| GetObject | LocalStack | 2,000 (2,000 to 2,000) |" in block("ceilings")


def test_a_target_that_is_missed_stands_out() -> None:
    assert "| tar \\| gzip: at least 6 x | 5.99 x | **missed** |\n| calls: at most 1 | 1.00 | met |" in block("targets")


def test_a_run_is_told_with_its_date_machine_and_load() -> None:
    assert "2026-11-26, 2 cores (P), load 0.1 before and 2.0 after, Python 3.11.7, 2 rounds" in block("machine")


def test_a_block_is_written_once() -> None:
    page = PAGE.read_text(encoding="utf-8")
    once = rendered(page, RUN_OF_TEST)

    assert once != page
    assert rendered(once, RUN_OF_TEST) == once


@pytest.mark.skipif(not RUN.exists(), reason="no run has been brought into the documentation")
def test_the_page_has_the_tables_of_its_run() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert rendered(page, json.loads(RUN.read_text(encoding="utf-8"))) == page, "python -m benchmarks.page --write"
