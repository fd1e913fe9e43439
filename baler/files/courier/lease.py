"""The courier's lease: of several couriers one sends, and another takes over when it dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baler.files.courier.breaker import Breaker

LEASE_SECONDS: Final = 30.0
"""How long a lease lasts without a renewal: what a courier that is killed costs those who wait."""

RENEWAL_SECONDS: Final = 10.0
"""How often a courier renews it, sending or waiting: two renewals may fail."""


class FencedError(Exception):
    """Another courier has taken the lease over: nothing more is sent, noted or removed."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A courier's right to send.

    Attributes:
        owner: who holds it.
        generation: which rises with each holder.
        bells: how often the bell had rung when this was read.
        breaker: the state that the holder before left.
    """

    owner: str
    generation: int
    bells: int
    breaker: Breaker
