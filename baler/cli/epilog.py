"""What the help of a command of a group ends with: examples and exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.cli.exit_codes import exit_codes_help

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.cli.exit_codes import ExitCode


def epilog(group: str, *examples: str, codes: Mapping[ExitCode, str]) -> str:
    """Return it.

    Args:
        group: of commands: "events" for `baler events`.
        examples: each what follows that.
        codes: the codes that the command chooses, each with what it means for it.
    """
    lines = "\n\n".join(f"    baler {group} {example}" for example in examples)
    return f"\n**Examples** (with BALER_STACK set)\n\n{lines}\n\n{exit_codes_help(codes)}"
