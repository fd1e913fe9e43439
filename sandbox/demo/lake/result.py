"""What the demo found, and its verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from baler.lake.objectives import VISIBLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.demo.lake.proof import Proof
    from sandbox.faults import MadeFaults


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a step had to show.

    Attributes:
        name: a sentence that is true where it did.
        met: whether it did.
    """

    name: str
    met: bool


@dataclass(frozen=True, slots=True)
class LakeResult:
    """What the demo found.

    Attributes:
        records: how many there are, by source.
        raw_objects: how many there are, by source.
        requests: how often each stand-in was asked.
        latencies: seconds from the schedule's event to the record in what the API says, step by step.
        checks: of the steps.
        proof: what is wrong.
        settled: everything had come to its place in time.
        dashboard: its address; "" where there is none.
        faults: what was done to the stack meanwhile; None where nothing was to be.
    """

    records: Mapping[str, int]
    raw_objects: Mapping[str, int]
    requests: Mapping[str, int]
    latencies: Mapping[str, float | None]
    checks: Sequence[Check]
    proof: Proof
    settled: bool
    dashboard: str
    faults: MadeFaults | None = None

    @property
    def exact(self) -> bool:
        """Every record is there once and right, and each step showed what it had to."""
        return self.proof.exact and self.settled and all(check.met for check in self.checks)

    @property
    def in_time(self) -> bool:
        """Each step's records could be seen within the objective (requirement document 4, data flow)."""
        return all(seconds is not None and seconds < VISIBLE_SECONDS for seconds in self.latencies.values())

    @property
    def passed(self) -> bool:
        """Exact and in time; how fast it is on a day with faults is said, and not judged."""
        return self.exact and (self.in_time or self.faults is not None)

    def to_json(self) -> dict[str, Any]:
        """Return it as a document for programs."""
        return {
            **asdict(self),
            "latencies": {
                name: None if seconds is None else round(seconds, 2) for name, seconds in self.latencies.items()
            },
            "faults": self.faults and self.faults.to_json(),
            "exact": self.exact,
            "in_time": self.in_time,
            "passed": self.passed,
        }
