"""Schemathesis against an API: good and bad requests made from its own description, and each answer held to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

# A lastKey is good only if the API gave it out, which no description can say: there alone a request that keeps to
# the description may be refused.
_CONFIGURATION: Final = """
[[operations]]
include-operation-id = "listRecords"
checks.positive_data_acceptance.expected-statuses = ["200", "304", "400"]
"""
_COMMAND: Final = Path(sys.executable).parent / "schemathesis"


def explore(address: str, folder: Path, examples: int, seconds: float) -> str:
    """Run all checks of Schemathesis, and return what it says.

    Args:
        address: of the API; its description is at `/openapi.json` below it.
        folder: gets the configuration.
        examples: random requests of each operation, at most.
        seconds: how long it may take.

    Raises:
        AssertionError: an answer is not as described; the message has the requests as `curl` would send them.
    """
    configuration = folder / "schemathesis.toml"
    configuration.write_text(_CONFIGURATION, encoding="utf-8")
    done = subprocess.run(
        [
            str(_COMMAND),
            *("--config-file", str(configuration)),
            "--no-color",
            "run",
            f"{address}/openapi.json",
            *("--url", address),
            *("--checks", "all"),
            *("--max-examples", str(examples)),
            *("--seed", "20260308"),
            "--continue-on-failure",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
