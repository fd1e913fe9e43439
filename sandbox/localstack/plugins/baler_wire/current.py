"""The profile that is in force in this LocalStack, with its dice and its counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from baler_wire.counts import Counts
from baler_wire.dice import Dice
from baler_wire.profile import Profile


@dataclass
class InForce:
    """A profile from when it was given until the next one is: dice and counts begin with it."""

    profile: Profile = field(default_factory=Profile)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        """Take the profile's seed."""
        self.dice = Dice(self.profile.seed)

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
