"""The stores of one schedule, and the runtime's ports on them as one process sees them: every call can go wrong."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from harness.stores import MemoryArchive, MemoryJournal, MemoryLanding, MemoryMailbox, MemoryTable

from baler.store_errors import Unavailable
from simulation.invariants import Invariants, short

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from harness.stores import Stored

    from baler.files.bundle.writer import Bundle
    from baler.files.claims.model import BundleRecord, Claim, Rejection
    from baler.files.claims.ports import InArchive
    from baler.files.landed_file import LandedFile
    from runtime.files.aggregator.isolation import JournalEntry
    from runtime.files.aggregator.ports import Fetched, NotFetched
    from simulation.workload import Workload

T = TypeVar("T")


class Call(Protocol):
    """Makes one call of a process: its name, what it is about, and its effect, which may come late or twice."""

    def __call__(self, name: str, subject: str, effect: Callable[[], T], /) -> T: ...


class Memory:
    """What the stores hold; all processes share it.

    Attributes:
        table, archive, mailbox, landing, journal: the stores.
        rejected: identities of the files that are noted as rejected.
        invariants: told of every write to a bucket.
    """

    def __init__(self, workload: Workload, mailbox: dict[str, Stored]) -> None:
        self.table = MemoryTable()
        self.rejected: set[str] = set()
        self.journal = MemoryJournal()
        self.landing = MemoryLanding()
        self.archive = MemoryArchive(self._to_archive)
        self.mailbox = MemoryMailbox(self.archive, self._to_mailbox, mailbox)
        self.invariants = Invariants(workload, self.archive.objects, self.mailbox.objects)

    def _to_archive(self, _name: str, effect: Callable[[], T]) -> T:
        answer = effect()
        self.invariants.after_archive_write()
        return answer

    def _to_mailbox(self, _name: str, effect: Callable[[], T]) -> T:
        answer = effect()
        self.invariants.after_mailbox_write()
        return answer


class Table:
    """The ClaimTable port."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        """Each statement of a batch is done, fails, comes late or comes twice by itself: AWS promises no more."""
        return [self._insert(claim) for claim in claims]

    def _insert(self, claim: Claim) -> Claim | Unavailable | None:
        try:
            return self._call("table.insert", _about(claim), lambda: self._memory.table.insert_one(claim))
        except Unavailable as error:
            return error

    def claim(self, claim: Claim, now: float) -> Claim | None:
        return self._call("table.claim", _about(claim), lambda: self._memory.table.claim(claim, now))

    def take_over(self, claim: Claim, old: Claim) -> bool:
        return self._call("table.take_over", _about(claim), lambda: self._memory.table.take_over(claim, old))

    def give_back(self, claim: Claim) -> None:
        self._call("table.give_back", _about(claim), lambda: self._memory.table.give_back(claim))

    def read_claim(self, claim: Claim) -> Claim | None:
        return self._call("table.read_claim", _about(claim), lambda: self._memory.table.read_claim(claim))

    def bundle(self, bundle_id: str) -> BundleRecord | None:
        return self._call("table.bundle", short(bundle_id), lambda: self._memory.table.bundle(bundle_id))

    def note_rejection(self, rejection: Rejection) -> None:
        subject = rejection.identity.partition("/")[2]
        self._call("table.reject", subject, lambda: self._memory.rejected.add(rejection.identity))

    def record(self, record: BundleRecord) -> None:
        subject = f"{short(record.bundle_id)} {record.state}"
        self._call("table.record", subject, lambda: self._memory.table.record(record))


class Journal:
    """The Journal port."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._journal = memory.journal

    def entry(self, message_id: str) -> JournalEntry | None:
        return self._call("journal.entry", message_id, lambda: self._journal.entry(message_id))

    def write(self, entry: JournalEntry) -> None:
        subject = f"{entry.message_id} in run {entry.run_id}{' alone' if entry.alone else ''}, {entry.kills} kills"
        self._call("journal.write", subject, lambda: self._journal.write(entry))

    def has_ended(self, run_id: str) -> bool:
        return self._call("journal.ended", f"run {run_id}", lambda: self._journal.has_ended(run_id))

    def end(self, run_id: str, expires_at: int) -> None:
        self._call("journal.end", f"run {run_id}", lambda: self._journal.end(run_id, expires_at))


class Archive:
    """The Archive port."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, bundle: Bundle) -> InArchive:
        sent = _sent(bundle)
        return self._call("archive.put", _holding(bundle), lambda: self._memory.archive.put(sent))

    def fence(self, bundle_id: str) -> InArchive:
        return self._call("archive.fence", short(bundle_id), lambda: self._memory.archive.fence(bundle_id))


class Mailbox:
    """The Mailbox port."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def put(self, bundle: Bundle) -> None:
        sent = _sent(bundle)
        self._call("mailbox.put", _holding(bundle), lambda: self._memory.mailbox.put(sent))

    def copy_from_archive(self, bundle_id: str) -> None:
        self._call("mailbox.copy", short(bundle_id), lambda: self._memory.mailbox.copy_from_archive(bundle_id))


class Landing:
    """The Landing port."""

    def __init__(self, call: Call, memory: Memory) -> None:
        self._call = call
        self._memory = memory

    def fetch(self, files: Sequence[LandedFile]) -> Generator[Fetched | NotFetched]:
        for file in files:

            def call(name: str, effect: Callable[[], T], about: LandedFile = file) -> T:
                return self._call(name, f"{about.key}@{about.version_id}", effect)

            yield from MemoryLanding(call, self._memory.landing.contents).fetch([file])


def _about(claim: Claim) -> str:
    return f"{claim.identity.partition('/')[2]} for {short(claim.bundle_id)}"


def _holding(bundle: Bundle) -> str:
    return f"{short(bundle.bundle_id)} with {', '.join(f'{file.key}@{file.version_id}' for file in bundle.files)}"


def _sent(bundle: Bundle) -> Bundle:
    """The bundle as it is on the wire: what arrives late must not read a body that its sender has freed."""
    bundle.body.seek(0)
    return replace(bundle, body=io.BytesIO(bundle.body.read()))
