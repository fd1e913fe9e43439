"""The sandbox's page says of each thing that stays kinder than AWS what holds the product to it elsewhere."""

from __future__ import annotations

import re

from sandbox.engine.program import PROJECT_DIR

PAGE = (PROJECT_DIR / "docs/sandbox.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## What stays kinder than AWS")[2].partition("A deployment onto")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TABLE.splitlines() if line.startswith("| ")]


def test_each_behaviour_has_a_test_elsewhere_or_the_reason_why_none_is_needed() -> None:
    header, _, *rows = ROWS
    assert header == ["Service", "Behaviour", "AWS", "Sandbox", "Covered by"]
    wrong = [row for row in rows if len(row) != len(header) or not re.match("`|none: |the first deployment", row[-1])]
    assert wrong == []


def test_what_covers_them_is_there() -> None:
    named = {path for row in ROWS for path in re.findall(r"`((?:tests|benchmarks)/[\w./]+)`", row[-1])}
    assert named
    assert [path for path in sorted(named) if not (PROJECT_DIR / path).exists()] == []
