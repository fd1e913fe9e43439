"""The versions of a record, where they are kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baler.lake.order import Order


@dataclass(frozen=True, slots=True)
class Version:
    """A record as one raw object shows it.

    Attributes:
        order: of the raw object.
        fingerprint: of what the record holds there.
        raw_s3_key: where it is.
    """

    order: Order
    fingerprint: str
    raw_s3_key: str


def versions_of(sightings: Iterable[Version]) -> list[Version]:
    """Return the versions of one record, oldest first: each time that its content became another.

    Every sighting is kept and the equal ones are left out here, because whether one is equal to the one before depends
    on those that are still to come.
    """
    versions: list[Version] = []
    for sighting in sorted(sightings, key=lambda each: each.order):
        if not versions or versions[-1].fingerprint != sighting.fingerprint:
            versions.append(sighting)
    return versions
