"""Protocols that are wrong, each in one way: what the simulation must find, or it proves nothing of the real one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from baler.files.claims.model import BundleRecord, BundleState
from baler.files.claims.ports import InArchive
from baler.files.claims.protocol import BundleStatus, ClaimProtocol, ClaimResult
from baler.files.reconciliation.judgement import Judge, Judgement
from baler.store_errors import Refused, Unavailable
from runtime.files.aggregator.isolation import Isolation
from runtime.files.reconciliation.reconciler import Reconciler, ReconciliationReport
from simulation.broken_couriers import BROKEN_COURIERS
from simulation.invariants import short
from simulation.push import Delivery
from simulation.situation import Design
from simulation.stores import Archive, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from baler.files.bundle.writer import Bundle
    from baler.files.claims.model import Claim
    from baler.files.landed_file import LandedFile
    from runtime.files.reconciliation.progress import Progress, Sweep


class WithoutLease(ClaimProtocol):
    """The requirement documents' check-and-set: whatever has a claim is a duplicate."""

    def _status_of(self, old: Claim) -> BundleStatus:
        del old
        return BundleStatus.DELIVERED


class CommitsFirst(Archive):
    """Notes a bundle as committed before it is in the archive."""

    def put(self, bundle: Bundle) -> InArchive:
        record = BundleRecord(bundle.bundle_id, BundleState.COMMITTED, 2**40)
        table = self._memory.table
        self._call("table.record", f"{short(bundle.bundle_id)} committed", lambda: table.record(record))
        return super().put(bundle)


class TakesOverUnseen(ClaimProtocol):
    """Takes a claim over when its lease has run out, without a look into the archive."""

    def _status_of(self, old: Claim) -> BundleStatus:
        try:
            unrecorded = self._table.bundle(old.bundle_id) is None
        except Unavailable:
            return BundleStatus.UNKNOWN
        if unrecorded and old.lease_until <= self._clock():
            return BundleStatus.ABANDONED
        return super()._status_of(old)


class TakesRefusalForSuccess(ClaimProtocol):
    """Takes a claim that was refused for one that was written."""

    def _claim(self, claim: Claim) -> Claim | Unavailable | None:
        answer = super()._claim(claim)
        return None if isinstance(answer, Refused) else answer


class TakesUnknownForRefused(ClaimProtocol):
    """Takes a claim whose call was not answered for one that was not written."""

    def _leave_out(self, claim: Claim, error: Unavailable, result: ClaimResult) -> None:
        del error
        result.unknown.add(claim.identity)


class ForgetsTheInsert(ClaimProtocol):
    """Takes a claim whose insert was not answered, and whose second write was refused, for one that was not written."""

    def _claim_again(self, left: tuple[Claim, Claim | Unavailable | None]) -> Claim | Unavailable | None:
        return self._claim(left[0])


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

    def _look_again(self, pairs: list[tuple[Claim, Claim]], result: ClaimResult) -> None:
        result.duplicates.update(claim.identity for claim, _ in pairs)


class GivesBackByDeleting(Table):
    """Deletes a claim that is given back, so that a late request can write it once more."""

    def give_back(self, claim: Claim) -> None:
        claims = self._memory.table.claims

        def effect() -> None:
            if claim.identity in claims and claims[claim.identity].bundle_id == claim.bundle_id:
                del claims[claim.identity]

        self._call("table.give_back", f"{claim.identity} for {short(claim.bundle_id)}", effect)


class NeverReconciles(Reconciler):
    """Compares nothing: what is lost stays lost."""

    def run(
        self, grace_seconds: float, seconds_left: Callable[[], float], *, begin: bool = False
    ) -> ReconciliationReport:
        del grace_seconds, seconds_left, begin
        return ReconciliationReport(complete=True)


class TrustsDeadLeases(Reconciler):
    """Takes whatever was claimed for delivered."""

    def __init__(self, *ports: Any) -> None:
        super().__init__(*ports)
        self._judge = _TrustingJudge(ports[1])


class _TrustingJudge(Judge):
    def judge(self, files: Sequence[LandedFile], now: float) -> Iterator[tuple[LandedFile, Judgement]]:
        for file, judgement in super().judge(files, now):
            yield file, Judgement.DELIVERED if judgement is Judgement.UNFINISHED else judgement


class TakesArchivedForDelivered(Reconciler):
    """Takes a bundle that is archived, and not in the mailbox, for delivered."""

    def __init__(self, *ports: Any) -> None:
        super().__init__(*ports)
        self._judge = _HastyJudge(ports[1])


class _HastyJudge(Judge):
    def _delivered_of(self, claims: Mapping[str, Claim], now: float) -> set[str]:
        return set(self._reader.bundles({claim.bundle_id for claim in claims.values() if claim.lease_until <= now}))


class ForgetsTheYoung(Reconciler):
    """Judges what landed since the sweep before began, and so never what was too young for that one."""

    def __init__(self, *ports: Any) -> None:
        super().__init__(*ports)
        before: Progress | None = ports[3].saved
        self._since = before.begun_at if before is not None and before.sweep is None else 0.0

    def _settle(self, files: Sequence[LandedFile], sweep: Sweep, report: ReconciliationReport) -> float | None:
        new = [file for file in files if file.event_time.timestamp() >= self._since]
        return super()._settle(new, sweep, report)


_BROKEN_PROTOCOLS: Final = {
    "without-lease": Design(protocol=WithoutLease),
    "commits-first": Design(archive=CommitsFirst),
    "takes-over-unseen": Design(protocol=TakesOverUnseen),
    "takes-refusal-for-success": Design(protocol=TakesRefusalForSuccess),
    "takes-unknown-for-refused": Design(protocol=TakesUnknownForRefused),
    "forgets-the-insert": Design(protocol=ForgetsTheInsert),
    "keeps-the-bundle-id": Design(protocol=KeepsTheBundleId),
    "acknowledges-first": Design(acknowledges_first=True),
    "counts-deadlines": Design(isolation=CountsDeadlines),
    "looks-instead-of-fencing": Design(archive=LooksInsteadOfFencing),
    "never-looks-again": Design(protocol=NeverLooksAgain),
    "gives-back-by-deleting": Design(table=GivesBackByDeleting),
    "never-reconciles": Design(reconciler=NeverReconciles),
    "trusts-dead-leases": Design(reconciler=TrustsDeadLeases),
    "takes-archived-for-delivered": Design(reconciler=TakesArchivedForDelivered),
    "forgets-the-young": Design(reconciler=ForgetsTheYoung),
}

# Each with the delivery that shows it; what is wrong before the mailbox is shown with the consumer.
BROKEN: Final = {
    **{name: replace(design, delivery=Delivery.PULL) for name, design in _BROKEN_PROTOCOLS.items()},
    **BROKEN_COURIERS,
}
