"""How many bundles are sent beside each other: one more for each acceptance, half as many when that is too much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from baler.files.courier.answer import Meaning

if TYPE_CHECKING:
    from baler.files.courier.answer import Answer


@dataclass(frozen=True, slots=True)
class Pace:
    """Parallel sends.

    Attributes:
        most: of them at any time, at least 1.
        sends: of the next round.
    """

    most: int
    sends: int = 1

    def after(self, answer: Answer) -> Pace:
        """Return the pace after an answer."""
        match answer.meaning:
            case Meaning.ACCEPTED:
                return replace(self, sends=min(self.sends + 1, self.most))
            case Meaning.BUSY | Meaning.UNREACHABLE:
                return replace(self, sends=max(self.sends // 2, 1))
            case Meaning.REFUSED | Meaning.MISPLACED | Meaning.UNAUTHORIZED:
                return self
