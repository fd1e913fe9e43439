"""One attempt at one bundle: claim, fetch, bundle, archive, deliver, commit; and the way back from each step."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from runtime.aggregator.ports import NotFetched
from runtime.aggregator.verdict import BUNDLED, DUPLICATE, Reason, Verdict, retry
from runtime.bundle.writer import BundleWriter
from runtime.claims.ports import InArchive, Unavailable
from runtime.claims.protocol import ClaimProtocol, Spoiled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.aggregator.ports import Landing
    from runtime.bundle.writer import Bundle
    from runtime.claims.model import Claim
    from runtime.claims.ports import Archive, Mailbox
    from runtime.files import LandedFile

# Seconds before the deadline at which no further file is taken into the bundle: it is finished and put instead.
CLOSING_SECONDS: Final = 5.0
# Seconds that the archive put must have left, or the attempt gives its claims back while it still can.
PUT_SECONDS: Final = 2.0


@dataclass(slots=True)
class Result:
    """What one attempt did.

    Attributes:
        verdicts: by file identity; every file that was asked for is in it.
        bundle_id, files, bytes_in, bytes_out: of the bundle that was archived, else empty and 0.
        taken_over: files taken over from attempts that had died.
        rolled_forward: bundles of attempts that had died, put into the mailbox here.
        uncommitted: the bundle is delivered but that could not be noted in the claim table.
        delivered_at: by file identity, when a bundle with the file was put into the mailbox here, also one of an
            attempt that had died; seconds since the epoch.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict[str, Verdict])
    bundle_id: str = ""
    files: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    taken_over: int = 0
    rolled_forward: int = 0
    uncommitted: bool = False
    delivered_at: dict[str, float] = field(default_factory=dict[str, float])

    def settle(self, claims: Sequence[Claim], verdict: Verdict) -> None:
        """Give the files of some claims one verdict."""
        self.verdicts.update((claim.identity, verdict) for claim in claims)


@dataclass(frozen=True, slots=True)
class Stores:
    """Where an attempt reads and writes, beside the claim table."""

    landing: Landing
    archive: Archive
    mailbox: Mailbox


class Attempt:
    """One attempt at one bundle.

    Args:
        protocol: claims.
        stores: the buckets.
        clock: the time, seconds since the epoch.
        deadline: seconds since the epoch at which the process is killed.
        in_memory_bytes: the bundle is in memory up to this size, and on disk past it.
    """

    def __init__(
        self,
        protocol: ClaimProtocol,
        stores: Stores,
        clock: Callable[[], float],
        deadline: float,
        in_memory_bytes: int,
    ) -> None:
        self._protocol = protocol
        self._stores = stores
        self._clock = clock
        self._deadline = deadline
        self._in_memory_bytes = in_memory_bytes

    def run(self, files: Sequence[LandedFile], claims: Sequence[Claim]) -> Result:
        """Bundle the files, of which each has the claim at its place in `claims`, all for one new bundle id."""
        result = Result()
        if self._left() < CLOSING_SECONDS:
            result.settle(claims, retry(Reason.OUT_OF_TIME))
            return result
        try:
            standing = self._protocol.acquire(claims)
        except Spoiled:
            result.settle(claims, retry(Reason.CLAIMS_UNAVAILABLE, claims[0].lease_until))
            return result
        result.taken_over = standing.taken_over
        result.rolled_forward = len(standing.rolled_forward)
        result.delivered_at.update(dict.fromkeys(standing.delivered, self._clock()))
        result.verdicts.update(dict.fromkeys(standing.duplicates, DUPLICATE))
        result.verdicts.update({identity: retry(Reason.BUSY, until) for identity, until in standing.busy.items()})
        result.verdicts.update(dict.fromkeys(standing.unknown, retry(Reason.CLAIMS_UNAVAILABLE)))
        by_identity = {file.identity: file for file in files}
        if standing.mine and self._left() < CLOSING_SECONDS:
            # Giving back takes as long as claiming did: to be killed in it would undo what earlier attempts settled.
            result.settle(standing.mine, retry(Reason.OUT_OF_TIME, claims[0].lease_until))
        elif standing.mine:
            self._bundle([(by_identity[claim.identity], claim) for claim in standing.mine], result)
        return result

    def _left(self) -> float:
        """Seconds until the deadline."""
        return self._deadline - self._clock()

    def _bundle(self, mine: Sequence[tuple[LandedFile, Claim]], result: Result) -> None:
        claims = {file.identity: claim for file, claim in mine}
        with BundleWriter(mine[0][1].bundle_id, self._clock(), self._in_memory_bytes) as writer:
            left_out = self._fill(writer, [file for file, _ in mine])
            result.verdicts.update(left_out)
            kept = [claim for identity, claim in claims.items() if identity not in left_out]
            try:
                # A bundle must hold every file that is claimed for it: what it leaves out is given back first.
                self._protocol.give_back([claims[identity] for identity in left_out])
                if not kept:
                    return
                bundle = writer.finish()
                if self._left() < PUT_SECONDS:
                    result.settle(kept, retry(Reason.OUT_OF_TIME))
                    self._protocol.give_back(kept)
                    return
                archived = self._put(bundle, kept, result)
            except Spoiled:
                result.settle(kept, retry(Reason.CLAIMS_UNAVAILABLE, mine[0][1].lease_until))
                return
            if archived:
                self._deliver(bundle, kept, result)

    def _fill(self, writer: BundleWriter, files: Sequence[LandedFile]) -> dict[str, Verdict]:
        """Fetch files into the bundle; return the verdicts on those that it leaves out."""
        left_out = {file.identity: retry(Reason.OUT_OF_TIME) for file in files}
        with closing(self._stores.landing.fetch(files)) as fetched:
            for item in fetched:
                if isinstance(item, NotFetched):
                    left_out[item.file.identity] = item.verdict
                    continue
                with item.body:
                    writer.add(item.file, item.body, item.size, item.sha256)
                del left_out[item.file.identity]
                if self._left() < CLOSING_SECONDS:
                    break
        return left_out

    def _put(self, bundle: Bundle, kept: Sequence[Claim], result: Result) -> bool:
        """Archive the bundle; where that did not happen, settle its files and return False."""
        try:
            found = self._stores.archive.put(bundle)
        except Unavailable:
            found = self._make_sure(bundle.bundle_id)
            if found is None:
                result.settle(kept, retry(Reason.ARCHIVE_UNAVAILABLE, kept[0].lease_until))
                return False
            if found is InArchive.FENCE:
                result.settle(kept, retry(Reason.ARCHIVE_UNAVAILABLE))
                self._protocol.give_back(kept)
                return False
        if found is InArchive.FENCE:
            # Another attempt held us for dead: the files are its own now, or the next one's.
            result.settle(kept, retry(Reason.FENCED))
            return False
        return True

    def _make_sure(self, bundle_id: str) -> InArchive | None:
        """After a put that may have taken effect: fence it off, or learn that it did. None: neither is known."""
        try:
            return self._stores.archive.fence(bundle_id)
        except Unavailable:
            return None

    def _deliver(self, bundle: Bundle, kept: Sequence[Claim], result: Result) -> None:
        result.bundle_id = bundle.bundle_id
        result.files = len(bundle.files)
        result.bytes_in = sum(file.size for file in bundle.files)
        result.bytes_out = bundle.size
        try:
            self._stores.mailbox.put(bundle)
        except Unavailable:
            result.settle(kept, retry(Reason.MAILBOX_UNAVAILABLE))
            result.uncommitted = not self._noted(self._protocol.archived, kept)
            return
        result.settle(kept, BUNDLED)
        result.delivered_at.update(dict.fromkeys((claim.identity for claim in kept), self._clock()))
        result.uncommitted = not self._noted(self._protocol.committed, kept)

    def _noted(self, note: Callable[[Sequence[Claim]], None], kept: Sequence[Claim]) -> bool:
        """Note how far the bundle came; a note that fails costs the next attempt a look into the archive, no more."""
        try:
            note(kept)
        except Unavailable:
            return False
        return True
