"""The profile that is in force in this LocalStack, with its dice and its counts."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from baler_wire.batches import OPERATIONS
from baler_wire.counts import Counts
from baler_wire.dice import Dice
from baler_wire.profile import Profile

if TYPE_CHECKING:
    from baler_wire.profile import Fault
    from baler_wire.requests import RequestHead

_MOMENTS = {
    "failed": ("before", "after"),
    "reset": ("before", "midway", "after"),
    "silent": ("before", "midway", "after"),
}


@dataclass
class InForce:
    """A profile from when it was given until the next one is: dice and counts begin with it."""

    profile: Profile = field(default_factory=Profile)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        """Take the profile's seed."""
        self.dice = Dice(self.profile.seed)
        self._matched: Counter[int] = Counter()
        self._met: Counter[int] = Counter()
        self._lock = threading.Lock()

    def concerns(self, head: RequestHead) -> bool:
        """Tell whether anything can become of a request, and count it if so."""
        if not head.service or head.internal or head.access_key in self.profile.spared:
            return False
        self.counts.request(head.service)
        return True

    def latency_seconds(self, head: RequestHead) -> float:
        """Draw how long an answer takes beside what it takes LocalStack."""
        latency = self.profile.latency.get(head.service) or self.profile.latency.get("*")
        if latency is None:
            return 0.0
        return self.dice.milliseconds(f"latency {head.service} {head.operation}", latency) / 1000

    def fault_of(self, head: RequestHead, body: bytes) -> Fault | None:
        """Draw what becomes of a request; its `when` is one where the profile leaves it open.

        Args:
            head: of the request.
            body: as much of it as may be searched for a text.
        """
        for place, fault in enumerate(self.profile.faults):
            if _is_about(fault, head, body) and self._meets(place, fault, head):
                self.counts.fault(head.service, fault.kind)
                moments = _MOMENTS.get(fault.kind, ("",))
                drawn = moments[int(self.dice.share(f"when {place} {head.service} {head.operation}") * len(moments))]
                return fault if fault.when else replace(fault, when=drawn)
        return None

    def _meets(self, place: int, fault: Fault, head: RequestHead) -> bool:
        with self._lock:
            self._matched[place] += 1
            if self._matched[place] <= fault.skip or (fault.count is not None and self._met[place] >= fault.count):
                return False
            if self.dice.share(f"fault {place} {head.service} {head.operation}") >= fault.rate:
                return False
            self._met[place] += 1
            return True

    def happens(self, service: str, kind: str, share: float) -> bool:
        """Return whether something is to happen that happens to a share of its kind, and count it then."""
        drawn = share > 0 and self.dice.share(f"{service} {kind}") < share
        if drawn:
            self.counts.fault(service, kind)
        return drawn


_in_force = InForce()


def in_force() -> InForce:
    """Return it; a caller keeps what it got for one request."""
    return _in_force


def put_in_force(profile: Profile) -> None:
    """Let another one hold from now on."""
    global _in_force  # noqa: PLW0603 - one per LocalStack; replaced as a whole, so that no thread sees half of it
    _in_force = InForce(profile)


def _is_about(fault: Fault, head: RequestHead, body: bytes) -> bool:
    return (
        fault.service in {"*", head.service}
        and fault.operation in {"*", head.operation}
        and (fault.kind != "partial" or head.operation in OPERATIONS)
        and (not fault.about or fault.about in head.target or fault.about.encode() in body)
    )
