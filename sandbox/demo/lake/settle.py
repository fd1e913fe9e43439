"""Waits until what was fetched can be seen, and until nothing more is to come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sandbox.demo.lake.found import messages_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.deployed import DeployedLake
    from sandbox.engine.endpoint import Endpoint

_STUCK_SECONDS: Final = 480.0
"""What is not there after so long is stuck; many times the objective, for the sake of a bad day on a busy machine."""
_POLL_SECONDS: Final = 0.2
# Counts of SQS are approximate, and S3 announces an object a moment after it was put.
_QUIET_LOOKS: Final = 8


def seconds_until(is_there: Callable[[], bool], since: float, stuck_after: float = _STUCK_SECONDS) -> float | None:
    """Wait until something is there.

    Args:
        is_there: looks.
        since: of `time.monotonic`, from which seconds are counted.
        stuck_after: so many.

    Returns:
        The seconds; None where it was not there for a long time.
    """
    while time.monotonic() - since < stuck_after:
        if is_there():
            return time.monotonic() - since
        time.sleep(_POLL_SECONDS)
    return None


def wait_until_settled(aws: Endpoint, deployed: DeployedLake, is_calm: Callable[[], bool] = lambda: True) -> bool:
    """Wait until curation has nothing left to do, and nothing is on its way to it.

    Returns:
        False where it still had after a long time.
    """
    started, quiet = time.monotonic(), 0
    while time.monotonic() - started < _STUCK_SECONDS:
        quiet = quiet + 1 if is_calm() and not messages_in(aws, deployed.curation_queue_url) else 0
        if quiet >= _QUIET_LOOKS:
            return True
        time.sleep(_POLL_SECONDS)
    return False
