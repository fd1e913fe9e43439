"""A sandbox that behaves as AWS does: FAULTS=aws on an ordinary day, FAULTS=bad-day on a bad one.

What that is stands in `localstack/plugins/baler_wire/profiles`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from sandbox.localstack.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.deployed import DeployedStack
    from sandbox.engine.endpoint import Endpoint

Faults = Literal["none", "aws", "bad-day"]

FaultsOption = Annotated[
    Faults,
    typer.Option("--faults", help="Behave as AWS does on an ordinary day, or on a bad one."),
]

NONE: Final[Faults] = "none"
_DAYS: Final[Mapping[Faults, str]] = {"aws": "an ordinary day", "bad-day": "a bad day"}


@dataclass(frozen=True, slots=True)
class MadeFaults:
    """What was done to a stack while it worked.

    Attributes:
        profile: what it was to behave as.
        requests: how many could meet a fault.
        by_service: how often each kind was made, by service.
    """

    profile: Faults
    requests: int
    by_service: Mapping[str, Mapping[str, int]]

    @property
    def by_kind(self) -> Mapping[str, int]:
        """How often each kind was made, the most frequent first."""
        kinds: Counter[str] = Counter()
        for counted in self.by_service.values():
            kinds.update(counted)
        return dict(kinds.most_common())

    @property
    def total(self) -> int:
        """How many were made."""
        return sum(self.by_kind.values())

    def __str__(self) -> str:
        """Return it in a line."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.by_kind.items())
        return f"{self.total} in {self.requests} requests on {_DAYS[self.profile]}: {kinds or 'none'}"

    def to_json(self) -> dict[str, Any]:
        """Return it as a document for programs."""
        return {
            "profile": self.profile,
            "requests": self.requests,
            "total": self.total,
            "by_service": {service: dict(kinds) for service, kinds in self.by_service.items()},
        }


class FaultInjection:
    """What a deployed stack meets from when it begins until it ends.

    Args:
        deployed: the stack.
        faults: what it is to meet.
        say: shows a line.
    """

    def __init__(self, deployed: DeployedStack, faults: Faults, say: Callable[[str], None]) -> None:
        self._wire = Wire(deployed.endpoint)
        self._faults: Faults = faults
        self._say = say

    def begin(self, *, spared: Endpoint | None = None) -> None:
        """Let faults be made from now on, but to one who is spared: whoever watches and judges."""
        if self._faults == NONE:
            return
        self._wire.put({"name": self._faults, "spared": [spared.access_key_id] if spared else []})
        self._say(f"From here on the services behave as AWS does on {_DAYS[self._faults]}.")

    def is_calm(self) -> bool:
        """Whether nothing is on its way that the outside cannot see."""
        return self._faults == NONE or self._wire.counts().on_the_way == 0

    def end(self) -> MadeFaults | None:
        """Let no more be made; return those that were, None where there were to be none."""
        if self._faults == NONE:
            return None
        counts = self._wire.counts()
        self._wire.clear()
        return MadeFaults(self._faults, sum(counts.requests.values()), counts.faults)
