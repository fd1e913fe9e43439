"""Curates one raw object in a process of its own, by the real handler, and says what that took.

    python large_lake_object.py < body-of-the-message

It prints JSON: what the handler's answer names, the most memory that the process had (bytes), and the processor's time
of the invocation and of the start before it (seconds).
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from harness.lake_functions import context, sqs_event

_KIBIBYTE = 1024
_STATUS = Path("/proc/self/status")


def most_bytes() -> int:
    """The most memory that this program had; getrusage also knows what the process was before it was this program."""
    (line,) = (each for each in _STATUS.read_text(encoding="utf-8").splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) * _KIBIBYTE


if __name__ == "__main__":
    event = sqs_event([sys.stdin.read()])
    handler = importlib.import_module("runtime.lake.curation.handler")
    started = time.process_time()
    begun = time.perf_counter()
    answer = handler.handle(event, context(600.0))
    took = {
        "named": answer["batchItemFailures"],
        "bytes": most_bytes(),
        "processor_seconds": time.process_time() - started,
        "wall_seconds": time.perf_counter() - begun,
        "start_seconds": started,
    }
    sys.stdout.write("\n" + json.dumps(took))
