"""Programs that know nothing of the checkout that the tests run in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    # Nothing of the checkout is on the path, and no make that runs the tests tells the one below what to do.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MAKE", "MFLAGS"))
    }
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, check=check, capture_output=True, text=True
    )
