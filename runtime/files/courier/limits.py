"""What the stack's settings allow a courier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baler.files.courier.breaker import BreakerLimits


@dataclass(frozen=True, slots=True)
class CourierLimits:
    """The stack's settings.

    Attributes:
        breaker: what opens the breaker, and how often it probes.
        send_timeout_seconds: for one send, its answer included.
        parallel_sends: at most so many beside each other.
        refusal_tries: refusals of one bundle after which it is set aside.
    """

    breaker: BreakerLimits
    send_timeout_seconds: float
    parallel_sends: int
    refusal_tries: int
