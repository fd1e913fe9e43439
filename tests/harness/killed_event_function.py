"""A function of the event stream in a process of its own, which dies at a given point.

    python killed_event_function.py <processor or transformer> <event as JSON> <point>

A point is "before" or "after", a blank, and a call by its module, class and name: the process dies at the first one, so
that it is not made, or made and not answered. "at the answer" is when all is done; "at the content" when the processor
reads a record whose bytes hold `killer`. It prints the answer of the handler. Everything but the death is the
product's; settings and stores are those of the environment.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any, NoReturn

from harness.event_functions import context


def die() -> NoReturn:
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def deadly_call(when: str, call: str) -> None:
    """Let the process die at the first call of a method."""
    module, owner, method = call.rsplit(".", 2)
    patched = getattr(importlib.import_module(module), owner)
    made = getattr(patched, method)

    def deadly(*arguments: Any, **named: Any) -> Any:
        try:
            if when == "after":
                made(*arguments, **named)
        finally:
            # Also where the store answered too late, as it does on a busy machine.
            die()

    setattr(patched, method, deadly)


def deadly_content() -> None:
    """Let the process die when it reads a record that kills."""
    processing = importlib.import_module("runtime.events.aws.processing")
    parse = processing.parse

    def deadly(records: Any) -> Any:
        if any(b"killer" in record.data for record in records):
            die()
        return parse(records)

    setattr(processing, "parse", deadly)  # noqa: B010 - of a module, whose types know no other


if __name__ == "__main__":
    function, event, point = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    handler = importlib.import_module(f"runtime.events.{function}.handler")
    when, _, call = point.partition(" ")
    if when in {"before", "after"}:
        deadly_call(when, call)
    elif point == "at the content":
        deadly_content()
    answer = handler.handle(event, context(300.0))
    if point == "at the answer":
        die()
    sys.stdout.write("\n" + json.dumps(answer))
