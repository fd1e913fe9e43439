"""Who may bundle a file: claims it, or finds out what became of the attempt that claimed it before.

The rule that everything rests on: *a claim on an archived bundle means that the bundle holds the file*. Hence

- an attempt archives its bundle only if each claim it ever wrote for it is either honoured by the bundle or known
  to be given back. A claim that was refused was never written, and leaves its file out and nothing else. Where the
  effect of a write is unknown, the claim is uncertain: it may be there now, or later. Then the bundle id that it names
  is never archived: the attempt moves the claims that it knows to a fresh id, and archives that;
- a claim that was read may be stale by now, since its attempt may have given it back before it archived its bundle: a
  file is a duplicate only if the claim is read again, and still stands, after its bundle was found to be archived;
- a claim is never deleted, only given back or taken over, and so never again what it was: a request that was held up,
  and repeated by its client in the meantime, cannot bring an earlier claim back;
- nobody takes over a claim before the old bundle can no longer reach the archive: the fence, an object put under
  the bundle's key if nothing is there, makes the old owner's own put-if-absent fail, however late it comes.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.claims.ports import INSERTS_AT_ONCE, InArchive
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from baler.files.claims.ports import Archive, ClaimTable, Mailbox

# A bundle's record outlives the claims on it by this, so that a claim never points at a record that is gone.
_RECORD_GRACE_SECONDS: Final = 2 * 86_400
# Waits before the claims that an attempt must be sure of are written once more, beside the retries of each call.
_WAITS_SECONDS: Final = (0.1, 0.4)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Concurrently(Protocol):
    """Calls a function for each item, perhaps at once, and yields the answers in the order of the items."""

    def __call__(self, call: Callable[[Item], Answer], items: Sequence[Item], /) -> Iterable[Answer]:
        """Call and yield."""
        ...


class BundleStatus(Enum):
    """What became of a bundle that another attempt claimed files for."""

    DELIVERED = auto()
    """Archived, and put into the mailbox by its owner."""

    ROLLED_FORWARD = auto()
    """Archived by its owner, put into the mailbox by us."""

    RUNNING = auto()
    """Its owner may still be alive."""

    ABANDONED = auto()
    """Fenced: it can never be archived, and its claims may be taken over. Or the claim was given back."""

    UNKNOWN = auto()
    """A store refused or did not answer: this bundle's files are left for later, and no others."""


@dataclass(slots=True)
class ClaimResult:
    """What an attempt knows of its files after claiming, by identity.

    Attributes:
        mine: claimed for this attempt; `taken_over` of them from an attempt that had died.
        duplicates: in an archived bundle that is in the mailbox; `rolled_forward` names the bundles put there just
            now, and `delivered` the files in them.
        busy: claimed by an attempt that may be alive, until that time (seconds since the epoch); or to be asked for
            again, since the claim changed hands just now.
        unknown: the claim table refused or did not answer; no claim of ours was written.
        unsettled: it could not be found out, or not yet be put right, what became of the bundle that has claimed it.
        uncertain: a claim of ours may stand on it, now or later: the bundle of these claims must not be archived.
    """

    mine: list[Claim] = field(default_factory=list["Claim"])
    taken_over: int = 0
    duplicates: set[str] = field(default_factory=set[str])
    rolled_forward: set[str] = field(default_factory=set[str])
    delivered: set[str] = field(default_factory=set[str])
    busy: dict[str, float] = field(default_factory=dict[str, float])
    unknown: set[str] = field(default_factory=set[str])
    unsettled: set[str] = field(default_factory=set[str])
    uncertain: set[str] = field(default_factory=set[str])


class ClaimProtocol:
    """The table of the design, "The claim protocol", over three stores.

    Args:
        table: the claim table.
        archive: the archive, for the fence.
        mailbox: the mailbox, to roll a dead owner's bundle forward.
        concurrently: how to make the one call that each file costs.
        clock: the time, seconds since the epoch.
        pause: waits for so many seconds.
    """

    def __init__(  # noqa: PLR0913 - what the protocol works on, wired in one place
        self,
        table: ClaimTable,
        archive: Archive,
        mailbox: Mailbox,
        *,
        concurrently: Concurrently,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._table = table
        self._archive = archive
        self._mailbox = mailbox
        self._concurrently = concurrently
        self._clock = clock
        self._pause = pause

    def acquire(self, claims: Sequence[Claim]) -> ClaimResult:
        """Claim files for one attempt; `claims` differ in their identity alone.

        An error that no port is said to raise goes to the caller, after what may have been claimed was given back.
        """
        result = ClaimResult()
        try:
            self._acquire(claims, result)
        except Exception:
            self.give_back(claims)
            raise
        return result

    def give_back(self, claims: Sequence[Claim]) -> list[Claim]:
        """Give claims of this attempt up, so that their files can be taken over at once.

        Returns:
            Those that may still stand, until their lease ends.
        """
        return self._insist(self._table.give_back, claims)

    def move(self, claims: Sequence[Claim], bundle_id: str) -> list[Claim] | None:
        """Let claims that are known to be this attempt's name another bundle of it.

        Returns:
            The claims as they stand now; None if some were lost to another attempt, or may not have been moved: then
            neither bundle may be archived.
        """
        moved = [replace(claim, bundle_id=bundle_id) for claim in claims]
        lost: list[Claim] = []

        def move(pair: tuple[Claim, Claim]) -> None:
            if not self._table.take_over(*pair):
                lost.append(pair[0])

        uncertain = self._insist(move, list(zip(moved, claims, strict=True)))
        return None if uncertain or lost else moved

    def committed(self, claims: Sequence[Claim]) -> None:
        """Note that a bundle is in the archive and in the mailbox.

        Raises:
            Unavailable: it may not have been noted; a later attempt that asks finds the bundle in the archive.
        """
        self._record(claims[0].bundle_id, BundleState.COMMITTED, claims[0].expires_at)

    def archived(self, claims: Sequence[Claim]) -> None:
        """Note that a bundle is in the archive and not in the mailbox: the next attempt need not await the lease.

        Raises:
            Unavailable: it may not have been noted; then the next attempt does await the lease.
        """
        self._record(claims[0].bundle_id, BundleState.ARCHIVED, claims[0].expires_at)

    def _insist(self, call: Callable[[Item], object], items: Sequence[Item]) -> list[Item]:
        """Make a call that can be repeated for each item, and again for those that failed; return what is left."""

        def fails(item: Item) -> bool:
            try:
                call(item)
            except Unavailable:
                return True
            return False

        left: list[Item] = list(items)
        for wait in (0.0, *_WAITS_SECONDS):
            if not left:
                break
            if wait:
                self._pause(wait)
            left = [item for item, failed in zip(left, self._concurrently(fails, left), strict=True) if failed]
        return left

    def _acquire(self, claims: Sequence[Claim], result: ClaimResult) -> None:
        contested: dict[str, list[tuple[Claim, Claim]]] = defaultdict(list)
        for claim, answer in zip(claims, self._claim_all(claims), strict=True):
            if isinstance(answer, Unavailable):
                self._leave_out(claim, answer, result)
            elif answer is None or answer.bundle_id == claim.bundle_id:
                result.mine.append(claim)
            else:
                contested[answer.bundle_id].append((claim, answer))
        for bundle_id, pairs in contested.items():
            self._contest(bundle_id, pairs, result)

    def _claim_all(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        """Insert all claims, many with a call; write by itself each whose insert did not settle it."""
        batches = [claims[start : start + INSERTS_AT_ONCE] for start in range(0, len(claims), INSERTS_AT_ONCE)]
        answers = [answer for inserted in self._concurrently(self._table.insert, batches) for answer in inserted]
        left = [number for number, answer in enumerate(answers) if self._is_open(answer)]
        again = self._concurrently(self._claim_again, [(claims[number], answers[number]) for number in left])
        for number, answer in zip(left, again, strict=True):
            answers[number] = answer
        return answers

    def _is_open(self, answer: Claim | Unavailable | None) -> bool:
        """Whether a claim may still be written: its call failed, or what stands in its way has expired."""
        return isinstance(answer, Unavailable) or (answer is not None and answer.expires_at < self._clock())

    def _claim_again(self, left: tuple[Claim, Claim | Unavailable | None]) -> Claim | Unavailable | None:
        """Write a claim after its insert. That this is refused does not undo an insert that may have been done."""
        claim, inserted = left
        answer = self._claim(claim)
        uncertain = isinstance(inserted, Unavailable) and not isinstance(inserted, Refused)
        return inserted if uncertain and isinstance(answer, Refused) else answer

    def _claim(self, claim: Claim) -> Claim | Unavailable | None:
        try:
            return self._table.claim(claim, self._clock())
        except Unavailable as error:
            return error

    def _record(self, bundle_id: str, state: BundleState, claims_expire_at: int) -> None:
        self._table.record(BundleRecord(bundle_id, state, claims_expire_at + _RECORD_GRACE_SECONDS))

    def _contest(self, bundle_id: str, pairs: list[tuple[Claim, Claim]], result: ClaimResult) -> None:
        """Settle the files that a bundle of another attempt has claimed; all its claims have one lease."""
        old = pairs[0][1]
        status = BundleStatus.ABANDONED if old.is_given_back else self._status_of(old)
        identities = [claim.identity for claim, _ in pairs]
        match status:
            case BundleStatus.DELIVERED:
                self._look_again(pairs, result)
            case BundleStatus.ROLLED_FORWARD:
                result.rolled_forward.add(bundle_id)
                self._look_again(pairs, result)
                result.delivered |= result.duplicates.intersection(identities)
            case BundleStatus.RUNNING:
                result.busy.update(dict.fromkeys(identities, old.lease_until))
            case BundleStatus.UNKNOWN:
                result.unsettled.update(identities)
            case BundleStatus.ABANDONED:
                self._take_over(pairs, result)

    def _status_of(self, old: Claim) -> BundleStatus:
        try:
            record = self._table.bundle(old.bundle_id)
            if record is not None and record.state is BundleState.COMMITTED:
                return BundleStatus.DELIVERED
            if record is None:
                if old.lease_until > self._clock():
                    return BundleStatus.RUNNING
                if self._archive.fence(old.bundle_id) is InArchive.FENCE:
                    return BundleStatus.ABANDONED
            self._mailbox.copy_from_archive(old.bundle_id)
        except Unavailable:
            return BundleStatus.UNKNOWN
        with suppress(Unavailable):  # else the next one who asks copies it once more
            self._record(old.bundle_id, BundleState.COMMITTED, old.expires_at)
        return BundleStatus.ROLLED_FORWARD

    def _look_again(self, pairs: list[tuple[Claim, Claim]], result: ClaimResult) -> None:
        """Settle files whose claims were seen, and whose bundle is archived: does it hold them?"""

        def look(pair: tuple[Claim, Claim]) -> Claim | Unavailable | None:
            try:
                return self._table.read_claim(pair[1])
            except Unavailable as error:
                return error

        for (claim, old), found in zip(pairs, self._concurrently(look, pairs), strict=True):
            if isinstance(found, Unavailable):
                result.unknown.add(claim.identity)
            elif found is not None and found.bundle_id == old.bundle_id:
                result.duplicates.add(claim.identity)
            else:
                result.busy[claim.identity] = self._clock()

    def _take_over(self, pairs: list[tuple[Claim, Claim]], result: ClaimResult) -> None:
        def take(pair: tuple[Claim, Claim]) -> bool | Unavailable:
            try:
                return self._table.take_over(*pair)
            except Unavailable as error:
                return error

        for (claim, old), answer in zip(pairs, self._concurrently(take, pairs), strict=True):
            if isinstance(answer, Unavailable):
                self._leave_out(claim, answer, result)
            elif answer:
                result.mine.append(claim)
                result.taken_over += not old.is_given_back
            else:
                # Another attempt was quicker; it is alive, or was a moment ago.
                result.busy[claim.identity] = self._clock()

    def _leave_out(self, claim: Claim, error: Unavailable, result: ClaimResult) -> None:
        """Settle a file whose claim is not known to be written: it is known not to be, or it is uncertain."""
        (result.unknown if isinstance(error, Refused) else result.uncertain).add(claim.identity)
