"""Every decision record says since when it holds, and whether it still does."""

from __future__ import annotations

import re
from datetime import date

import pytest

from sandbox.terminal.blocks import PROJECT

FOLDER = PROJECT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
STATUS = re.compile(r"^Status: (?:proposed|accepted|superseded by \[\d+\]\(\S+\))(?:; changed by .+)?$", re.MULTILINE)


@pytest.mark.parametrize("record", RECORDS, ids=[record.stem[:4] for record in RECORDS])
def test_a_record_has_status_and_date(record: object) -> None:
    text = (FOLDER / str(record)).read_text(encoding="utf-8")
    head = text.partition("**")[0]
    assert STATUS.search(head), "Status: proposed, accepted, or superseded by [number](file)"
    found = re.search(r"^Date: (\S+)$", head, re.MULTILINE)
    assert found, "Date: when it was decided, as 2026-11-20"
    assert date.fromisoformat(found[1]).isoformat() == found[1]


def test_records_are_numbered_without_a_gap() -> None:
    assert [record.name[:4] for record in RECORDS] == [f"{number:04}" for number in range(1, len(RECORDS) + 1)]


def test_the_index_has_each_record_with_its_title() -> None:
    titles = [record.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for record in RECORDS]
    rows = [
        f"| {number} | [{title}]({record.name}) |"
        for record, (number, title) in zip(RECORDS, (title.split(". ", 1) for title in titles), strict=True)
    ]
    index = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in index if re.match(r"\| \d", line)] == rows
