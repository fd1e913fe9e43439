"""What a raw object shows of a record, what the table holds of it, and what the one means for the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

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
        fingerprint: of its content.
        seen: order of the newest raw object that showed this content.
        first_day: the day that it is counted under: of the oldest raw object that showed the record at all.
    """

    id: str
    fingerprint: str
    seen: Order
    first_day: date


class Step(StrEnum):
    """What a sighting means for a record that is known."""

    NONE = "none"
    """The table knows it, or something newer."""

    STAMP = "stamp"
    """The content is the known one, and it was there later than the table knows. Without that a message that comes
    late would put back what the source had before: captured A, then A again, then B, which lies between them."""

    REPLACE = "replace"
    """The content is another, and newer. Or the same raw object reads differently: its declaration was changed."""

    MOVE = "move"
    """It is from before the day under which the record is counted."""


def step_for(sighting: Sighting, known: Known) -> Step:
    """Return what to do; whatever order sightings come in, the table ends the same."""
    if sighting.order > known.seen:
        return Step.STAMP if sighting.fingerprint == known.fingerprint else Step.REPLACE
    if sighting.order == known.seen and sighting.fingerprint != known.fingerprint:
        return Step.REPLACE
    return Step.MOVE if sighting.day < known.first_day else Step.NONE


def unique(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """Return sightings of one raw object by id; of several of one record the last counts, as it was sent last."""
    return {each.id: each for each in sightings}
