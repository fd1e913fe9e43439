"""The protocol's table on moto; what moto never answers is scripted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.event_functions import PROGRESS, RAW, EventStores

from baler.aws.http.client import Service
from baler.events.aws.progress_items import batch_item, batch_of, object_mark
from baler.events.aws.progress_table import DynamoProgressTable
from baler.events.raw_object import raw_object_name
from baler.events.stream.commit import commit
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.frontier import BEGINNING
from baler.events.stream.gate import Admission, admit
from baler.events.stream.shard_key import ShardKey
from baler.store_errors import Refused, Unavailable
from runtime.events.aws.clients import ProcessorClients
from runtime.events.aws.run_table import DynamoRunTable

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "raw/event_type=metric/year=2026/month=11/day=20/hour=09/data_17.shardId-0_1_2_" + "ab" * 32 + ".json"


@pytest.fixture(scope="module")
def clients(stores: EventStores) -> Iterator[ProcessorClients]:  # noqa: ARG001 - what they talk with
    with closing(ProcessorClients.connect(RAW)) as made:
        yield made


@pytest.fixture(params=["http", "boto3"])
def table(request: pytest.FixtureRequest, clients: ProcessorClients) -> DynamoProgressTable:
    return DynamoProgressTable(clients.tables if request.param == "http" else boto3.client("dynamodb"), PROGRESS)


@pytest.fixture
def batch(shard: str) -> CommittedBatch:
    key = ShardKey("arn:aws:kinesis:stream", 1_795_000_000, shard)
    return CommittedBatch(key, BEGINNING, "01", "05", (KEY,), "rejected/x.json", 3, 2, 1_795_165_262.123)


def test_a_batch_is_read_as_it_was_committed(table: DynamoProgressTable, batch: CommittedBatch) -> None:
    assert table.frontier(batch.shard) == BEGINNING
    assert table.commit(batch)
    assert table.frontier(batch.shard) == "05"
    assert table.batch(batch.shard, "05") == batch
    assert table.batch(batch.shard, "04") is None


@pytest.mark.parametrize("changes", [{"rejected": None}, {"objects": (), "events": 0}, {"after": "00"}])
def test_an_item_holds_all_of_a_batch(batch: CommittedBatch, changes: dict[str, Any]) -> None:
    changed = replace(batch, **changes)
    assert batch_of(batch_item(changed), batch.shard) == changed


def test_a_batch_that_does_not_begin_at_the_frontier_changes_nothing(
    table: DynamoProgressTable, batch: CommittedBatch
) -> None:
    assert table.commit(batch)
    assert not table.commit(replace(batch, last="06"))
    assert not table.commit(replace(batch, after="03", last="07"))
    assert table.frontier(batch.shard) == "05"
    assert (table.batch(batch.shard, "06"), table.batch(batch.shard, "07")) == (None, None)
    assert table.commit(replace(batch, after="05", first="06", last="07"))
    assert table.frontier(batch.shard) == "07"


def test_a_commit_whose_answer_was_lost_is_known_for_its_own(table: DynamoProgressTable, batch: CommittedBatch) -> None:
    assert table.commit(batch)
    assert not table.commit(batch)
    assert commit(table, batch)
    assert not commit(table, replace(batch, objects=("another",)))


def test_the_gate_lets_through_what_the_table_lists(table: DynamoProgressTable, batch: CommittedBatch) -> None:
    assert admit(table, batch.shard, "05", KEY) is Admission.NOT_YET
    assert table.commit(batch)
    assert admit(table, batch.shard, "05", KEY) is Admission.LISTED
    assert admit(table, batch.shard, "05", "raw/other") is Admission.ORPHAN
    assert admit(table, batch.shard, "04", KEY) is Admission.ORPHAN


def test_shards_and_lives_of_a_stream_do_not_meet(table: DynamoProgressTable, batch: CommittedBatch) -> None:
    later = replace(batch.shard, created_at=batch.shard.created_at + 1)
    assert table.commit(batch)
    assert table.frontier(later) == BEGINNING
    assert table.commit(replace(batch, shard=later))


def test_a_processed_object_is_noted_once_and_the_batch_stays_what_it_was(
    table: DynamoProgressTable, batch: CommittedBatch
) -> None:
    assert table.commit(batch)
    table.note_processed(batch.shard, "05", KEY)
    table.note_processed(batch.shard, "05", KEY)
    assert table.processed(batch.shard, "05") == {"ab" * 32}
    assert table.batch(batch.shard, "05") == batch


def test_a_batch_that_has_expired_stays_gone(
    table: DynamoProgressTable, batch: CommittedBatch, stores: EventStores
) -> None:
    table.note_processed(batch.shard, "05", KEY)
    assert table.processed(batch.shard, "05") == frozenset()
    assert stores.progress(batch.shard.shard_id) == {}


def test_the_mark_of_an_object_is_the_hash_in_its_key() -> None:
    key = KEY.replace("17.shardId-0_1_2", "1795000000.shardId-000000000000_1_2")
    assert object_mark(key) == raw_object_name(key).content_sha256


def test_batches_expire_only_where_raw_objects_do(clients: ProcessorClients, batch: CommittedBatch) -> None:
    items: list[dict[str, Any]] = []
    for days in (0, 17):
        table = DynamoProgressTable(clients.tables, PROGRESS, batch_days=days, clock=lambda: 1000.0)
        shard = replace(batch.shard, created_at=days)
        assert table.commit(replace(batch, shard=shard))
        key = {"pk": {"S": str(shard)}, "sk": {"S": "batch#05"}}
        items.append(dict(boto3.client("dynamodb").get_item(TableName=PROGRESS, Key=key).get("Item", {})))
    assert [item.get("expires_at") for item in items] == [None, {"N": str(1000 + 17 * 86_400)}]


class Cancelling(Service):
    """A client whose transactions are cancelled for reasons, one after the other, and then done."""

    def __init__(self, *reasons: tuple[str, ...]) -> None:
        self.reasons = list(reasons)
        self.calls = 0

    def until(self, deadline: float) -> Self:
        del deadline
        return self

    def transact_write_items(self, **_: Any) -> None:
        self.calls += 1
        if self.reasons:
            reasons: Any = [{"Code": code} for code in self.reasons.pop(0)]
            response: Any = {
                "Error": {"Code": "TransactionCanceledException"},
                "ResponseMetadata": {"HTTPStatusCode": 400},
                "CancellationReasons": reasons,
            }
            raise ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize("passing", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_met_another_or_was_throttled_is_made_again(
    batch: CommittedBatch, passing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Any = Cancelling((passing, "None"), ("None", passing))
    monkeypatch.setattr("baler.aws.attempts._BACKOFF_SECONDS", 0.0)
    assert DynamoProgressTable(client, PROGRESS).commit(batch)
    assert client.calls == 3


@pytest.mark.parametrize("beside", ["None", "TransactionConflict"])
def test_a_condition_that_failed_is_an_answer_whatever_is_beside_it(batch: CommittedBatch, beside: str) -> None:
    client: Any = Cancelling(("ConditionalCheckFailed", beside))
    assert not DynamoProgressTable(client, PROGRESS).commit(batch)


@pytest.mark.parametrize("reasons", [("None", "ItemCollectionSizeLimitExceeded"), ("ValidationError", "None"), ()])
def test_a_transaction_that_can_never_be_done_is_refused(batch: CommittedBatch, reasons: tuple[str, ...]) -> None:
    client: Any = Cancelling(reasons)
    with pytest.raises(Refused):
        DynamoProgressTable(client, PROGRESS).commit(batch)


def test_a_table_that_is_not_there_is_unavailable(clients: ProcessorClients, batch: CommittedBatch) -> None:
    table = DynamoProgressTable(clients.tables, "no-such-table")
    for call in (
        lambda: table.frontier(batch.shard),
        lambda: table.batch(batch.shard, "05"),
        lambda: table.commit(batch),
        lambda: table.note_processed(batch.shard, "05", KEY),
    ):
        with pytest.raises(Unavailable):
            call()


# --- runs


@pytest.fixture
def runs(clients: ProcessorClients) -> DynamoRunTable:
    return DynamoRunTable(clients.tables, PROGRESS, lambda: float("inf"), clock=lambda: 1000.0)


def test_runs_that_began_and_never_ended_are_counted(runs: DynamoRunTable, batch: CommittedBatch) -> None:
    assert [runs.begin(batch.shard, "01", run) for run in ("a", "b", "c")] == [0, 1, 2]
    runs.end(batch.shard, "01", "b")
    assert runs.begin(batch.shard, "01", "d") == 2
    assert runs.begin(batch.shard, "02", "e") == 0


def test_a_call_about_a_run_that_is_repeated_changes_nothing(runs: DynamoRunTable, batch: CommittedBatch) -> None:
    assert [runs.begin(batch.shard, "01", "a"), runs.begin(batch.shard, "01", "a")] == [0, 0]
    assert runs.begin(batch.shard, "01", "b") == 1
    for _ in range(2):
        runs.end(batch.shard, "01", "a")
        runs.end(batch.shard, "01", "never began")
    assert runs.begin(batch.shard, "01", "c") == 1


def test_notes_about_runs_expire_and_each_attempt_begins_their_time_anew(
    runs: DynamoRunTable, batch: CommittedBatch, stores: EventStores
) -> None:
    runs.end(batch.shard, "01", "never began")
    runs.begin(batch.shard, "02", "a")
    found = stores.progress(batch.shard.shard_id)
    assert {name: item["expires_at"] for name, item in found.items()} == {
        "run#01": {"N": str(1000 + 8 * 86_400)},
        "run#02": {"N": str(1000 + 8 * 86_400)},
    }


def test_a_run_whose_time_is_up_is_unavailable(clients: ProcessorClients, batch: CommittedBatch) -> None:
    with pytest.raises(Unavailable):
        DynamoRunTable(clients.tables, PROGRESS, lambda: 1.0).begin(batch.shard, "01", "a")
