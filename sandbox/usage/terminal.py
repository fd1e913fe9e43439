"""How a person gets a terminal at the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def to_try(env: Path, lines: Iterable[str]) -> list[str]:
    """Return what to type in another terminal, and what else works there.

    Args:
        env: the file to source.
        lines: commands and remarks; the variables and profiles of `env` are theirs.
    """
    return [
        "In another terminal, in this folder (credentials and all names; docs/sandbox.md says what is in it):",
        "",
        f"  . {env}",
        *lines,
        "",
        "What a runbook (docs/runbooks) says to type works there as it is written, but for `export BALER_STACK=prod`:",
        "that shell knows its stack.",
        "Ctrl-C ends it; nothing in it is kept.",
    ]
