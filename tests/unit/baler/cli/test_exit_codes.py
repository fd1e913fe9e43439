"""One table of exit codes, for all commands."""

from __future__ import annotations

from pathlib import Path

from baler.cli.exit_codes import ExitCode, exit_codes_help

PAGE = Path(__file__).parents[4] / "docs" / "exit-codes.md"


def test_the_page_has_every_code_and_says_what_the_code_says() -> None:
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]

    assert table == [f"| {code:d} | `{code.name}` | {code.meaning} | {code.action} |" for code in ExitCode]


def test_no_code_has_two_names() -> None:
    assert list(ExitCode.__members__) == [code.name for code in ExitCode]


def test_a_command_lists_its_codes_in_order_with_those_that_any_command_has() -> None:
    listed = exit_codes_help({ExitCode.NEEDS_ATTENTION: "look at it", ExitCode.OK: "done"})

    assert [line.split(":")[0] for line in listed.split("\n\n")[1:]] == ["- 0", "- 2", "- 3", "- 74"]
