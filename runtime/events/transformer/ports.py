"""What the transformer asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProcessedContent:
    """What was made of a raw object.

    Attributes:
        body: of the processed object.
        events: how many it holds.
        first_arrived_at: when the first of them, which has waited longest, came into the stream; seconds since the
            epoch.
    """

    body: bytes
    events: int
    first_arrived_at: float


class Transform(Protocol):
    """Makes processed events of raw ones."""

    def __call__(self, body: bytes, /) -> ProcessedContent:
        """Return what becomes of the body of a raw object; equal bodies give equal records.

        Raises:
            ForeignObjectError: a processor writes no such lines.
        """
        ...


class Source(Protocol):
    """The raw objects. It has no way to delete one."""

    def get(self, key: str) -> bytes | None:
        """Return an object; None if there is none. Raises Unavailable."""
        ...


class Target(Protocol):
    """The processed objects."""

    def put(self, key: str, body: bytes) -> None:
        """Write what was made of a raw object, under its key; writing it again replaces it. Raises Unavailable."""
        ...
