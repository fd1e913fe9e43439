from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from harness.events import LANDING, s3_event, s3_record
from harness.stores import Faults, MemoryArchive, MemoryLanding, MemoryMailbox, MemoryTable, one_by_one
from moto import mock_aws
from moto.server import ThreadedMotoServer

from runtime.aggregator.attempt import Stores
from runtime.aggregator.batch import Aggregator, Limits, Message, Report
from runtime.claims.protocol import ClaimProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

LIFETIME = 9 * 86_400


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def aws(moto_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty stores behind an address: the lean clients are not boto3's, which moto could answer within the process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_server)
    with mock_aws():  # empties what the server has
        yield


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
            ClaimProtocol(self.table, self.archive, self.mailbox, one_by_one, lambda: self.now),
            Stores(self.landing, self.archive, self.mailbox),
            Limits(LANDING, LIFETIME, self.max_file_bytes, self.max_bundle_bytes, 1_000_000),
            lambda: self.now,
            lambda size: next(self._attempts).to_bytes(size, "big"),
        )

    def handle(self, *bodies: str) -> Report:
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
