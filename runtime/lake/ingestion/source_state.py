"""What is known of a source between two runs: who fetches it, what the last fetch brought, and how it fares."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.lake.sources import PAGES_MAX

if TYPE_CHECKING:
    from datetime import datetime

    from baler.lake.sources import Source

GENERATIONS: Final = PAGES_MAX
"""Each attempt takes so many: one for each raw object that it may put."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the last fetch brought, all of which is in the raw layer for certain.

    Attributes:
        content: SHA-256 of all its pages, 64 hexadecimal digits.
        declaration: SHA-256 of the declaration that it was fetched by.
        etag, last_modified: as the source sent them, or "".
    """

    content: str
    declaration: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source.

    Attributes:
        source: its name.
        revision: writes so far; a write is conditional on it.
        written_by: the attempt that wrote last, by which it knows its own write again.
        lease: of the attempt that fetches, "" for none.
        lease_until: when anyone may take it, seconds since the epoch.
        generation: the last one that an attempt took.
        remembered: None where it is not certain what curation was last given: then all is published again.
        last_event: time of the latest event that a run began for: it may have published, so that what is fetched for an
            earlier one would never be the newest.
        event_done: a run for it ended well.
        failures: runs in a row that did not end well.
        last_success: time of the latest event whose run ended well.
        last_reason: why the last run did not end well, or "".
    """

    source: str
    revision: int = 0
    written_by: str = ""
    lease: str = ""
    lease_until: float = 0.0
    generation: int = 0
    remembered: Remembered | None = None
    last_event: datetime | None = None
    event_done: bool = False
    failures: int = 0
    last_success: datetime | None = None
    last_reason: str = ""

    @classmethod
    def new(cls, source: str) -> SourceState:
        """Return that of a source which was never fetched."""
        return cls(source)

    def taken(self, event: datetime, lease: str, until: float) -> SourceState:
        """Return it with the lease of a new attempt for an event, which is no earlier than `last_event`.

        An attempt that left its lease behind died, and may have published something or not: what was remembered is
        forgotten. So the lease is also the note, written before, that something may be published.
        """
        return dataclasses.replace(
            self,
            revision=self.revision + 1,
            written_by=lease,
            lease=lease,
            lease_until=until,
            generation=self.generation + GENERATIONS,
            remembered=None if self.lease else self.remembered,
            last_event=event,
            event_done=False,
        )

    def ended_well(self, remembered: Remembered) -> SourceState:
        """Return it after a run whose every page is published, or was before."""
        return dataclasses.replace(
            self._released(),
            remembered=remembered,
            event_done=True,
            failures=0,
            last_success=self.last_event,
            last_reason="",
        )

    def failed(self, reason: str, *, published: bool) -> SourceState:
        """Return it after a run that did not end well.

        Args:
            reason: why.
            published: something was put, or may have been.
        """
        return dataclasses.replace(
            self._released(),
            remembered=None if published else self.remembered,
            failures=self.failures + 1,
            last_reason=reason,
        )

    def _released(self) -> SourceState:
        return dataclasses.replace(self, revision=self.revision + 1, lease="", lease_until=0.0)


def declaration_of(source: Source) -> str:
    """Return the SHA-256 of a declaration: what was fetched by another is not compared with."""
    return hashlib.sha256(repr(source).encode()).hexdigest()
