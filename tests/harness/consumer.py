"""The on-premises consumer with a mailbox in memory, and whoever takes the files that it delivers."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from baler.cli.shutdown import Shutdown
from baler.commands.consume.attendant import Attendant
from baler.commands.consume.consumer import Consumer
from baler.commands.consume.crew import Job
from baler.commands.consume.hook import HookRunner
from baler.commands.consume.mailbox import Content, ObjectGoneError
from baler.commands.consume.publication import Publication
from baler.commands.consume.publisher import Publisher
from baler.commands.consume.publisher_parts import PublisherParts
from baler.commands.consume.receiver import Receiver
from baler.commands.consume.report import doubtful
from baler.commands.consume.state import StateFolder, prepare
from baler.commands.consume.status import ConsumerStatus, StatusFiles
from baler.commands.consume.systemd import Systemd
from baler.commands.consume.whole_bundle import WholeBundlePublisher
from baler.files.bundle.ids import bundle_key, new_bundle_id
from baler.files.bundle.manifest import META_SHA256
from baler.files.bundle.writer import BundleWriter
from baler.files.landed_file import LandedFile
from baler.files.ledger.ledger import Ledger
from baler.files.ledger.mailbox_object import MailboxObject
from baler.files.unpacking.permissions import UMASK, Permissions
from baler.files.unpacking.unpack import UnpackLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from baler.cli.exit_codes import ExitCode
    from baler.cli.report import Event
    from baler.commands.consume.crew import Crew
    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import Announcement, DeliveryState
    from baler.files.unpacking.bad_bundle import Need

T = TypeVar("T")

LANDED_AT = datetime(2026, 11, 20, 9, 1, 0, tzinfo=UTC)
MEBIBYTE = 1024 * 1024


class Crash(BaseException):
    """The process dies here: nothing catches this."""


def make_bundle(files: Sequence[tuple[str, bytes]], number: int = 1) -> tuple[str, bytes]:
    """Return the id and the bytes of a bundle of (key, content); the number tells bundles apart and orders them."""
    bundle_id = new_bundle_id(LANDED_AT.timestamp() + number, number.to_bytes(8, "big"))
    with BundleWriter(bundle_id, LANDED_AT.timestamp(), 1_000_000) as writer:
        for position, (key, content) in enumerate(files):
            file = LandedFile("landing", key, f"version-{number}-{position}", "etag", len(content), LANDED_AT)
            writer.add(file, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())
        bundle = writer.finish()
        bundle.body.seek(0)
        return bundle_id, bundle.body.read()


def members_of(body: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Return the members of a tar.gz with their contents, the manifest last."""
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
        return [(member, cast("IO[bytes]", archive.extractfile(member)).read()) for member in archive]


def pack(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """Make a tar.gz of members, whatever they are."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def with_manifest(body: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a bundle whose manifest, as a JSON document, was changed."""
    *files, (member, document) = members_of(body)
    fields = json.loads(document)
    change(fields)
    return pack([*files, (member, json.dumps(fields).encode())])


def nothing(_step: str) -> None:
    """Let every step happen."""


@dataclass
class MemoryMailbox:
    """A mailbox whose every call tells `hook` before and after its effect; the hook may raise."""

    hook: Callable[[str], None] = nothing
    objects: dict[str, tuple[MailboxObject, Mapping[str, str], bytes]] = field(
        default_factory=dict[str, tuple[MailboxObject, "Mapping[str, str]", bytes]]
    )
    puts: int = 0

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> MailboxObject:
        self.puts += 1
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        item = MailboxObject(key, etag, len(body), LANDED_AT + timedelta(seconds=self.puts))
        honest = {META_SHA256: hashlib.sha256(body).hexdigest()}
        self.objects[key] = (item, honest if metadata is None else metadata, body)
        return item

    def put_bundle(self, files: Sequence[tuple[str, bytes]], number: int = 1) -> str:
        bundle_id, body = make_bundle(files, number)
        self.put(bundle_key(bundle_id), body)
        return bundle_id

    def list(self) -> Iterator[MailboxObject]:
        self.hook("list")
        for key in sorted(self.objects):
            yield self.objects[key][0]

    @contextmanager
    def get(self, item: MailboxObject) -> Generator[Content]:
        self.hook(f"get {item.key}")
        if item.key not in self.objects or self.objects[item.key][0] != item:
            raise ObjectGoneError(item.key)
        _, metadata, body = self.objects[item.key]
        yield Content(metadata, self._chunks(item.key, body))

    def delete(self, key: str) -> bool:
        self.hook(f"delete {key}")
        there = self.objects.pop(key, None) is not None
        self.hook(f"deleted {key}")
        return there

    def _chunks(self, key: str, body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), 1000):
            self.hook(f"chunk {key}")
            yield body[start : start + 1000]


class HookedLedger(Ledger):
    """The ledger, which tells `hook` before and after each write."""

    def __init__(self, path: Path, hook: Callable[[str], None], boot: str | None = None) -> None:
        self.hook = nothing
        super().__init__(path, boot)
        self.hook = hook

    def _run(self, statement: str, *values: str | int | None) -> list[Any]:
        answer = super()._run(statement, *values)
        if self._waits and not statement.startswith(("SELECT", "PRAGMA")) and not self._database.in_transaction:
            self.hook("ledger is durable")
        return answer

    def end_announcement(self, number: int) -> None:
        self.hook("end_announcement")
        super().end_announcement(number)
        self.hook("ended_announcement")

    def add_unpacked(self, entry: object) -> None:
        self.hook("add_unpacked")
        super().add_unpacked(entry)  # pyright: ignore[reportArgumentType]  # passed on as it came
        self.hook("added_unpacked")

    def deliver(self, bundle_id: str, announcement: str | None = None) -> None:
        self.hook("deliver")
        super().deliver(bundle_id, announcement)
        self.hook("delivered")

    def begin_folder(self, bundle_id: str, folder: str) -> None:
        self.hook("begin_folder")
        super().begin_folder(bundle_id, folder)
        self.hook("begun_folder")

    def advance(self, bundle_id: str, state: DeliveryState) -> None:
        self.hook(f"advance {state}")
        super().advance(bundle_id, state)
        self.hook(f"advanced {state}")

    def note_place(self, bundle_id: str, number: int, file: ManifestFile, path: str) -> None:
        self.hook("note_place")
        super().note_place(bundle_id, number, file, path)
        self.hook("noted_place")

    def begin_files(self, bundle_id: str, number: int, due: int) -> None:
        self.hook("begin_files")
        super().begin_files(bundle_id, number, due)
        self.hook("begun_files")

    def begin_file(self, bundle_id: str, number: int) -> None:
        self.hook("begin_file")
        super().begin_file(bundle_id, number)
        self.hook("begun_file")

    def end_file(self, bundle_id: str, number: int) -> None:
        self.hook("end_file")
        super().end_file(bundle_id, number)
        self.hook("ended_file")

    def quarantine(self, item: MailboxObject, reason: str, need: Need | None) -> None:
        self.hook("quarantine")
        super().quarantine(item, reason, need)
        self.hook("quarantine done")


class HookedShutdown(Shutdown):
    """Counts waits instead of waiting; every interruption_point tells `hook`, which may also ask to stop."""

    def __init__(self, hook: Callable[[str], None]) -> None:
        super().__init__()
        self.hook = hook
        self.waits: list[float] = []

    def interruption_point(self) -> None:
        self.hook("interruption_point")
        super().interruption_point()

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.hook("wait")
        super().interruption_point()


class InlineCrew:
    """A crew that does each job at once, in the consumer's own thread: as far ahead as a crew of threads can be.

    Args:
        check: what its jobs call often.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check

    def start(self, work: Callable[[], T]) -> Job[T]:
        job = Job(work)
        job.run()
        if job.error is not None and not isinstance(job.error, Exception):
            raise job.error  # the process died, or is asked to stop
        return job

    def abandon(self, interruption_point: Callable[[], None]) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """There are no threads."""


@dataclass
class Hooks:
    """Hooks that succeed at once.

    Attributes:
        started: looks at what a hook finds when it begins; may raise to make it fail.
        ended: the document of each that succeeded.
    """

    started: Callable[[dict[str, Any]], None] = lambda _: None
    ended: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def start(self, due: Announcement, step: Callable[[str], None]) -> EndedHook:
        step("hook starts")
        document = json.loads(due.document)
        self.started(document)
        self.ended.append(document)
        step("hook ended")
        return EndedHook()


class EndedHook:
    """A hook that has succeeded."""

    def poll(self) -> int | None:
        return 0

    def end(self) -> None:
        """It has ended."""

    def printed(self) -> str:
        return ""

    def close(self) -> None:
        """It has no file."""


@dataclass
class Site:
    """A machine with a folder of files, the consumer's state and a mailbox far away.

    Attributes:
        into: the folder of files.
        mailbox: what is in it is what the aggregator put.
        hook: told every step; may raise to make it fail.
        events: everything reported so far, by every run.
        taken: contents that a downstream service took away, with the paths they had.
        whole_bundles: the files of a bundle appear all at once.
        hooks: what runs in place of a hook's process; None where there is no hook.
        boot: which run of the machine it is.
        crew: makes what fetches ahead and deletes behind, given what its jobs may call often.
        ledger_type, runner_type, publisher_type, whole_type: broken ones, to show that they are caught.
    """

    into: Path
    mailbox: MemoryMailbox = field(default_factory=MemoryMailbox)
    limits: UnpackLimits = field(default_factory=lambda: UnpackLimits(bytes=64 * MEBIBYTE, files=1000))
    permissions: Permissions = UMASK
    hook: Callable[[str], None] = nothing
    events: list[Event] = field(default_factory=list["Event"])
    taken: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    waits: list[float] = field(default_factory=list[float])
    whole_bundles: bool = False
    hooks: Hooks | None = None
    boot: str = "first boot"
    crew: Callable[[Callable[[], None]], Crew] = InlineCrew
    ledger_type: type[HookedLedger] = HookedLedger
    runner_type: type[HookRunner] = HookRunner
    publisher_type: type[Publisher] = Publisher
    whole_type: type[WholeBundlePublisher] = WholeBundlePublisher

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.into.with_name("state").resolve())

    def run(self, *, once: bool = True, seconds: float = 5) -> ExitCode:
        """Run a consumer process: one pass, or until the hook asks it to stop."""
        _, state = prepare(self.into, self.state.path)
        self.mailbox.hook = self._step
        self.shutdown = HookedShutdown(self._step)
        with self.ledger_type(state.ledger, self._step, self.boot) as ledger:
            attendant = None if self.hooks is None else self._attendant(ledger, self.hooks)

            def interruption_point() -> None:
                self.shutdown.interruption_point()
                if attendant is not None:
                    attendant.tick()

            parts = PublisherParts(
                ledger,
                state,
                self.into,
                interruption_point,
                permissions=self.permissions,
                doubtful=lambda entry, name: self.events.append(doubtful(entry.bundle_id, entry.key, name)),
                announced=self.hooks is not None,
            )
            service = Consumer(
                mailbox=self.mailbox,
                ledger=ledger,
                state=state,
                receiver=Receiver(self.mailbox, ledger, state, self.limits, interruption_point),
                publisher=Publication(
                    self.publisher_type(parts), self.whole_type(parts), whole_bundles=self.whole_bundles
                ),
                shutdown=self.shutdown,
                report=self.events.append,
                attendant=attendant,
                crew=self.crew(self.shutdown.interruption_point),
            )
            try:
                return service.run(once=once, poll_seconds=seconds)
            finally:
                self.waits += self.shutdown.waits

    def _attendant(self, ledger: Ledger, hooks: Hooks) -> Attendant:
        status = ConsumerStatus("mailbox", self.into, "0")
        runner = self.runner_type(ledger, lambda due: hooks.start(due, self._step), self.events.append)
        files = StatusFiles(status, None, None, self.events.append)
        return Attendant(ledger, status, files, Systemd({}), runner)

    def _step(self, name: str) -> None:
        self.hook(name)

    def files(self) -> dict[str, bytes]:
        """Return what lies in the folder of files."""
        found = (path for path in self.into.rglob("*") if path.is_file() and not path.is_symlink())
        return {str(path.relative_to(self.into)): path.read_bytes() for path in found}

    def take_files_away(self) -> None:
        """Do what the service does that the files are for."""
        for path, content in self.files().items():
            self.taken.append((path, content))
            (self.into / path).unlink()

    def events_of(self, kind: str) -> list[Event]:
        """Return the events of a kind."""
        return [event for event in self.events if event.kind == kind]

    def places(self) -> list[tuple[str, str, str | None, str]]:
        with Ledger(self.state.ledger) as ledger:
            return ledger.places()


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait for something that another process or thread does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
