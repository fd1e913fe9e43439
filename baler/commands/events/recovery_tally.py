"""What a redrive or replay has done so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baler.cli.report import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class RecoveryTally:
    """Adds up answers.

    Attributes:
        counts: of records: `records` are done with, of which `recovered` by this run; they hold `events` and
            `rejections`. `beyond` wait for the stream's own reader.
        refused: what the function does not take, or dies of.
        waiting: what is left because something did not answer.
    """

    counts: Counter[str] = field(default_factory=Counter[str])
    refused: int = 0
    waiting: int = 0

    def add(self, answer: Mapping[str, Any]) -> None:
        """Count what a call did."""
        for name in ("recovered", "events", "rejections", "beyond"):
            self.counts[name] += answer[name]

    def sentence(self, *, dry_run: bool) -> str:
        """Return what was brought back, for people."""
        recovered = quantity(self.counts["recovered"], "record")
        if dry_run:
            return f"Would bring {recovered} back."
        events, rejections = quantity(self.counts["events"], "event"), quantity(self.counts["rejections"], "rejection")
        return f"Brought {recovered} back: {events}, {rejections}."
