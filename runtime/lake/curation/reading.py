"""Raw objects, and what can be read in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baler.lake.normalise import NoAnswerError, normalised
from runtime.lake.curation.sighting import Sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from baler.lake.raw_key import RawMetadata
    from baler.lake.sources import Source


class UnreadableError(ValueError):
    """A raw object holds nothing that can be read."""


@dataclass(frozen=True, slots=True)
class RawObject:
    """A raw object as it lies there."""

    content: bytes
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be curated, while others of its raw object can.

    Attributes:
        reason: a word of ours for what is wrong with it; never content.
        place: in what the source sent, from 0; None where the record has an id.
        id: of the record; None where it has none that can be used.
        field: curated name of the declared field that it is wrong with, or "".
    """

    reason: str
    place: int | None = None
    id: str | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a raw object holds.

    Attributes:
        sightings: good records, in the order of the source; one may be there several times.
        bad: the others.
    """

    sightings: Sequence[Sighting]
    bad: Sequence[BadRecord]


def reader_of(sources: Mapping[str, Source]) -> Callable[[str, RawMetadata, bytes], Reading]:
    """Return what reads raw objects by their source's declaration.

    Args:
        sources: by name.
    """

    def read(key: str, metadata: RawMetadata, content: bytes) -> Reading:
        source = sources.get(metadata.source)
        if source is None:
            # Its raw object stays, and comes from the dead letters once it is declared.
            raise UnreadableError("its source is not declared")
        try:
            records, bad = normalised(source, content)
        except NoAnswerError as error:
            raise UnreadableError(f"no answer of a source: {error.reason}") from error
        sightings = tuple(
            Sighting(each.id, each.source, metadata.order, each.fingerprint, key, each.fields, each.document)
            for each in records
        )
        return Reading(sightings, tuple(BadRecord(each.fault, each.place, None, each.field) for each in bad))

    return read
