"""How large an item of the table is at most, by DynamoDB's own arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runtime.lake.curation.sighting import Sighting

MOST_ITEM_BYTES: Final = 390_000
"""DynamoDB refuses an item of more than 400 KB; this leaves room for what is not counted here."""

# Names and values of our own attributes: id, source, both orders, fingerprint, raw key, days, times.
_OWN_BYTES: Final = 1_500
# A number takes up to 21 bytes; a name or a list adds a few.
_OTHER_BYTES: Final = 32


def bytes_of(sighting: Sighting) -> int:
    """Return an upper bound of what a record takes as an item."""
    fields = sum(len(name.encode()) + _value_bytes(value) for name, value in sighting.fields.items())
    document = 0 if sighting.document is None else len(sighting.document.encode())
    return _OWN_BYTES + fields + document


def fitted(sighting: Sighting) -> Sighting | None:
    """Return a sighting that fits into an item: without its document if need be, which stays in the raw object.

    None if its fields alone are too large.
    """
    if bytes_of(sighting) <= MOST_ITEM_BYTES:
        return sighting
    without = replace(sighting, document=None)
    return without if bytes_of(without) <= MOST_ITEM_BYTES else None


def _value_bytes(value: object) -> int:
    return _OTHER_BYTES + (len(value.encode()) if isinstance(value, str) else 0)
