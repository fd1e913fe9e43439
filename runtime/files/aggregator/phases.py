"""How an attempt divides the time that is left: each kind of call has a moment by which it is over, answered or not.

So a call that hangs costs its own file, and never the time that the others need to be bundled and delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Of the time that is left when an attempt begins, in the order of the moments. Unhurried, none of them is reached.
_SHARES: Final = (0.3, 0.7, 0.75, 0.8, 0.88, 0.94, 0.97)


@dataclass(frozen=True, slots=True)
class Phases:
    """Moments, in seconds since the epoch.

    Attributes:
        claim: claims are made, and what became of earlier attempts is found out.
        fetch: files are read.
        give_back: what the bundle leaves out is given back.
        move: where that is not known of all, the claims on the others are moved to another bundle id.
        archive: the bundle is archived.
        deliver: it is put into the mailbox; or, where it was not archived, its claims are given back.
        note: that is noted. What is left after it, the function needs to settle the messages.
    """

    claim: float
    fetch: float
    give_back: float
    move: float
    archive: float
    deliver: float
    note: float

    @classmethod
    def of(cls, now: float, deadline: float) -> Phases:
        """Divide the time from now until the process is killed."""
        left = deadline - now
        return cls(*(now + share * left for share in _SHARES))
