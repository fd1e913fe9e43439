"""The table of events in LocalStack's S3 and Glue, with several compactors and a reader at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from harness.processed_events import event, processed

from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.table.rows import source_rows
from runtime.events.aws.compaction import S3Listing
from runtime.events.aws.event_table import IcebergEventTable
from runtime.events.compactor.compactor import Announced, Compactor, Outcome
from sandbox.engine.endpoint import ROOT, Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.localstack.server import LocalStack

WRITERS = 3
OBJECTS = 6
EVENTS_EACH = 5


@dataclass
class Table:
    """A table of its own, and what is to come into it."""

    session: Any
    name: str
    bodies: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        return {key: self.bodies[key] for key in keys}

    def compactor(self) -> Compactor:
        listing = S3Listing(self.session.client("s3"))
        table = IcebergEventTable(
            catalogue_of(self.session), self.name, listing, location=f"s3://{self.name.replace('_', '-')}/events"
        )
        return Compactor(table=table, store=self, read=source_rows, has_time=lambda: True)

    def bring(self, keys: Sequence[str]) -> None:
        """Bring objects in, one batch each, and again until they are there, as a queue would."""
        compactor = self.compactor()
        left = list(keys)
        for _ in range(100):
            left = [key for key in left if compactor.handle([Announced(key, 1)])[key].outcome is not Outcome.COMMITTED]
            if not left:
                return
        pytest.fail(f"{len(left)} objects are not in the table after 100 tries")

    def ids(self) -> list[str]:
        """The identities in the current snapshot."""
        table: Any = catalogue_of(self.session).load_table((self.name, "events"))
        return table.scan(selected_fields=("record_id",)).to_arrow()["record_id"].to_pylist()


@pytest.fixture
def table(localstack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Table:
    for name, value in {
        "AWS_ENDPOINT_URL": localstack.endpoint,
        "AWS_DEFAULT_REGION": "eu-west-2",
        **ROOT.environment(),
    }.items():
        monkeypatch.setenv(name, value)
    name = f"events_{token_hex(4)}"
    aws = Endpoint(localstack.endpoint, "eu-west-2")
    aws.s3.create_bucket(Bucket=name.replace("_", "-"), CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    aws.glue.create_database(DatabaseInput={"Name": name})
    made = Table(cast("Any", boto3.Session()), name)
    for number in range(OBJECTS):
        events = [event("metric", value=number * 100 + value) for value in range(EVENTS_EACH)]
        key, body = processed(*events, arrived_at=1_705_314_600.0 + number)
        made.bodies[key] = body
    return made


@pytest.mark.requirement("EVENT-PROCESSED-02")
def test_several_compactors_bring_each_event_in_once_and_no_reader_ever_sees_one_twice(table: Table) -> None:
    keys = list(table.bodies)
    table.bring(keys[:1])
    done = threading.Event()
    seen: list[int] = []

    def look() -> None:
        while not done.is_set():
            ids = table.ids()
            assert len(ids) == len(set(ids))
            seen.append(len(ids))

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(look)
        # Each object is announced to two of them.
        writers = [
            pool.submit(table.bring, [key for at, key in enumerate(keys) if at % WRITERS != number])
            for number in range(WRITERS)
        ]
        try:
            for writer in writers:
                writer.result(timeout=1200)
        finally:
            done.set()
        reader.result(timeout=300)
    assert len(set(table.ids())) == len(table.ids()) == OBJECTS * EVENTS_EACH
    assert seen == sorted(seen)
    assert seen
