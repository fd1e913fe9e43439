"""What the transformer asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


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


class Concurrently(Protocol):
    """Calls for several items at the same time."""

    def __call__(self, call: Callable[[_Item], _Result], items: Iterable[_Item], /) -> Iterable[_Result]:
        """Return the results, in the order of the items."""
        ...


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
