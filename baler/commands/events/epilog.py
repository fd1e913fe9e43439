"""What the help of each command ends with: examples and exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.cli.exit_codes import exit_codes_help

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.cli.exit_codes import ExitCode


def epilog(*examples: str, codes: Mapping[ExitCode, str]) -> str:
    """Return it.

    Args:
        examples: each what follows `baler events`.
        codes: the codes that the command chooses, each with what it means for it.
    """
    lines = "\n\n".join(f"    baler events {example}" for example in examples)
    return f"\n**Examples** (with the BALER_... variables set)\n\n{lines}\n\n{exit_codes_help(codes)}"
