"""A sandbox that behaves as AWS does: FAULTS=aws on an ordinary day, FAULTS=bad-day on a bad one.

What that is stands in `localstack/plugins/baler_wire/profiles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from sandbox.localstack.wire import Wire, faults_by_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.deployed import DeployedStack
    from sandbox.engine.endpoint import Endpoint

Faults = Literal["none", "aws", "bad-day"]

FaultsOption = Annotated[
    Faults,
    typer.Option("--faults", help="Behave as AWS does on an ordinary day, or on a bad one."),
]

SeedOption = Annotated[int, typer.Option("--seed", help="Another one is another day of the same kind.")]

NONE: Final[Faults] = "none"
_DAYS: Final[Mapping[Faults, str]] = {"aws": "an ordinary day", "bad-day": "a bad day"}


@dataclass(frozen=True, slots=True)
class Day:
    """What a stack is to meet.

    Attributes:
        faults: the kind of day; "none" for none at all.
        seed: of what happens on it.
    """

    faults: Faults = NONE
    seed: int = 0


CALM: Final = Day()
"""On which nothing happens."""


@dataclass(frozen=True, slots=True)
class MadeFaults:
    """What was done to a stack while it worked.

    Attributes:
        day: what it was to meet.
        requests: how many could meet a fault.
        by_service: how often each kind was made, by service.
    """

    day: Day
    requests: int
    by_service: Mapping[str, Mapping[str, int]]

    @property
    def by_kind(self) -> Mapping[str, int]:
        """How often each kind was made, the most frequent first."""
        return faults_by_kind(self.by_service)

    @property
    def total(self) -> int:
        """How many were made."""
        return sum(self.by_kind.values())

    def __str__(self) -> str:
        """Return it in a line."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.by_kind.items())
        return f"{self.total} in {self.requests} requests on {_DAYS[self.day.faults]}: {kinds or 'none'}"

    def to_json(self) -> dict[str, Any]:
        """Return it as a document for programs."""
        return {
            "profile": self.day.faults,
            "seed": self.day.seed,
            "requests": self.requests,
            "total": self.total,
            "by_service": {service: dict(kinds) for service, kinds in self.by_service.items()},
        }


class FaultInjection:
    """What a deployed stack meets from when it begins until it ends.

    Args:
        deployed: the stack.
        day: what it is to meet.
        say: shows a line.
    """

    def __init__(self, deployed: DeployedStack, day: Day, say: Callable[[str], None]) -> None:
        self._wire = Wire(deployed.endpoint)
        self._day = day
        self._say = say

    def begin(self, *, spared: Endpoint | None = None) -> None:
        """Let faults be made from now on, but to one who is spared: whoever watches and judges."""
        if self._day.faults == NONE:
            return
        keys = [spared.access_key_id] if spared else []
        self._wire.put({"name": self._day.faults, "seed": self._day.seed, "spared": keys})
        self._say(f"From here on the services behave as AWS does on {_DAYS[self._day.faults]}.")

    def is_calm(self) -> bool:
        """Whether nothing is on its way that the outside cannot see."""
        return self._day.faults == NONE or self._wire.counts().on_the_way == 0

    def end(self) -> MadeFaults | None:
        """Let no more be made; return those that were, None where there were to be none."""
        if self._day.faults == NONE:
            return None
        counts = self._wire.counts()
        self._wire.clear()
        return MadeFaults(self._day, sum(counts.requests.values()), counts.faults)
