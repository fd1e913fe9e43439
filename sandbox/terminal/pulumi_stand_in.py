"""Answers what the pages ask the Pulumi CLI about a stack, from a file that describes a deployed one.

The CLI is not part of the sandbox. What would change a stack is no question and ends with an error, but for `pulumi up`
in a rehearsal: whoever broke the stack puts it back, and is asked by a file.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

# More than putting anything back takes.
_PATIENCE_SECONDS = 120.0


def answer(stack: dict[str, Any], arguments: list[str]) -> str:
    """Return what `pulumi` prints.

    Raises:
        KeyError: the stack has no such output or setting.
        ValueError: this is no question that it knows.
    """
    match arguments:
        case ["stack", "output", "--json"]:
            return json.dumps(stack["outputs"])
        case ["config", "get", key]:
            return stack["config"][key]
        case ["up", *_] if "up" in stack:
            return up(Path(stack["up"]))
        case _:
            raise ValueError(f"pulumi {' '.join(arguments)} changes a stack, or is unknown here")


def up(request: Path) -> str:
    """Ask for what differs from the program to be put back, and wait until it is.

    Raises:
        ValueError: nobody answers.
    """
    request.touch()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while request.exists():
        if time.monotonic() > deadline:
            request.unlink(missing_ok=True)
            raise ValueError("no rehearsal runs that would put anything back")
        time.sleep(0.1)
    return "What differed from the program is as it was."


if __name__ == "__main__":
    try:
        stack = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        sys.stdout.write(f"{answer(stack, sys.argv[2:])}\n")
    except (KeyError, ValueError) as error:
        sys.exit(f"pulumi stand-in: {error}")
