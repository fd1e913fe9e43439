"""A token bucket for each route of a stage that has limits.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Limit:
    """Of requests: `rate` a second in the long run, `burst` at once."""

    rate: float
    burst: int


def limit_of(route_key: str, default: Mapping[str, Any], by_route: Mapping[str, Mapping[str, Any]]) -> Limit | None:
    """Return the limit of a route, by the stage's settings; None where they set none."""
    settings = {**default, **by_route.get(route_key, {})}
    rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
    if rate is None and burst is None:
        return None
    # Of the two that are always set together by ours, AWS takes the account's for one that is missing.
    return Limit(float(rate if rate is not None else 10_000), int(burst if burst is not None else 5_000))


class Throttle:
    """The buckets of all APIs of a gateway."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Make it without any bucket.

        Args:
            clock: returns seconds that never go back.
        """
        self._clock = clock
        self._buckets: dict[tuple[str, ...], tuple[Limit, float, float]] = {}
        self._lock = threading.Lock()

    def admits(self, bucket: tuple[str, ...], limit: Limit | None) -> bool:
        """Take a token from a bucket, which is full at first; False where it is empty.

        Args:
            bucket: names the API, the stage and the route.
            limit: None admits everything.
        """
        if limit is None:
            return True
        now = self._clock()
        with self._lock:
            known, tokens, since = self._buckets.get(bucket, (limit, float(limit.burst), now))
            if known != limit:
                tokens, since = float(limit.burst), now
            tokens = min(limit.burst, tokens + (now - since) * limit.rate)
            admitted = tokens >= 1
            self._buckets[bucket] = (limit, tokens - 1 if admitted else tokens, now)
            return admitted
