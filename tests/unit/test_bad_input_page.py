"""docs/bad-input.md names tests: they must be there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "bad-input.md"


def test_every_test_that_the_page_names_is_in_the_file_that_it_names() -> None:
    page = PAGE.read_text(encoding="utf-8")
    files = {name: PAGE.parent / path for name, path in re.findall(r"^\[(.+)\]: (\S+)$", page, re.MULTILINE)}
    named = [
        (files[name], test)
        for name, tests in re.findall(r"\[([a-z0-9 ]+)\]:((?:,? `test_\w+`)+)", page)
        for test in re.findall(r"`(test_\w+)`", tests)
    ]
    assert {test for _, test in named} == set(re.findall(r"`(test_\w+)`", page))
    assert [(file.name, test) for file, test in named if f"def {test}(" not in file.read_text(encoding="utf-8")] == []
    assert {file for file, _ in named} == set(files.values())
