"""When a source is asked again."""

from __future__ import annotations

import random
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

ATTEMPTS_MAX: Final = 4
"""Of one request of one run; the next run is minutes away."""

_FIRST_SECONDS: Final = 0.5
_ASKED_MAX: Final = 86_400.0


def may_pass(status: int) -> bool:
    """Whether another try may get another status."""
    return status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS} or status >= (
        HTTPStatus.INTERNAL_SERVER_ERROR
    )


def retry_after_seconds(value: str, now: float) -> float:
    """Return the seconds that a header Retry-After asks for, never negative; 0 where it says nothing of use.

    Args:
        value: of the header: seconds or a date (RFC 9110, 10.2.3).
        now: seconds since the epoch.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), _ASKED_MAX)
    try:
        moment = parsedate_to_datetime(text)
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0
    return min(max(asked, 0.0), _ASKED_MAX)


def backoff_seconds(attempt: int) -> float:
    """Return how long to wait before the next try: a random part of a bound that doubles.

    Args:
        attempt: tries so far, from 1.
    """
    return random.uniform(0, _FIRST_SECONDS * 2**attempt)  # noqa: S311 - spread, no secret
