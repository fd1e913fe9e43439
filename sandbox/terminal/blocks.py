"""The blocks of commands on a page: what a reader would paste into a shell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT: Final = Path(__file__).parents[2]

_INDENT: Final = "    "
_FENCE: Final = re.compile(r"```(\w*)")
# What a fence shows that nobody pastes into a shell: a program's output, a picture, another language.
_NO_COMMANDS: Final = frozenset({"json", "mermaid", "python", "text", "toml", "yaml"})


@dataclass(frozen=True)
class Block:
    """Commands that stand together.

    Attributes:
        page: path of the page below the project.
        line: where it begins, from 1.
        text: the commands, without their indentation.
    """

    page: str
    line: int
    text: str

    @property
    def first_line(self) -> str:
        """What the block is called: it stays when the page grows above it."""
        return self.text.partition("\n")[0]


def pages() -> list[str]:
    """Return the pages whose commands are held to work."""
    return sorted(
        path.relative_to(PROJECT).as_posix() for path in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
    )


def blocks_of(page: str, text: str | None = None) -> list[Block]:
    """Return a page's blocks of commands, from top to bottom.

    Args:
        page: path below the project.
        text: what is on it. Default: the file's content.
    """
    lines = ((PROJECT / page).read_text(encoding="utf-8") if text is None else text).splitlines()
    return list(_blocks(page, lines))


def _blocks(page: str, lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        if fence := _FENCE.match(lines[at]):
            end = lines.index("```", at + 1)
            if fence[1] not in _NO_COMMANDS:
                yield Block(page, at + 2, "\n".join(lines[at + 1 : end]))
            at = end + 1
        elif lines[at].startswith(_INDENT) and (at == 0 or not lines[at - 1].strip()):
            end = _end_of_indented(lines, at)
            yield Block(page, at + 1, "\n".join(line.removeprefix(_INDENT) for line in lines[at:end]))
            at = end
        else:
            at += 1


def _end_of_indented(lines: list[str], begin: int) -> int:
    """Where an indented block ends: a blank line in it does not end it, the blank lines behind it are not its own."""
    end = begin
    for at in range(begin, len(lines)):
        if lines[at].startswith(_INDENT):
            end = at + 1
        elif lines[at].strip():
            break
    return end
