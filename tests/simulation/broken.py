"""Protocols that are wrong, each in one way: what the simulation must find, or it proves nothing of the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime.aggregator.isolation import Isolation
from runtime.claims.model import BundleRecord, BundleState
from runtime.claims.ports import InArchive, Refused, Unavailable
from runtime.claims.protocol import ClaimProtocol, Fate, Standing
from simulation.invariants import short
from simulation.situation import Design
from simulation.stores import Archive, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


class TakesRefusalForSuccess(ClaimProtocol):
    """Takes a claim that was refused for one that was written."""

    def _claim(self, claim: Claim) -> Claim | Unavailable | None:
        answer = super()._claim(claim)
        return None if isinstance(answer, Refused) else answer


class TakesUnknownForRefused(ClaimProtocol):
    """Takes a claim whose call was not answered for one that was not written."""

    def _leave_out(self, claim: Claim, error: Unavailable, standing: Standing) -> None:
        del error
        standing.unknown.add(claim.identity)


class KeepsTheBundleId(ClaimProtocol):
    """Archives a bundle under an id that an uncertain claim may name."""

    def move(self, claims: Sequence[Claim], bundle_id: str) -> list[Claim] | None:
        del bundle_id
        return list(claims)


class CountsDeadlines(Isolation):
    """Does not note the end of a run that the clock ends: whatever is slow kills."""

    def _end_at(self, when: float, end: Callable[[], None]) -> Callable[[], None]:
        del when, end
        return lambda: None


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
    "takes-refusal-for-success": Design(protocol=TakesRefusalForSuccess),
    "takes-unknown-for-refused": Design(protocol=TakesUnknownForRefused),
    "keeps-the-bundle-id": Design(protocol=KeepsTheBundleId),
    "acknowledges-first": Design(acknowledges_first=True),
    "counts-deadlines": Design(isolation=CountsDeadlines),
    "looks-instead-of-fencing": Design(archive=LooksInsteadOfFencing),
    "never-looks-again": Design(protocol=NeverLooksAgain),
    "gives-back-by-deleting": Design(table=GivesBackByDeleting),
}
