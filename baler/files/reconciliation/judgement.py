"""What became of a landed file, by what the claim table holds on it.

One claim that was read may be stale by the time its bundle's record is read: a live attempt may have given it back and
archived its bundle without the file (decision 7). So a claim is judged only once its lease is over: its owner is dead
by then, and what it gave back it gave back before. Should an owner outlive its lease all the same, a wrong answer lasts
until the next sweep, which judges the same file again (see
runtime/files/reconciliation/progress.py, OVERLAP_SECONDS).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from baler.files.claims.model import BundleState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from baler.files.claims.model import Claim
    from baler.files.landed_file import LandedFile
    from baler.files.reconciliation.ports import ClaimReader

# Bundle ids that are remembered as delivered: about 5 MB. A day of the expected load has 39,000 bundles, and where keys
# are not in the order of time each of their files is met apart.
_REMEMBERED_MAX: Final = 50_000


class Judgement(StrEnum):
    """What became of a file."""

    DELIVERED = "delivered"
    """In a bundle that was archived and put into the mailbox."""

    IN_PROGRESS = "in_progress"
    """Claimed by an attempt that may be alive."""

    UNFINISHED = "unfinished"
    """Claimed by an attempt that ended, and not known to be delivered: announced again, it is finished."""

    MISSING = "missing"
    """Claimed by nobody: it was never announced, its message is gone, or it waits in the queue."""

    REJECTED = "rejected"
    """Not delivered, and its message is among the dead letters."""


NEEDS_ANNOUNCEMENT: Final = frozenset({Judgement.UNFINISHED, Judgement.MISSING})
SETTLED: Final = frozenset({Judgement.DELIVERED, Judgement.REJECTED})
"""What needs no second look by a later sweep."""


class Judge:
    """Judges files, as many at once as one page of a listing has.

    Args:
        reader: the claim table.
    """

    def __init__(self, reader: ClaimReader) -> None:
        self._reader = reader
        self._delivered: dict[str, None] = {}

    def judge(self, files: Sequence[LandedFile], now: float) -> Iterator[tuple[LandedFile, Judgement]]:
        """Yield each file with what became of it.

        Args:
            files: no older than a claim lives: an older one may have been delivered, and nothing is left to say so.
            now: seconds since the epoch.

        Raises:
            Unavailable: the claim table did not answer.
        """
        claims = {
            identity: claim
            for identity, claim in self._reader.claims([file.identity for file in files]).items()
            if claim.expires_at >= now and not claim.is_given_back
        }
        delivered = self._delivered_of(claims, now)
        judged = [(file, _judge(claims.get(file.identity), delivered, now)) for file in files]
        suspects = [file.identity for file, judgement in judged if judgement in NEEDS_ANNOUNCEMENT]
        rejected = self._reader.rejections(suspects) if suspects else ()
        for file, judgement in judged:
            yield file, Judgement.REJECTED if file.identity in rejected else judgement

    def _delivered_of(self, claims: Mapping[str, Claim], now: float) -> set[str]:
        """Return the bundles of claims whose lease is over that were delivered."""
        bundle_ids = {claim.bundle_id for claim in claims.values() if claim.lease_until <= now}
        unknown = sorted(bundle_ids.difference(self._delivered))
        for record in self._reader.bundles(unknown).values() if unknown else ():
            if record.state is BundleState.COMMITTED:
                self._delivered[record.bundle_id] = None
        delivered = bundle_ids.intersection(self._delivered)
        while len(self._delivered) > _REMEMBERED_MAX:
            del self._delivered[next(iter(self._delivered))]
        return delivered


def _judge(claim: Claim | None, delivered: set[str], now: float) -> Judgement:
    if claim is None:
        return Judgement.MISSING
    if claim.lease_until > now:
        return Judgement.IN_PROGRESS
    return Judgement.DELIVERED if claim.bundle_id in delivered else Judgement.UNFINISHED
