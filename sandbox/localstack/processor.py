"""How much of the processor a LocalStack that runs has taken (plugins/baler_localstack/processor.py)."""

from __future__ import annotations

from typing import Any, Final

from urllib3 import PoolManager

_PATH: Final = "/_baler/processor"


def processor_seconds(endpoint: str) -> float:
    """Return user and system time of the LocalStack behind a URL since it began, without those of functions.

    It is one Python process, which computes in one thread at a time: where the seconds of a run come near its length,
    LocalStack was the limit.
    """
    document: dict[str, Any] = PoolManager().request("GET", endpoint.rstrip("/") + _PATH).json()
    return float(document["seconds"])
