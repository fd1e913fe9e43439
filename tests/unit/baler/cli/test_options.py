"""What holds for the options of every command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.command_line import commands

if TYPE_CHECKING:
    from collections.abc import Iterator


def options() -> Iterator[tuple[str, Any]]:
    """Yield every option of every command, with the words that call it."""
    for words, command in commands():
        yield from ((" ".join(words), option) for option in command.params if option.param_type_name == "option")


def test_a_variable_is_read_by_every_command_that_has_its_option_or_by_none() -> None:
    variables: dict[tuple[str, str], dict[str | None, list[str]]] = {}
    for command, option in options():
        # Commands of events and of the lake have resources of their own behind the same words: raw bucket, function.
        group = command.partition(" ")[0]
        # A consumer's --prefix is of bundles in the mailbox, all others are of files.
        is_of_its_own = group in {"events", "lake"} or (group, option.opts[0]) == ("consume", "--prefix")
        house = group if is_of_its_own else ""
        variables.setdefault((house, option.opts[0]), {}).setdefault(option.envvar, []).append(command)

    assert {option: found for option, found in variables.items() if len(found) > 1} == {}


def test_a_variable_stands_for_one_option() -> None:
    of_variable: dict[str, set[str]] = {}
    for _, option in options():
        if option.envvar is not None:
            of_variable.setdefault(option.envvar, set()).add(option.opts[0])

    assert {variable: found for variable, found in of_variable.items() if len(found) > 1} == {}


def test_every_variable_is_shown_in_the_help() -> None:
    read = [(command, option) for command, option in options() if option.envvar is not None]

    assert read
    assert [f"{command} {option.opts[0]}" for command, option in read if not option.show_envvar] == []
