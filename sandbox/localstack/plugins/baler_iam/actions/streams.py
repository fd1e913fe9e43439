"""What requests to Kinesis need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources


def stream_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to Kinesis needs."""
    parameters = call.parameters
    arn = parameters.get("ConsumerARN") or parameters.get("StreamARN") or parameters.get("ResourceARN")
    if not arn:
        arn = call.arn(f"stream/{parameters['StreamName']}") if "StreamName" in parameters else "*"
    yield Access(f"kinesis:{call.operation}", arn, call.account)
