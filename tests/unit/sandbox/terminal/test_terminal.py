"""The terminal in which the pages' blocks are run notices what an operator would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.terminal.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    stack = {"name": "dev", "outputs": {"landingBucket": "landing"}, "config": {"baler:batchSize": "100"}}
    return Terminal(tmp_path, stack, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})


def test_what_a_block_exports_is_there_for_the_next(terminal: Terminal) -> None:
    terminal.run("export SIZE=$(pulumi config get baler:batchSize)")
    assert terminal.run("echo $SIZE").output == "100\n"
    assert terminal.run("pulumi stack output --json").output == '{"landingBucket": "landing"}\n'


def test_where_a_page_names_a_stack_a_reader_puts_his_own(terminal: Terminal) -> None:
    assert terminal.run("echo $BALER_STACK").output == "dev\n"
    assert terminal.run("export BALER_STACK=prod-elsewhere\necho $BALER_STACK").output == "dev\n"


@pytest.mark.parametrize("failing", ["false", "false | tail -1", "echo $NOT_SET_BEFORE"])
def test_a_command_that_fails_ends_its_block(terminal: Terminal, failing: str) -> None:
    answer = terminal.run(f"{failing}\necho afterwards")
    assert answer.code != 0
    assert "afterwards" not in answer.output


def test_a_setting_that_the_stack_does_not_have_is_told(terminal: Terminal) -> None:
    assert "pulumi stand-in:" in terminal.run("export SIZE=$(pulumi config get baler:batchsize)").output


def test_a_question_is_answered_with_yes_as_at_a_terminal(terminal: Terminal) -> None:
    assert "answer y" in terminal.run("test -t 0; read -r line; echo answer $line").output


def test_a_block_that_runs_on_is_ended_with_ctrl_c(terminal: Terminal) -> None:
    program = (
        "import time\ntry: print('started', flush=True); time.sleep(600)\nexcept KeyboardInterrupt: print('stopped')"
    )
    answer = terminal.run(f'python -c "{program}"', until="started")
    assert (answer.code, answer.output) == (0, "started\nstopped\n")
