from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from harness.events import LANDING, s3_event, s3_record
from harness.stores import Faults, MemoryArchive, MemoryLanding, MemoryMailbox, MemoryTable, one_by_one

from runtime.aggregator.attempt import Stores
from runtime.aggregator.batch import Aggregator, Limits, Message, Report
from runtime.claims.protocol import ClaimProtocol

LIFETIME = 9 * 86_400


@dataclass
class Pipeline:
    """An aggregator over stores in memory, at a time that stands still unless a test moves it."""

    now: float = 1_795_165_262.0
    timeout: float = 20.0
    faults: Faults = field(default_factory=Faults)
    max_file_bytes: int = 1000
    max_bundle_bytes: int = 2000

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

    def handle(self, *bodies: str) -> Report:
        """One invocation over a batch of messages m0, m1, ..."""
        aggregator = Aggregator(
            ClaimProtocol(self.table, self.archive, self.mailbox, one_by_one, lambda: self.now),
            Stores(self.landing, self.archive, self.mailbox),
            Limits(LANDING, LIFETIME, self.max_file_bytes, self.max_bundle_bytes),
            lambda: self.now,
            lambda size: next(self._attempts).to_bytes(size, "big"),
        )
        messages = [Message(f"m{number}", body) for number, body in enumerate(bodies)]
        return aggregator.handle(messages, self.now + self.timeout)

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
