"""Sightings of records, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from baler.lake.order import Order
from baler.lake.raw_key import RawKey
from runtime.lake.curation.sighting import Sighting

SOURCE: Final = "posts"


def order(time: str, generation: int = 1) -> Order:
    """Return an order, of a time like "2026-03-08T10:00"."""
    return Order(datetime.fromisoformat(time).replace(tzinfo=UTC), generation)


def sighting(number: int, content: str, at: Order, *, document: str = "{}") -> Sighting:
    """Return a record as a raw object shows it."""
    key = RawKey.of(SOURCE, at.captured_at, content.encode()).text
    return Sighting(f"{SOURCE}-{number}", SOURCE, at, content, key, {"title": content}, document)
