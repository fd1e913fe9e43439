"""Ours as Lambda runs it: the packaged handler, with its logs, metrics and traces, by AWS's stand-in interpreter."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from benchmarks.workers.serve import serve
from runtime.files.aggregator.handler import handle

_CONTEXT = SimpleNamespace(
    function_name="aggregator",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-2:000000000000:function:aggregator:live",
    aws_request_id="8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    get_remaining_time_in_millis=lambda: 3_600_000,
)


def work(request: dict[str, Any]) -> int:
    """Handle invocations; returns how many messages were bundled.

    Args:
        request: `invocations`, each an event from SQS.
    """
    bundled = 0
    for event in request["invocations"]:
        # The one part of the context that is used is duck-typed by Powertools.
        answer: Any = handle(event, _CONTEXT)  # pyright: ignore[reportArgumentType]
        bundled += len(event["Records"]) - len(answer["batchItemFailures"])
    return bundled


if __name__ == "__main__":
    serve(work)
