"""Curation in a process of its own, which dies at a given point.

    python killed_lake_function.py <event as JSON> <point>

A point is "before" or "after", a blank, a call by its module, class and name, and, after a colon, at which of its calls
the process dies (1 where nothing is said): so that it is not made, or made and not answered. "at the content" is when a
raw object is read whose bytes hold `killer`; "never" lets it live. It prints the answer of the handler. Everything but
the death is the product's; settings and stores are those of the environment.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any, NoReturn

from harness.lake_functions import context


def die() -> NoReturn:
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def deadly_call(when: str, call: str, number: int) -> None:
    """Let the process die at a call of a method."""
    module, owner, method = call.rsplit(".", 2)
    patched = getattr(importlib.import_module(module), owner)
    made = getattr(patched, method)
    calls = 0

    def deadly(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != number:
            return made(*arguments, **named)
        try:
            if when == "after":
                made(*arguments, **named)
        finally:
            # Also where the store answered too late, as it does on a busy machine.
            die()

    setattr(patched, method, deadly)


def deadly_content() -> None:
    """Let the process die when it reads a raw object that kills."""
    reading = importlib.import_module("runtime.lake.curation.reading")
    normalised = reading.normalised

    def deadly(source: Any, content: bytes) -> Any:
        if b"killer" in content:
            die()
        return normalised(source, content)

    setattr(reading, "normalised", deadly)  # noqa: B010 - of a module, whose types know no other


if __name__ == "__main__":
    event, point = json.loads(sys.argv[1]), sys.argv[2]
    handler = importlib.import_module("runtime.lake.curation.handler")
    when, _, place = point.partition(" ")
    if when in {"before", "after"}:
        called, _, nth = place.partition(":")
        deadly_call(when, called, int(nth or 1))
    elif point == "at the content":
        deadly_content()
    answer = handler.handle(event, context(60.0))
    if point == "at the answer":
        die()
    sys.stdout.write("\n" + json.dumps(answer))
