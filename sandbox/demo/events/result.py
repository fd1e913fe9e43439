"""What the demo found, and its verdict."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from baler.events.objectives import END_TO_END_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.demo.events.proof import Proof
    from sandbox.faults import MadeFaults

FEWER_TIMES: Final = 50
"""So many times fewer objects a query reads of a compacted day, at least."""

RECORDS: Final = 6000
"""What is sent unless another number is asked for: sixty batches, so that each hour lies in as many objects. Fewer
records cannot show how many times fewer files the table has."""


@dataclass(frozen=True, slots=True)
class EventsResult:
    """What the demo found.

    Attributes:
        records: how many were sent, and lie in the stream.
        events: how many of them were good.
        rejections: how many were bad.
        redelivered: records that the processor was given once more.
        redelivered_in_vain: those of them that were committed were taken for done, without an exception.
        shards: how many there were before and after the reshard.
        sent_per_second: what the producer came to.
        latencies: seconds from the arrival in the stream to where the processed object was, at the latest, by event,
            sorted.
        processed_objects: how many there are.
        table_files: how many data files the table consists of, as it grew.
        compacted_files: how many after its closed hours were rewritten.
        proof: what is wrong.
        settled: everything had come to its place in time.
        sent_twice: how many of the records the producer sent again, and the stream had taken: they are two each.
        faults: what was done to the stack meanwhile; None where nothing was to be.
    """

    records: int
    events: int
    rejections: int
    redelivered: int
    redelivered_in_vain: bool
    shards: tuple[int, int]
    sent_per_second: float
    latencies: Sequence[float]
    processed_objects: int
    table_files: int
    compacted_files: int
    proof: Proof
    settled: bool
    sent_twice: int = 0
    faults: MadeFaults | None = None

    @property
    def exact(self) -> bool:
        """Every good record is an event exactly once, every bad one is rejected for its reason, and all adds up."""
        return self.proof.exact and self.settled and self.redelivered_in_vain

    @property
    def in_time(self) -> bool:
        """95 % of the events are processed within the objective (requirement document 5, data flow)."""
        return bool(self.latencies) and self.percentile(95) < END_TO_END_SECONDS

    @property
    def compact(self) -> bool:
        """The table is as compact as it should be, or too little was sent to tell."""
        return self.records < RECORDS or self.fewer_times >= FEWER_TIMES

    @property
    def passed(self) -> bool:
        """Exact, in time and compact; how fast it is on a day with faults is said, and not judged."""
        return self.exact and (self.in_time or self.faults is not None) and self.compact

    @property
    def fewer_times(self) -> float:
        """How many times fewer objects a query of a compacted day reads."""
        return self.processed_objects / self.compacted_files if self.compacted_files else 0.0

    def percentile(self, share: float) -> float:
        """Return the latency, in seconds, that `share` percent of the events do not exceed (nearest rank)."""
        return self.latencies[max(0, math.ceil(len(self.latencies) * share / 100) - 1)]

    def percentiles(self) -> Mapping[str, float]:
        """Return the latencies, in seconds, that are reported."""
        return {f"p{share:g}": round(self.percentile(share), 3) for share in (50, 95, 99)} if self.latencies else {}

    def to_json(self) -> dict[str, Any]:
        """Return it as a document for programs, percentiles in place of every latency."""
        document = asdict(self)
        del document["latencies"]
        return {
            **document,
            "faults": self.faults and self.faults.to_json(),
            "latency_seconds": self.percentiles(),
            "exact": self.exact,
            "in_time": self.in_time,
            "compact": self.compact,
            "passed": self.passed,
            "fewer_times": round(self.fewer_times, 1),
        }
