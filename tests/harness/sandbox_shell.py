"""A person's shell beside a running sandbox: it sources what the sandbox says, and types the lines that are printed."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def line_of(usage: str, part: str) -> str:
    """Return the line with this part, as a person would copy it."""
    return next(line.strip() for line in usage.splitlines() if part in line)


def typed(folder: Path, usage: str, line: str) -> subprocess.CompletedProcess[str]:
    """Type a line in the folder where the sandbox was started.

    Args:
        folder: where.
        usage: what the sandbox has printed.
        line: the command.
    """
    source = next(line.strip() for line in usage.splitlines() if line.strip().startswith(". "))
    environment = {"PATH": os.defpath, "HOME": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        ["sh", "-c", f"{source}\n{line}"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
