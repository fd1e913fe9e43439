"""How long something takes."""

from __future__ import annotations

from dataclasses import dataclass


class ProfileError(ValueError):
    """A document is no profile; the message says why."""


@dataclass(frozen=True)
class Latency:
    """How long a service takes to answer: a log-normal distribution by two of its percentiles.

    Attributes:
        p50_ms: half of the requests take at most so long, in milliseconds.
        p99_ms: 99 of 100 do.
    """

    p50_ms: float
    p99_ms: float

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        if not 0 < self.p50_ms <= self.p99_ms:
            raise ProfileError("latency: p50_ms is above 0 and at most p99_ms")
