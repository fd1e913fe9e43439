"""What the transformer asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from baler.events.stream.shard_key import ShardKey


@dataclass(frozen=True, slots=True)
class ObjectName:
    """What the key of a raw object says.

    Attributes:
        shard: whose records it holds.
        first, last: sequence numbers of the first and last record of the batch that it was written for.
        sha256: of its content, as far as the key holds it: hexadecimal, maybe shortened.
    """

    shard: ShardKey
    first: str
    last: str
    sha256: str


class ReadName(Protocol):
    """Reads keys."""

    def __call__(self, key: str, /) -> ObjectName | None:
        """Return what a key says; None if no processor names an object so."""
        ...


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
