"""One attempt at one bundle: claim, fetch, bundle, archive, deliver, commit; and the way back from each step."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from baler.files.bundle.writer import BundleWriter
from baler.files.claims.ports import InArchive
from baler.files.reason import Reason
from baler.store_errors import Refused, Unavailable
from runtime.files.aggregator.file_outcome import BUNDLED, DUPLICATE, FileOutcome, Outcome, retry
from runtime.files.aggregator.latency import Latency, Steps
from runtime.files.aggregator.phases import Phases
from runtime.files.aggregator.ports import NotFetched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baler.files.bundle.writer import Bundle
    from baler.files.claims.model import Claim
    from baler.files.claims.ports import Archive, Mailbox
    from baler.files.claims.protocol import ClaimProtocol, ClaimResult
    from baler.files.landed_file import LandedFile
    from runtime.files.aggregator.ports import Landing

# With fewer seconds than these until the deadline, an attempt is not begun.
LEAST_SECONDS: Final = 5.0


@dataclass(slots=True)
class AttemptResult:
    """What one attempt did.

    Attributes:
        outcomes: by file identity; every file that was asked for is in it.
        bundle_id, files, bytes_in, bytes_out: of the bundle that was archived, else empty and 0.
        taken_over: files taken over from attempts that had died.
        rolled_forward: bundles of attempts that had died, put into the mailbox here.
        uncommitted: the bundle is delivered but that could not be noted in the claim table.
        delivered_at: by file identity, when a bundle with the file was put into the mailbox here, also one of an
            attempt that had died; seconds since the epoch.
        steps: of the bundle that was archived, the seconds of each step: claim, fetch, bundle, archive, mailbox.
        latencies: of each file of `delivered_at`, in its order: those of the own bundle last, in the bundle's order.
    """

    outcomes: dict[str, FileOutcome] = field(default_factory=dict[str, FileOutcome])
    bundle_id: str = ""
    files: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    taken_over: int = 0
    rolled_forward: int = 0
    uncommitted: bool = False
    delivered_at: dict[str, float] = field(default_factory=dict[str, float])
    steps: dict[str, float] = field(default_factory=dict[str, float])
    latencies: list[Latency] = field(default_factory=list[Latency])

    def settle(self, claims: Sequence[Claim], outcome: FileOutcome) -> None:
        """Give the files of some claims one outcome."""
        self.outcomes.update((claim.identity, outcome) for claim in claims)


@dataclass(frozen=True, slots=True)
class Stores:
    """What an attempt reads and writes; all calls are over by one moment."""

    claims: ClaimProtocol
    landing: Landing
    archive: Archive
    mailbox: Mailbox


class Attempt:
    """One attempt at one bundle.

    Args:
        stores: returns stores whose calls are over by a moment, seconds since the epoch: those that are not answered by
            then are Unavailable, those not yet sent are Refused.
        clock: the time, seconds since the epoch.
        deadline: seconds since the epoch at which the process is killed.
        in_memory_bytes: the bundle is in memory up to this size, and on disk past it.
        new_bundle_id: makes the id that a bundle goes by when its first one may not be used any more.
    """

    def __init__(
        self,
        stores: Callable[[float], Stores],
        clock: Callable[[], float],
        deadline: float,
        in_memory_bytes: int,
        new_bundle_id: Callable[[], str],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._deadline = deadline
        self._in_memory_bytes = in_memory_bytes
        self._new_bundle_id = new_bundle_id
        self._phases = Phases.of(clock(), deadline)
        self._steps = Steps(clock)

    def run(self, files: Sequence[LandedFile], claims: Sequence[Claim]) -> AttemptResult:
        """Bundle the files, of which each has the claim at its place in `claims`, all for one new bundle id.

        An error that no port is said to raise goes to the caller; claims that no bundle honours are given back first.
        """
        result = AttemptResult()
        if self._deadline - self._clock() < LEAST_SECONDS:
            result.settle(claims, retry(Reason.OUT_OF_TIME))
            return result
        claimed = self._stores(self._phases.claim).claims.acquire(claims)
        self._steps.end("claim")
        self._note_others(claimed, claims[0].lease_until, result)
        if claimed.mine:
            by_identity = {file.identity: file for file in files}
            mine = [(by_identity[claim.identity], claim) for claim in claimed.mine]
            self._bundle(mine, result, uncertain=bool(claimed.uncertain))
        return result

    def _note_others(self, claimed: ClaimResult, lease_until: float, result: AttemptResult) -> None:
        """Settle the files that are not this attempt's."""
        result.taken_over = claimed.taken_over
        result.rolled_forward = len(claimed.rolled_forward)
        result.delivered_at.update(dict.fromkeys(claimed.delivered, self._clock()))
        result.outcomes.update(dict.fromkeys(claimed.duplicates, DUPLICATE))
        result.outcomes.update({identity: retry(Reason.BUSY, until) for identity, until in claimed.busy.items()})
        result.outcomes.update(dict.fromkeys(claimed.unknown, retry(Reason.CLAIMS_UNAVAILABLE)))
        result.outcomes.update(dict.fromkeys(claimed.unsettled, retry(Reason.EARLIER_BUNDLE_UNAVAILABLE)))
        result.outcomes.update(dict.fromkeys(claimed.uncertain, retry(Reason.CLAIMS_UNAVAILABLE, lease_until)))

    def _bundle(self, mine: Sequence[tuple[LandedFile, Claim]], result: AttemptResult, *, uncertain: bool) -> None:
        with BundleWriter(mine[0][1].bundle_id, self._clock(), self._in_memory_bytes) as writer:
            kept: list[Claim] = []
            try:
                kept = self._fill(writer, mine, result)
                self._steps.end("fetch")
                # A bundle must hold every file that is claimed for it: what it leaves out is given back first.
                left_out = [claim for _, claim in mine if claim.identity in result.outcomes]
                uncertain |= not self._give_back(left_out, result, self._phases.give_back)
                if not kept:
                    return
                if uncertain and not (kept := self._move(kept, result)):
                    return
                writer.bundle_id = kept[0].bundle_id
                bundle = writer.finish()
                self._steps.end("bundle")
            except Exception:
                every = dict.fromkeys((*(claim for _, claim in mine), *kept))
                self._give_back(list(every), result, self._phases.deliver)
                raise
            if self._put(bundle, kept, result):
                self._steps.end("archive")
                self._deliver(bundle, kept, result)

    def _fill(
        self, writer: BundleWriter, mine: Sequence[tuple[LandedFile, Claim]], result: AttemptResult
    ) -> list[Claim]:
        """Fetch files into the bundle; settle those that it leaves out, and return the claims on the others."""
        left_out = {file.identity: retry(Reason.OUT_OF_TIME) for file, _ in mine}
        with closing(self._stores(self._phases.fetch).landing.fetch([file for file, _ in mine])) as fetched:
            for item in fetched:
                if isinstance(item, NotFetched):
                    left_out[item.file.identity] = item.outcome
                    continue
                with item.body:
                    writer.add(item.file, item.body, item.size, item.sha256)
                del left_out[item.file.identity]
                if self._clock() >= self._phases.fetch:
                    break
        result.outcomes.update(left_out)
        return [claim for _, claim in mine if claim.identity not in left_out]

    def _give_back(self, claims: Sequence[Claim], result: AttemptResult, until: float) -> bool:
        """Give claims back, and say whether all are known to be; the files of the others wait for the lease."""
        if not claims:
            return True
        left = self._stores(until).claims.give_back(claims)
        for claim in left:
            if (outcome := result.outcomes.get(claim.identity)) and outcome.kind is Outcome.RETRY:
                result.settle([claim], replace(outcome, not_before=claim.lease_until))
        return not left

    def _move(self, kept: Sequence[Claim], result: AttemptResult) -> list[Claim]:
        """Leave a bundle id behind that uncertain claims name; nothing is returned where that cannot be done."""
        bundle_id = self._new_bundle_id()
        moved = self._stores(self._phases.move).claims.move(kept, bundle_id)
        if moved is None:
            result.settle(kept, retry(Reason.CLAIMS_UNAVAILABLE))
            either = [*kept, *(replace(claim, bundle_id=bundle_id) for claim in kept)]
            self._give_back(either, result, self._phases.deliver)
            return []
        return moved

    def _put(self, bundle: Bundle, kept: Sequence[Claim], result: AttemptResult) -> bool:
        """Archive the bundle; where that did not happen, settle its files and return False."""
        try:
            found = self._stores(self._phases.archive).archive.put(bundle)
        except Refused:
            result.settle(kept, retry(Reason.ARCHIVE_UNAVAILABLE))
            self._give_back(kept, result, self._phases.deliver)
            return False
        except Exception as error:
            found = self._make_sure(bundle.bundle_id)
            if found is not InArchive.BUNDLE:
                result.settle(kept, retry(Reason.ARCHIVE_UNAVAILABLE, 0 if found else kept[0].lease_until))
            if found is InArchive.FENCE:
                self._give_back(kept, result, self._phases.deliver)
            if not isinstance(error, Unavailable):
                raise
            return found is InArchive.BUNDLE
        if found is InArchive.FENCE:
            # Another attempt fenced this one off and now owns its files.
            result.settle(kept, retry(Reason.FENCED))
            return False
        return True

    def _make_sure(self, bundle_id: str) -> InArchive | None:
        """After a put that may have taken effect: fence it off, or learn that it did. None: neither is known."""
        try:
            return self._stores(self._phases.deliver).archive.fence(bundle_id)
        except Unavailable:
            return None

    def _deliver(self, bundle: Bundle, kept: Sequence[Claim], result: AttemptResult) -> None:
        result.bundle_id = bundle.bundle_id
        result.files = len(bundle.files)
        result.bytes_in = sum(file.size for file in bundle.files)
        result.bytes_out = bundle.size
        result.steps = self._steps.seconds
        note = self._stores(self._phases.note).claims
        try:
            self._stores(self._phases.deliver).mailbox.put(bundle)
        except Exception as error:
            result.settle(kept, retry(Reason.MAILBOX_UNAVAILABLE))
            result.uncommitted = not self._noted(note.archived, kept)
            if not isinstance(error, Unavailable):
                raise
            return
        self._steps.end("mailbox")
        result.settle(kept, BUNDLED)
        result.delivered_at.update(dict.fromkeys((claim.identity for claim in kept), self._clock()))
        result.uncommitted = not self._noted(note.committed, kept)

    def _noted(self, note: Callable[[Sequence[Claim]], None], kept: Sequence[Claim]) -> bool:
        """Note how far the bundle came; a note that fails costs the next attempt a look into the archive, no more."""
        try:
            note(kept)
        except Unavailable:
            return False
        return True
