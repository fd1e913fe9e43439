"""What the register needs of the archive bucket. Every call may raise the store's own error, which ends the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object as a listing shows it.

    Attributes:
        key: exact.
        bytes: its size.
        etag: without quotation marks.
        storage_class: in S3's words.
    """

    key: str
    bytes: int
    etag: str
    storage_class: str = "STANDARD"


@dataclass(frozen=True, slots=True)
class PackedManifest:
    """A bundle's manifest as it lies in the archive.

    Attributes:
        packed: its bytes, or somewhat more than any has that the aggregator writes.
        etag: of the object, without quotation marks.
        sha256: of the bundle, as the aggregator noted it beside; empty where it did not.
    """

    packed: bytes
    etag: str
    sha256: str


class RegisterReader(Protocol):
    """Reads the archive bucket."""

    def listed(self, prefix: str, after: str = "") -> Iterator[ListedObject]:
        """Yield what lies below a prefix and behind a key, in the order of keys."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Return bytes of an object: at most `length` from `start` on; None if it is not there."""
        ...


class RegisterStore(RegisterReader, Protocol):
    """What writing the register needs beside."""

    def manifests(self, bundle_ids: Sequence[str]) -> Iterator[PackedManifest | None]:
        """Yield the manifests of bundles, in that order; None for one that is not there."""
        ...

    def put(self, key: str, body: bytes) -> bool:
        """Put an object where the key is free; False where it is taken, perhaps by an earlier try of this very call."""
        ...
