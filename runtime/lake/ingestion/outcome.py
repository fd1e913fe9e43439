"""How a run of one source ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RunOutcome(StrEnum):
    """What became of a source in one run."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """The source has what the last fetch brought: nothing was put."""
    EMPTY = "empty"
    """It answered well, with no items, and not so the last time."""
    INCOMPLETE = "incomplete"
    """Pages were put, and the source may have more; counts as a failure in a row."""
    FAILED = "failed"
    BUSY = "busy"
    """Another run fetches it."""
    DONE = "done"
    """A run for the same event ended well."""
    SUPERSEDED = "superseded"
    """A run for a later event began."""
    FENCED = "fenced"
    """Its lease passed to another run meanwhile; what it put is older than what that one puts."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source in one run.

    Attributes:
        source: its name.
        outcome: what became of it.
        reason: why it did not end well, or "".
        records: items that were put.
        objects: raw objects that were put.
        keys: theirs, by which the trace of what curation does with them is found.
        failures: runs in a row that did not end well, this one included; 0 where it was not fetched.
        ours: it failed by a store or by ourselves, and not by the source: the event is worth a retry.
    """

    source: str
    outcome: RunOutcome
    reason: str = ""
    records: int = 0
    objects: int = 0
    keys: tuple[str, ...] = ()
    failures: int = 0
    ours: bool = False
