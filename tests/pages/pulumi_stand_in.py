"""Answers what the pages ask the Pulumi CLI about a stack, from a file that describes a deployed one.

The CLI is not part of the sandbox. What would change a stack is no question and ends with an error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


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
        case _:
            raise ValueError(f"pulumi {' '.join(arguments)} changes a stack, or is unknown here")


if __name__ == "__main__":
    try:
        stack = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        sys.stdout.write(f"{answer(stack, sys.argv[2:])}\n")
    except (KeyError, ValueError) as error:
        sys.exit(f"pulumi stand-in: {error}")
