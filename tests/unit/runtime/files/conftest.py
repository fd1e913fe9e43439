from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from harness.events import LANDING, s3_event, s3_record
from harness.stores import Faults, MemoryArchive, MemoryLanding, MemoryMailbox, MemoryTable

from baler.files.claims.protocol import ClaimProtocol
from baler.files.reason import Reason
from baler.store_errors import Refused, Unavailable
from runtime.files.aggregator.attempt import Stores
from runtime.files.aggregator.batch import Aggregator, BatchLimits, BatchReport, Message
from runtime.files.aggregator.file_outcome import retry
from runtime.files.aggregator.ports import Fetched, NotFetched

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from baler.files.claims.model import Claim
    from baler.files.landed_file import LandedFile

T = TypeVar("T")
A = TypeVar("A")

LIFETIME = 9 * 86_400


def _until(pipeline: Pipeline, until: float, call: Callable[[], T]) -> T:
    """Make a call that has no longer than until a moment."""
    if pipeline.now >= until:
        raise Refused("there is no time left to send it", "OutOfTime")
    try:
        return call()
    finally:
        if pipeline.now > until:
            pipeline.now = until
            raise Unavailable("no answer in time")


class _Until:
    def __init__(self, port: object, pipeline: Pipeline, until: float) -> None:
        self._port = port
        self._pipeline = pipeline
        self._until = until

    def __getattr__(self, method: str) -> Callable[..., object]:
        call = getattr(self._port, method)
        return lambda *arguments: _until(self._pipeline, self._until, lambda: call(*arguments))


class _Table(_Until):
    """A batch of inserts has less time than other calls, and what is left of it then is not known."""

    def insert(self, claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        now = self._pipeline.now
        until = now + min(2.0, (self._until - now) / 2)
        try:
            return _until(self._pipeline, until, lambda: self._pipeline.table.insert(claims))
        except Unavailable as error:
            return [error for _ in claims]


class _Landing:
    """One file after the other, as through a narrow line; a file that hangs holds up no other, and comes last."""

    def __init__(self, pipeline: Pipeline, until: float) -> None:
        self._pipeline = pipeline
        self._until = until

    def fetch(self, files: Sequence[LandedFile]) -> Generator[Fetched | NotFetched]:
        pipeline, hanging = self._pipeline, list[Fetched | NotFetched]()
        landing = MemoryLanding(self._call, pipeline.landing.contents)
        for file in files:
            if file.key in pipeline.hanging:
                hanging.append(NotFetched(file, retry(Reason.LANDING_UNAVAILABLE)))
            else:
                yield from landing.fetch([file])
        if hanging:
            pipeline.now = max(self._until, pipeline.now)
        yield from hanging

    def _call(self, name: str, effect: Callable[[], T]) -> T:
        return _until(self._pipeline, self._until, lambda: self._pipeline.landing.call(name, effect))


@dataclass
class Pipeline:
    """An aggregator over stores in memory, at a time that stands still unless a test moves it."""

    now: float = 1_795_165_262.0
    timeout: float = 20.0
    faults: Faults = field(default_factory=Faults)
    max_file_bytes: int = 1000
    max_bundle_bytes: int = 2000
    waited: float = 5.0
    """Seconds that each message of a batch was in the queue."""
    hanging: set[str] = field(default_factory=set[str])
    """Keys of the files whose fetch has no answer for ever."""

    def __post_init__(self) -> None:
        self.table = MemoryTable(self.faults)
        self.archive = MemoryArchive(self.faults)
        self.mailbox = MemoryMailbox(self.archive, self.faults)
        self.landing = MemoryLanding(self.faults)
        self._attempts = itertools.count()

    def land(self, key: str, content: bytes = b"hello", version: str = "v1") -> str:
        """Put a file and return the body of the message that announces it."""
        self.landing.contents[f"{LANDING}/{key}@{version}"] = content
        return s3_event(s3_record(key, version=version, size=len(content)))

    def aggregator(self) -> Aggregator:
        """The aggregator of one execution environment."""
        return Aggregator(
            self.stores,
            BatchLimits(LANDING, LIFETIME, self.max_file_bytes, self.max_bundle_bytes, 1_000_000),
            lambda: self.now,
            lambda size: next(self._attempts).to_bytes(size, "big"),
        )

    def stores(self, until: float) -> Stores:
        """The stores, whose calls are over by a moment, as the adapters keep it."""
        table: Any = _Table(self.table, self, until)
        archive: Any = _Until(self.archive, self, until)
        mailbox: Any = _Until(self.mailbox, self, until)
        claims = ClaimProtocol(
            table, archive, mailbox, concurrently=self.at_once, clock=lambda: self.now, pause=self.pause
        )
        return Stores(claims, _Landing(self, until), archive, mailbox)

    def at_once(self, call: Callable[[A], T], items: Sequence[A]) -> Iterable[T]:
        """Call for all items at the same time."""
        start = end = self.now
        answers: list[T] = []
        for item in items:
            self.now = start
            answers.append(call(item))
            end = max(end, self.now)
        self.now = end
        return answers

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def handle(self, *bodies: str) -> BatchReport:
        """One invocation over a batch of messages m0, m1, ..."""
        messages = [Message(f"m{number}", body, self.now - self.waited) for number, body in enumerate(bodies)]
        return self.aggregator().handle(messages, self.now + self.timeout)

    def archived(self) -> list[str]:
        """The key of every file in every archived bundle, sorted."""
        return sorted(key for stored in self.archive.bundles.values() for key, _ in stored.identities)

    def claimed(self) -> list[str]:
        """The key of every file on which a claim stands that was not given back, sorted."""
        claims = (claim for claim in self.table.claims.values() if not claim.is_given_back)
        return sorted(claim.identity.removeprefix(f"{LANDING}/").rpartition("@")[0] for claim in claims)


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()
