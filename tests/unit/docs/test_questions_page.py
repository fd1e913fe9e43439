"""docs/questions.md says of every state of a file what the commands say of it."""

from __future__ import annotations

import re
from typing import Final

import pytest

from baler.files.story.state import FileState
from sandbox.terminal.blocks import PROJECT

PAGE: Final = (PROJECT / "docs" / "questions.md").read_text(encoding="utf-8")
# A page links what a command, which may be anywhere, names by its path.
RUNBOOK: Final = re.compile(r"docs/runbooks/([\w-]+)\.md")


@pytest.mark.parametrize("state", FileState)
def test_each_state_has_its_row_with_the_words_of_the_commands(state: FileState) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{state}` |")]
    _, _, evidence, meaning, action, _ = (cell.strip() for cell in row.split("|"))
    assert (meaning, action) == (state.meaning, RUNBOOK.sub(r"[\1](runbooks/\1.md)", state.action))
    assert evidence


def test_no_row_is_of_a_state_that_is_not_there() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [str(state) for state in FileState]


@pytest.mark.parametrize("state", FileState)
def test_a_page_that_a_state_names_is_there(state: FileState) -> None:
    assert all((PROJECT / found.group()).exists() for found in RUNBOOK.finditer(state.action))
