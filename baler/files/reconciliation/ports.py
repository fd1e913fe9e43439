"""What a comparison of landed files with claims needs of the outside.

Every call may raise Unavailable (see baler/files/claims/ports.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from baler.files.claims.model import BundleRecord, Claim
    from baler.files.landed_file import LandedFile


@dataclass(frozen=True, slots=True)
class Marker:
    """The last version of a page: the next page begins behind it.

    Attributes:
        key: the exact, decoded object key.
        version_id: as S3 writes it, "null" included.
    """

    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A part of the landing bucket's versions, in the order of their keys; delete markers are left out.

    Attributes:
        files: each with the time at which S3 took it as its event time.
        next: where the next page begins; None where this is the last one.
    """

    files: Sequence[LandedFile]
    next: Marker | None


class LandedVersions(Protocol):
    """The versions in the landing bucket."""

    def page(self, after: Marker | None) -> VersionPage:
        """Return the page behind a marker, or the first one. The marker's own version may be gone meanwhile."""
        ...


class ClaimReader(Protocol):
    """Reads the claim table, strongly consistent, many items at a time. What is not there is left out."""

    def claims(self, identities: Collection[str]) -> Mapping[str, Claim]:
        """Return the claims on files, by the identity of the file."""
        ...

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, BundleRecord]:
        """Return the records of bundles, by bundle id."""
        ...

    def rejections(self, identities: Collection[str]) -> Mapping[str, str]:
        """Return why files are known to be among the dead letters, by the identity of the file."""
        ...


class IngestQueue(Protocol):
    """The queue that announces files to the aggregator."""

    def depth(self) -> int:
        """Return about how many messages it holds, whether they can be received at the moment or not."""
        ...

    def send(self, bodies: Sequence[str]) -> None:
        """Send messages. Where it raises, any of them may have been sent."""
        ...
