"""`pulumi up` in a rehearsal's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.rehearsal.pulumi_up import answered_pulumi_up
from sandbox.terminal.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

STACK: dict[str, Any] = {"name": "local", "outputs": {}, "config": {}}


def test_it_puts_back_what_the_fault_has_changed_and_ends_when_that_is_done(tmp_path: Path) -> None:
    done: list[str] = []
    request = tmp_path / "asked"
    terminal = Terminal(tmp_path, {**STACK, "up": str(request)}, {})
    with answered_pulumi_up(request, lambda: done.append("put back")):
        assert terminal.run("pulumi up --refresh").code == 0
    assert done == ["put back"]


def test_without_a_rehearsal_it_is_refused(tmp_path: Path) -> None:
    answer = Terminal(tmp_path, STACK, {}).run("pulumi up --refresh")
    assert answer.code != 0
    assert "changes a stack" in answer.output
