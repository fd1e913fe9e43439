"""Claims and bundle records: what the claim table holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

# Stands before the bundle id of a claim that was given back.
_GIVEN_BACK: Final = "given-back#"


class BundleState(StrEnum):
    """How far a bundle is known to have come. A bundle without a record may have come to any point."""

    ARCHIVED = "archived"
    """It is in the archive; the attempt that put it there could not put it into the mailbox."""

    COMMITTED = "committed"
    """It is in the archive and was put into the mailbox: the end."""


def partition_key(identity: str) -> str:
    """Return the key in the table of the claims on a file.

    Four hexadecimal characters of a hash come first, so that the time-ordered keys of an external party spread over
    DynamoDB's partitions (requirement document 3, section 2.2).
    """
    return f"{hashlib.sha256(identity.encode()).hexdigest()[:4]}#{identity}"


def record_key(bundle_id: str) -> str:
    """Return the key in the table of a bundle's record."""
    return f"bundle#{bundle_id}"


def rejection_key(identity: str) -> str:
    """Return the key in the table of the rejection of a file: beside the file's claim, which it does not touch."""
    return f"rejected#{partition_key(identity)}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease: this attempt is bundling this file.

    Attributes:
        identity: the file (see LandedFile.identity).
        bundle_id: the bundle of the attempt; unique per attempt, so it also names the owner. In a claim that was given
            back it names no bundle, and no other claim either.
        lease_until: seconds since the epoch; past it, the owner is no longer alive.
        expires_at: seconds since the epoch; past it, the claim counts as absent (DynamoDB deletes it later).
    """

    identity: str
    bundle_id: str
    lease_until: float
    expires_at: int

    @property
    def partition_key(self) -> str:
        """The claim's key in the table."""
        return partition_key(self.identity)

    @property
    def is_given_back(self) -> bool:
        """Whether the file is free to be taken over."""
        return self.bundle_id.startswith(_GIVEN_BACK)

    def given_back(self) -> Claim:
        """Return what takes the claim's place when its owner gives it back.

        It is kept and not deleted, so that what the table holds on a file never is again what it once was: a late
        request of any attempt, whose condition was true then, finds it false.
        """
        return replace(self, bundle_id=_GIVEN_BACK + self.bundle_id, lease_until=0.0)


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """What is known of a bundle, written once it is in the archive.

    Attributes:
        bundle_id: the bundle.
        state: how far it came.
        expires_at: seconds since the epoch; later than that of every claim on the bundle.
    """

    bundle_id: str
    state: BundleState
    expires_at: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file whose message the function moved to the dead-letter queue: people decide what becomes of it.

    Attributes:
        identity: the file (see LandedFile.identity).
        reason: why it was rejected.
        expires_at: seconds since the epoch; as that of a claim.
    """

    identity: str
    reason: str
    expires_at: int

    @property
    def partition_key(self) -> str:
        """Its key in the table."""
        return rejection_key(self.identity)
