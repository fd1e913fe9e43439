"""The runtime's ports in memory. Every call goes through one hook, in which a test decides what goes wrong."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from baler.files.claims.model import BundleState
from baler.files.claims.ports import InArchive
from baler.files.reason import Reason
from baler.store_errors import Refused, Unavailable
from runtime.files.aggregator.file_outcome import rejected, retry
from runtime.files.aggregator.ports import Fetched, NotFetched

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from baler.files.bundle.writer import Bundle
    from baler.files.claims.model import BundleRecord, Claim
    from baler.files.landed_file import LandedFile
    from runtime.files.aggregator.isolation import JournalEntry

T = TypeVar("T")
A = TypeVar("A")


class Calls(Protocol):
    """Makes a call to a store: applies its effect, or fails before or after it."""

    def __call__(self, name: str, effect: Callable[[], T], /) -> T: ...


def plain(_name: str, effect: Callable[[], T]) -> T:
    """Make a call that goes well."""
    return effect()


@dataclass
class Faults:
    """Makes the calls of the given names fail: refused, or unknown `before` or `after` their effect. Counts all."""

    refused: set[str] = field(default_factory=set[str])
    before: set[str] = field(default_factory=set[str])
    after: set[str] = field(default_factory=set[str])
    made: list[str] = field(default_factory=list[str])

    def __call__(self, name: str, effect: Callable[[], T], /) -> T:
        self.made.append(name)
        if name in self.refused:
            raise Refused(name, "AccessDenied")
        if name in self.before:
            raise Unavailable(name)
        answer = effect()
        if name in self.after:
            raise Unavailable(name)
        return answer


def one_by_one(call: Callable[[A], T], items: Sequence[A]) -> Iterable[T]:
    """Call for each item in turn."""
    return [call(item) for item in items]


@dataclass
class MemoryTable:
    """The claim table."""

    call: Calls = plain
    claims: dict[str, Claim] = field(default_factory=dict[str, "Claim"])
    records: dict[str, BundleRecord] = field(default_factory=dict[str, "BundleRecord"])

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        return [self._inserted(claim) for claim in claims]

    def _inserted(self, claim: Claim) -> Claim | Unavailable | None:
        try:
            return self.insert_one(claim)
        except Unavailable as error:
            return error

    def insert_one(self, claim: Claim) -> Claim | None:
        """A statement of a batch, which goes wrong by itself."""

        def effect() -> Claim | None:
            standing = self.claims.setdefault(claim.identity, claim)
            return None if standing is claim else standing

        return self.call("table.insert", effect)

    def claim(self, claim: Claim, now: float) -> Claim | None:
        def effect() -> Claim | None:
            standing = self.claims.get(claim.identity)
            if standing is not None and standing.expires_at >= now:
                return standing
            self.claims[claim.identity] = claim
            return None

        return self.call("table.claim", effect)

    def take_over(self, claim: Claim, old: Claim) -> bool:
        def effect() -> bool:
            standing = self.claims.get(claim.identity)
            if standing is None or standing.bundle_id not in {old.bundle_id, claim.bundle_id}:
                return False
            self.claims[claim.identity] = claim
            return True

        return self.call("table.take_over", effect)

    def give_back(self, claim: Claim) -> None:
        def effect() -> None:
            standing = self.claims.get(claim.identity)
            if standing is not None and standing.bundle_id == claim.bundle_id:
                self.claims[claim.identity] = claim.given_back()

        self.call("table.give_back", effect)

    def read_claim(self, claim: Claim) -> Claim | None:
        return self.call("table.read_claim", lambda: self.claims.get(claim.identity))

    def bundle(self, bundle_id: str) -> BundleRecord | None:
        return self.call("table.bundle", lambda: self.records.get(bundle_id))

    def record(self, record: BundleRecord) -> None:
        def effect() -> None:
            if record.state is BundleState.COMMITTED or record.bundle_id not in self.records:
                self.records[record.bundle_id] = record

        self.call("table.record", effect)


@dataclass(frozen=True)
class Stored:
    """A bundle's object: bytes, hash in its metadata, and the keys and versions that are in it."""

    body: bytes
    sha256: str
    identities: tuple[tuple[str, str | None], ...]


def _stored(bundle: Bundle) -> Stored:
    bundle.body.seek(0)
    return Stored(bundle.body.read(), bundle.sha256, tuple((file.key, file.version_id) for file in bundle.files))


@dataclass
class MemoryArchive:
    """The archive bucket; None under a key is a fence."""

    call: Calls = plain
    objects: dict[str, Stored | None] = field(default_factory=dict[str, Stored | None])

    def put(self, bundle: Bundle) -> InArchive:
        stored = _stored(bundle)
        return self.call("archive.put", lambda: self._put(bundle.bundle_id, stored))

    def fence(self, bundle_id: str) -> InArchive:
        return self.call("archive.fence", lambda: self._put(bundle_id, None))

    def _put(self, bundle_id: str, stored: Stored | None) -> InArchive:
        return InArchive.FENCE if self.objects.setdefault(bundle_id, stored) is None else InArchive.BUNDLE

    @property
    def bundles(self) -> dict[str, Stored]:
        return {bundle_id: stored for bundle_id, stored in self.objects.items() if stored is not None}


@dataclass
class MemoryMailbox:
    """The distribution bucket."""

    archive: MemoryArchive
    call: Calls = plain
    objects: dict[str, Stored] = field(default_factory=dict[str, Stored])

    def put(self, bundle: Bundle) -> None:
        stored = _stored(bundle)
        self.call("mailbox.put", lambda: self.objects.__setitem__(bundle.bundle_id, stored))

    def copy_from_archive(self, bundle_id: str) -> None:
        self.call("mailbox.copy", lambda: self.objects.__setitem__(bundle_id, self.archive.bundles[bundle_id]))


@dataclass
class MemoryLanding:
    """The landing bucket: contents by identity."""

    call: Calls = plain
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def fetch(self, files: Sequence[LandedFile]) -> Generator[Fetched | NotFetched]:
        for file in files:
            try:
                content = self.call("landing.get", lambda file=file: self.contents.get(file.identity))
            except Unavailable:
                yield NotFetched(file, retry(Reason.LANDING_UNAVAILABLE))
                continue
            if content is None:
                yield NotFetched(file, rejected(Reason.OBJECT_MISSING))
                continue
            yield Fetched(file, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())


@dataclass
class MemoryJournal:
    """The journal of runs."""

    call: Calls = plain
    entries: dict[str, JournalEntry] = field(default_factory=dict[str, "JournalEntry"])
    runs_ended: set[str] = field(default_factory=set[str])

    def entry(self, message_id: str) -> JournalEntry | None:
        return self.call("journal.entry", lambda: self.entries.get(message_id))

    def write(self, entry: JournalEntry) -> None:
        self.call("journal.write", lambda: self.entries.__setitem__(entry.message_id, entry))

    def has_ended(self, run_id: str) -> bool:
        return self.call("journal.has_ended", lambda: run_id in self.runs_ended)

    def end(self, run_id: str, expires_at: int) -> None:
        del expires_at
        self.call("journal.end", lambda: self.runs_ended.add(run_id))
