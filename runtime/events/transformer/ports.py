"""What the transformer asks of others."""

from __future__ import annotations

from typing import Protocol


class Transform(Protocol):
    """Makes processed events of raw ones."""

    def __call__(self, body: bytes, /) -> bytes:
        """Return the body of the processed object for that of a raw one; equal bodies give equal records."""
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
