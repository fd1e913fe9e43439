"""What the claim protocol asks of the outside: small interfaces, with the answers that a failure can have.

Every call may fail in a way that leaves open whether it took effect (a time-out). The adapters retry; what is left
is raised as Unavailable, and the protocol must be right whether or not the call took effect. Where the store is known
not to have done it (throttled, access denied), that is raised as Refused. The adapters raise nothing else.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.files.bundle.writer import Bundle
    from baler.files.claims.model import BundleRecord, Claim
    from baler.store_errors import Unavailable


class InArchive(Enum):
    """What lies under a bundle's key in the archive after a call."""

    BUNDLE = auto()
    """The bundle: it is archived, for good."""

    FENCE = auto()
    """A small object that some attempt put there: the bundle can never be archived."""


INSERTS_AT_ONCE: Final = 25
"""How many claims one call inserts at most: a batch of DynamoDB's statements has no more."""


class ClaimTable(Protocol):
    """Conditional writes on claims, and the records of bundles. Reads are strongly consistent."""

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        """Write claims on files that have none, at most INSERTS_AT_ONCE, with one call that is made once.

        Returns:
            For each by itself: None where it was written, the claim that stands (which may have expired, or be this
            very one), Refused where it is known not to be written, and Unavailable where it may be, now or later.
        """
        ...

    def claim(self, claim: Claim, now: float) -> Claim | None:
        """Write the claim if the file has none, or one that expired before `now` (seconds since the epoch).

        Returns:
            None where it was written, else the claim that stands (which may be this very one, written by a call
            that seemed to have failed).
        """
        ...

    def take_over(self, claim: Claim, old: Claim) -> bool:
        """Replace `old` by `claim`; False where `old` no longer stands."""
        ...

    def give_back(self, claim: Claim) -> None:
        """Replace the claim by `claim.given_back()` if it still belongs to its bundle."""
        ...

    def read_claim(self, claim: Claim) -> Claim | None:
        """Return the claim that stands on the same file, or None."""
        ...

    def bundle(self, bundle_id: str) -> BundleRecord | None:
        """Return the record of a bundle, or None."""
        ...

    def record(self, record: BundleRecord) -> None:
        """Write the record of a bundle, except ARCHIVED over any: it may be late, and the bundle COMMITTED by then."""
        ...


class Archive(Protocol):
    """The long-term store. What is under a bundle's key never changes: every write is put-if-absent."""

    def put(self, bundle: Bundle) -> InArchive:
        """Put the bundle if nothing is under its key, and tell what is there now."""
        ...

    def fence(self, bundle_id: str) -> InArchive:
        """Put a fence if nothing is under the bundle's key, and tell what is there now."""
        ...


class Mailbox(Protocol):
    """The distribution bucket, whence the consumer takes bundles."""

    def put(self, bundle: Bundle) -> None:
        """Put the bundle; putting it again puts the same bytes."""
        ...

    def copy_from_archive(self, bundle_id: str) -> None:
        """Put the archived bundle, with its metadata, under its own key."""
        ...
