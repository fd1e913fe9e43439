"""The function in a process of its own, which dies when it fetches a given key: of memory, say, or of a library.

    python killed_function.py <event as JSON> <key>

It prints the answer of the handler. Everything but the death is the product's; settings and stores are those of the
environment.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from baler.aws.http.s3 import HttpS3
from runtime.files.aggregator import handler

if TYPE_CHECKING:
    from baler.aws.http.s3 import ObjectRead

if __name__ == "__main__":
    event, killer = json.loads(sys.argv[1]), sys.argv[2]
    get: Any = HttpS3.get_object

    def deadly(self: HttpS3, **request: Any) -> ObjectRead:
        if request["Key"] == killer:
            os.kill(os.getpid(), signal.SIGKILL)
        return get(self, **request)

    HttpS3.get_object = deadly
    handle: Any = handler.handle
    answer = handle(
        event,
        SimpleNamespace(
            function_name="aggregator",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:aggregator:live",
            aws_request_id="request",
            # More than a busy machine needs: time is not what this is about.
            get_remaining_time_in_millis=lambda: 300_000,
        ),
    )
    sys.stdout.write("\n" + json.dumps(answer))
