"""The commands of `baler`, as its own help lists them, and `baler` run on streams of another encoding."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from baler.cli.main import SUB_COMMANDS, app, sub_command
from baler.cli.output import ended, guard_output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command, groups included, with the words that call it: () is `baler` itself."""
    root: Any = typer.main.get_command(app)
    yield (), root
    # What the root lists are stand-ins: a sub-command is imported when it is run.
    waiting: list[tuple[tuple[str, ...], Any]] = [((name,), sub_command(name)) for name in SUB_COMMANDS]
    while waiting:
        words, command = waiting.pop()
        if hasattr(command, "list_commands"):
            context = command.context_class(command, info_name="baler")
            waiting += [((*words, name), command.get_command(context, name)) for name in command.list_commands(context)]
        yield words, command


def run_encoded(
    arguments: tuple[str, ...], encoding: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run `baler` in this process on streams of an encoding; return its exit code, its output and its errors."""
    paths = (folder / "stdout", folder / "stderr")
    streams = [path.open("w", encoding=encoding) for path in paths]
    try:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            guard_output()
            try:
                code = ended(lambda: app(arguments, prog_name="baler"))
            except SystemExit as end:
                code = end.code
    finally:
        for stream in streams:
            stream.close()
    # Click takes ASCII for a mistake and writes UTF-8, which ASCII is a part of; Rich does not.
    out, err = (path.read_text(encoding="utf-8" if encoding == "ascii" else encoding) for path in paths)
    return int(code or 0), out, err
