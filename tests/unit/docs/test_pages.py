"""What the pages link, name and promise is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from baler.cli.main import app
from sandbox.terminal.blocks import PROJECT, blocks_of, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS = sorted(path.parent.name.replace("_", "-") for path in PROJECT.glob("baler/commands/*/command.py"))
# A link that is defined at the end of a page, and the tests of a file that is named by one.
DEFINED = re.compile(r"^\[([^\]]+)\]: (?!https?:)(\S+)$", re.MULTILINE)
NAMED_TESTS = re.compile(r"\[([\w ]+)\]: ((?:`test_\w+`(?:, )?)+)")
# What follows a command on a page up to the end of its quotation, substitution, line or pipe.
CALL = re.compile(rf"\bbaler ({'|'.join(COMMANDS)})\b((?:[^`|\n)]|\\\n)*)")


def text_of(page: str) -> str:
    return (PROJECT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages())
def test_a_link_leads_to_a_file_of_the_repository(page: str) -> None:
    folder = (PROJECT / page).parent
    targets = re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", text_of(page))
    assert [target for target in targets if not (folder / target).exists()] == []


@pytest.mark.parametrize("page", pages())
def test_a_test_that_a_page_names_is_in_the_file_that_it_names(page: str) -> None:
    """Reference-style links: `[handler]: ../tests/…`, and `[handler]: ` before the names of its tests."""
    text = text_of(page)
    files = {name: (PROJECT / page).parent / target for name, target in DEFINED.findall(text)}
    assert [name for name, path in files.items() if not path.exists()] == []
    wrong = [
        f"{name}: {test}"
        for name, tests in NAMED_TESTS.findall(text)
        for test in re.findall(r"test_\w+", tests)
        if name not in files or f"def {test}(" not in files[name].read_text(encoding="utf-8")
    ]
    assert wrong == []


@pytest.mark.parametrize("page", pages())
def test_a_link_to_a_heading_leads_to_one(page: str) -> None:
    folder = (PROJECT / page).parent
    for target, heading in re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", text_of(page)):
        other = (folder / target).read_text(encoding="utf-8") if target else text_of(page)
        assert heading in set(anchors(other)), f"{target}#{heading}"


def anchors(text: str) -> Iterator[str]:
    for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_sub_command_is_on_a_page(command: str) -> None:
    others = {"docs/cost.md", "docs/external-party.md", "docs/on-premises.md", "docs/questions.md"}
    operators = [page for page in pages() if page in others or "runbooks/" in page]
    assert any(f"baler {command}" in text_of(page) for page in operators)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_names_only_options_that_the_command_has(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    known = set(options(command))
    assert known
    named = {
        (page, option)
        for page in pages()
        for name, arguments in CALL.findall(text_of(page))
        if name == command
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]+", arguments)
    }
    assert [where for where in sorted(named) if where[1] not in known] == []


@pytest.mark.parametrize("page", pages())
def test_a_page_names_the_stack_before_its_first_command_that_needs_one(page: str) -> None:
    commands = "\n".join(block.text for block in blocks_of(page) if not page.startswith("docs/decisions/"))
    stackless = {"consume", "cost", "env --for", "ledger", "send"}
    called = [
        match.start()
        for match in re.finditer(rf"\bbaler ({'|'.join([*COMMANDS])})\b(?!.*--stack)", commands)
        if match[1] not in stackless
    ]
    if called:
        named = commands.find("export BALER_STACK=")
        assert 0 <= named < called[0], commands[called[0] :].partition("\n")[0]


def options(*command: str) -> Iterator[str]:
    """The options of a command and of the commands below it, as its help has them."""
    told = CliRunner().invoke(app, [*command, "--help"]).output
    yield from re.findall(r"--[a-z][a-z-]+", told)
    for below in re.findall(r"^│ ([a-z]+)  ", told.partition("Commands")[2], re.MULTILINE):
        yield from options(*command, below)


def test_contributing_names_files_and_tests_that_exist() -> None:
    text = text_of("CONTRIBUTING.md")
    files = set(re.findall(r"(?<![\w./])(?:baler|components|docs|policy|runtime|sandbox|tests)/[\w./-]*\w/?", text))
    assert [path for path in sorted(files) if not (PROJECT / path).exists()] == []
    modules = "".join((PROJECT / path).read_text(encoding="utf-8") for path in files if "/test_" in path)
    named = set(re.findall(r"`(test_\w+)`", text))
    assert [test for test in sorted(named) if f"def {test}(" not in modules] == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    kinds = set(re.findall(r"^### (.+)$", text_of("CHANGELOG.md"), re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_a_commit_is_checked_by_the_targets_of_ci_but_the_suites() -> None:
    hooks = [hook for repo in yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    targets = re.findall(r"^make (.+)$", text_of(".ci/run"), re.MULTILINE)
    assert {hook["entry"] for hook in hooks} == {f"make {target}" for target in targets[0].split() if target != "test"}
