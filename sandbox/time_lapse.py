"""Alarms in time lapse: in a sandbox nobody waits for minutes to see one fire (plugins/baler_cloudwatch)."""

from __future__ import annotations

import json
import urllib.request
from typing import Final

SANDBOX_FACTOR: Final = 6.0
"""Of `make sandbox`: a minute lasts 10 seconds, the shortest period that an alarm has."""


def set_time_lapse(endpoint: str, stack: str, factor: float, *, waits: float = 1.0, alarm: str = "") -> None:
    """Let a stack's alarms be evaluated faster, and its schedules run at once and then as much more often.

    Args:
        endpoint: URL of a LocalStack of `running_localstack`.
        stack: the stack's name.
        factor: so much shorter is a period than on AWS, but never below 10 s; 1 is as on AWS.
        waits: so much smaller is the threshold of what is measured in seconds of waiting, an age for example.
        alarm: what the name of the alarm begins with, behind the stack's, to let time pass faster for it alone.
    """
    body = json.dumps({"prefix": f"baler-{stack}-{alarm}", "factor": factor, "waits": waits}).encode()
    request = urllib.request.Request(f"{endpoint}/_baler/time-lapse", body, method="PUT")  # noqa: S310 - our own gateway
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - see above
        answer.read()
