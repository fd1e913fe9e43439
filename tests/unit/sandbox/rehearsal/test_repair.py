"""A rehearsal that goes by itself types what stands on the page."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

import pytest
from rich.console import Console

from sandbox.errors import SandboxError
from sandbox.rehearsal import repair as module
from sandbox.rehearsal.catalogue import FAULTS
from sandbox.rehearsal.fault import Broken, Typed
from sandbox.rehearsal.repair import block_of, repair
from sandbox.terminal.terminal import Answer

FAULT = FAULTS["not-consumed"]


@dataclass
class Keyboard:
    """Notes what is typed, and answers."""

    code: int = 0
    typed: list[str] = field(default_factory=list[str])

    def run(self, text: str) -> Answer:
        self.typed.append(text)
        return Answer(self.code, "printed\n")


def test_it_is_typed_as_it_is_written_by_whom_it_is_for() -> None:
    terminal, shown = Keyboard(), io.StringIO()
    repair(FAULT, Broken(), terminal, Console(file=shown))
    written = [block_of(FAULT, typed).text for typed in FAULT.typed]
    assert terminal.typed == [f"export AWS_PROFILE=operator\n{text}" for text in written]
    for text in written:
        assert text.splitlines()[0] in shown.getvalue()


def test_an_example_is_filled_in() -> None:
    terminal = Keyboard()
    broken = Broken(filled={"1f0c2a9b": lambda: "the-message"})
    fault = replace(FAULTS["dead-letters"], typed=(Typed("discard 1f0c2a9b"),))
    repair(fault, broken, terminal, Console(file=io.StringIO()))
    assert "discard the-message --reason" in terminal.typed[0]


def test_a_command_that_fails_ends_the_rehearsal_with_its_place() -> None:
    with pytest.raises(SandboxError, match=r"docs/runbooks/not-consumed\.md:\d+: .* ended with 254"):
        repair(FAULT, Broken(), Keyboard(254), Console(file=io.StringIO()))


def test_a_piece_that_no_block_has_is_a_sentence() -> None:
    with pytest.raises(SandboxError, match=r"0 blocks of docs/runbooks/not-consumed\.md"):
        block_of(FAULT, Typed("no such command"))


def test_a_command_that_the_page_says_to_repeat_is_typed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AGAIN_SECONDS", 0.0)
    terminal = Keyboard(5)

    def run(text: str) -> Answer:
        terminal.code = 5 if len(terminal.typed) < 2 else 0
        return Keyboard.run(terminal, text)

    monkeypatch.setattr(terminal, "run", run)
    fault = replace(FAULTS["refused-bundles"], typed=FAULTS["refused-bundles"].typed[:1])
    repair(fault, Broken(), terminal, Console(file=io.StringIO()))
    assert len(terminal.typed) == 3


def test_what_the_page_says_to_wait_for_is_waited_for_in_the_time_of_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    terminal, broken = Keyboard(), Broken(others=lambda: terminal.typed.append("over"), who="it is over")
    repair(FAULTS["throttled"], broken, terminal, Console(file=io.StringIO()))
    assert "over" in terminal.typed[-2]
    assert "set-alarm-state" in terminal.typed[-1]
    assert waited == [60.0]
