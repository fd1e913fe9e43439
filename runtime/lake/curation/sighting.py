"""What a raw object shows of a record, what the table holds of it, and what the one means for the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from baler.lake.order import Order


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record as one raw object shows it.

    Attributes:
        id: of the record.
        source: name of its source.
        order: of the raw object.
        fingerprint: of what the record holds; equal where nothing changed.
        raw_s3_key: of the raw object.
        fields: declared fields, by their curated names: texts and exact numbers.
        document: the record as JSON text; None where it is too large for the table, and stays in the raw object.
    """

    id: str
    source: str
    order: Order
    fingerprint: str
    raw_s3_key: str
    fields: Mapping[str, object]
    document: str | None

    @property
    def day(self) -> date:
        """The day on which it was captured, in UTC: that of the schedule, whenever it is curated."""
        return self.order.captured_at.date()


@dataclass(frozen=True, slots=True)
class Known:
    """What the table holds of a record, as far as a sighting is compared with it.

    Attributes:
        id: of the record.
        fingerprint: of its content: of the newest raw object that showed the record.
        seen: order of that raw object.
        changed: order of the oldest raw object known to have shown this content since the record had another one.
        other: order of the newest raw object that showed another content; None where none is known.
        captured_at: time of the oldest raw object that showed the record at all. It is counted under its day.
    """

    id: str
    fingerprint: str
    seen: Order
    changed: Order
    other: Order | None
    captured_at: datetime

    @classmethod
    def of(cls, sighting: Sighting) -> Known:
        """Return what is known of a record that is new."""
        order = sighting.order
        return cls(sighting.id, sighting.fingerprint, order, order, None, order.captured_at)

    @property
    def day(self) -> date:
        """The day that the record is counted under, in UTC."""
        return self.captured_at.date()

    def after(self, sighting: Sighting) -> Known:
        """Return what is known once a sighting is known too.

        All of it is a greatest or a least of what was sighted, so that the order in which sightings come makes no
        difference, with one exception. Where another content turns out to have been there between `changed` and
        `seen`, nobody knows any more which raw object was the first after it. Then `changed` is `seen`, which is true,
        but may be later than need be until those raw objects are curated again.
        """
        order = sighting.order
        captured_at = min(self.captured_at, order.captured_at)
        if sighting.fingerprint != self.fingerprint and order >= self.seen:
            # The same order means that the declaration was changed: what the former one called another content says
            # nothing of this one.
            other = self.seen if order > self.seen else None
            return Known(self.id, sighting.fingerprint, order, order, other, captured_at)
        if sighting.fingerprint != self.fingerprint:
            other = order if self.other is None else max(self.other, order)
            changed = self.seen if self.changed < order else self.changed
            return replace(self, changed=changed, other=other, captured_at=captured_at)
        changed = self.changed if self.other is not None and order < self.other else min(self.changed, order)
        return replace(self, seen=max(self.seen, order), changed=changed, captured_at=captured_at)


class Step(StrEnum):
    """What a sighting means for a record that is known."""

    NONE = "none"
    """The table knows it, or all that follows from it."""

    STAMP = "stamp"
    """The content stays, and what is known of its times does not. Without that a message that comes late would put
    back what the source had before: captured A, then A again, then B, which lies between them."""

    REPLACE = "replace"
    """The content is another, and newer. Or the same raw object reads differently: its declaration was changed."""

    MOVE = "move"
    """It is from before the day under which the record is counted."""


def step_for(sighting: Sighting, known: Known) -> Step:
    """Return what to do; whatever order sightings come in, the table ends the same (see `Known.after`)."""
    after = known.after(sighting)
    if after == known:
        return Step.NONE
    if after.fingerprint != known.fingerprint:
        return Step.REPLACE
    return Step.STAMP if after.day == known.day else Step.MOVE


def unique(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """Return sightings of one raw object by id; of several of one record the last counts, as it was sent last."""
    return {each.id: each for each in sightings}
