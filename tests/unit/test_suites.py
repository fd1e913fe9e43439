"""One command runs every test, and CI runs that command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).parents[2]
MAKEFILE: Final = (PROJECT / "Makefile").read_text(encoding="utf-8")
CONTRACTS: Final = frozenset({"receiver", "store"})
"""Suites for receivers of other makers: targets of their own, which take an address."""


def recipe(target: str) -> str:
    found = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1]


@pytest.mark.requirement("PUSH-TEST-02")
def test_make_test_runs_every_folder_of_tests_and_ci_runs_make_test() -> None:
    suites = re.search(r"^test: ([\w -]+?) ##", MAKEFILE, re.MULTILINE)
    assert suites
    run = {folder for suite in suites[1].split() for folder in re.findall(r"tests/(\w+)", recipe(suite))}
    there = {path.relative_to(PROJECT / "tests").parts[0] for path in (PROJECT / "tests").rglob("test_*.py")}
    assert there - run - CONTRACTS == set()
    assert re.search(r"^make .*\btest\b", (PROJECT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
