"""Protocols that are wrong, each in one way: what the simulation must find, or it proves nothing of the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.claims.model import BundleRecord, BundleState
from runtime.claims.ports import InArchive, Unavailable
from runtime.claims.protocol import ClaimProtocol, Fate, Standing
from simulation.invariants import short
from simulation.situation import Design
from simulation.stores import Archive, Table

if TYPE_CHECKING:
    from runtime.bundle.writer import Bundle
    from runtime.claims.model import Claim


class WithoutLease(ClaimProtocol):
    """The requirement documents' check-and-set: whatever has a claim is a duplicate."""

    def _fate(self, old: Claim) -> Fate:
        del old
        return Fate.DELIVERED


class CommitsFirst(Archive):
    """Notes a bundle as committed before it is in the archive."""

    def put(self, bundle: Bundle) -> InArchive:
        record = BundleRecord(bundle.bundle_id, BundleState.COMMITTED, 2**40)
        table = self._memory.table
        self._call("table.record", f"{short(bundle.bundle_id)} committed", lambda: table.record(record))
        return super().put(bundle)


class TakesOverUnseen(ClaimProtocol):
    """Takes a claim over when its lease has run out, without a look into the archive."""

    def _fate(self, old: Claim) -> Fate:
        try:
            unrecorded = self._table.bundle(old.bundle_id) is None
        except Unavailable:
            return Fate.UNKNOWN
        if unrecorded and old.lease_until <= self._clock():
            return Fate.ABANDONED
        return super()._fate(old)


class NeverSpoiled(ClaimProtocol):
    """Takes a call to the claim table that was not answered for one that went well."""

    def _claim(self, claim: Claim) -> Claim | Unavailable | None:
        answer = super()._claim(claim)
        return None if isinstance(answer, Unavailable) else answer

    def _give_back(self, claim: Claim) -> None:
        super()._give_back(claim)


class LooksInsteadOfFencing(Archive):
    """Looks whether a bundle is in the archive, which does not keep it from arriving later."""

    def fence(self, bundle_id: str) -> InArchive:
        objects = self._memory.archive.objects
        found = self._call("archive.head", short(bundle_id), lambda: objects.get(bundle_id))
        return InArchive.FENCE if found is None else InArchive.BUNDLE


class NeverLooksAgain(ClaimProtocol):
    """Believes that a claim which was seen still stands when its bundle is found to be archived."""

    def _look_again(self, pairs: list[tuple[Claim, Claim]], standing: Standing) -> None:
        standing.duplicates.update(claim.identity for claim, _ in pairs)


class GivesBackByDeleting(Table):
    """Deletes a claim that is given back, so that a late request can write it once more."""

    def give_back(self, claim: Claim) -> None:
        claims = self._memory.table.claims

        def effect() -> None:
            if claim.identity in claims and claims[claim.identity].bundle_id == claim.bundle_id:
                del claims[claim.identity]

        self._call("table.give_back", f"{claim.identity} for {short(claim.bundle_id)}", effect)


BROKEN: Final = {
    "without-lease": Design(protocol=WithoutLease),
    "commits-first": Design(archive=CommitsFirst),
    "takes-over-unseen": Design(protocol=TakesOverUnseen),
    "never-spoiled": Design(protocol=NeverSpoiled),
    "looks-instead-of-fencing": Design(archive=LooksInsteadOfFencing),
    "never-looks-again": Design(protocol=NeverLooksAgain),
    "gives-back-by-deleting": Design(table=GivesBackByDeleting),
}
