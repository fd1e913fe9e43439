"""The courier's function in a process of its own, so that what it holds can be read: memory, descriptors, threads.

It takes a line of standard input for an invocation, and prints a line of JSON when that is over: what the handler
returned as `answer`, or the name of what it raised as `raised`, with `resident_bytes`, `descriptors` and `threads`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from runtime.files.courier.handler import handle

_CONTEXT: Any = SimpleNamespace(
    function_name="courier",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:courier:live",
    aws_request_id="8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    get_remaining_time_in_millis=lambda: 900_000,
)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # logs and metrics are no answers
    for _ in sys.stdin:
        came: dict[str, Any]
        try:
            came = {"answer": handle({}, _CONTEXT)}
        except Exception as error:  # noqa: BLE001 - the test judges it
            came = {"raised": type(error).__name__}
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        came["resident_bytes"] = pages * os.sysconf("SC_PAGE_SIZE")
        came["descriptors"] = len(list(Path("/proc/self/fd").iterdir()))
        came["threads"] = threading.active_count()
        answers.write(json.dumps(came) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
