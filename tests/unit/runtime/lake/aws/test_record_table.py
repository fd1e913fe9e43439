"""Records and counters on moto; what moto never answers is scripted."""

from __future__ import annotations

import time
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.sightings import SOURCE, order, sighting

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.aws.session import credentials_of
from baler.lake.aws.record_items import counter_of
from baler.lake.counters import Day, inserted, moved, sums
from baler.lake.retention import FOR_EVER, Retention
from baler.store_errors import Refused, Unavailable
from runtime.lake.aws.record_table import DynamoRecordTable, Tables
from runtime.lake.aws.record_writes import WriteTime, cancelled, record_item
from runtime.lake.curation.sighting import Known, Sighting
from runtime.lake.curation.transaction import Cancelled, Insert, InvalidTransaction, Move, Reason, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.lake.counters import Counted

AT: Final = order("2026-03-08T23:58", 1001)
LATER: Final = order("2026-03-09T00:03", 2001)
DAY: Final = Day(SOURCE, AT.captured_at.date())
TABLES: Final = Tables("records", "counters")
WRITTEN: Final = WriteTime(AT.captured_at, FOR_EVER)
CLOCK: Final[Callable[[], float]] = lambda: 1_773_014_400.0  # noqa: E731


@pytest.fixture
def client(aws: None) -> DynamoDBClient:  # noqa: ARG001 - what it talks with
    made = boto3.client("dynamodb")
    for name, keys in ((TABLES.records, ("id",)), (TABLES.counters, ("pk", "sk"))):
        made.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    return made


@pytest.fixture
def table(client: DynamoDBClient) -> DynamoRecordTable:
    return DynamoRecordTable(client, TABLES, clock=CLOCK, sleep=lambda _: None)


def insert(table: DynamoRecordTable, *sightings: Sighting) -> Cancelled | None:
    writes = [Insert(each, 100) for each in sightings]
    return table.transact(Transaction(writes, inserted(DAY, 3, len(writes)), uuid.uuid4().hex))


def known_of(shown: Sighting) -> Known:
    return Known.of(shown)


def counters(client: DynamoDBClient) -> dict[Counted, int]:
    return sums(counter_of(each) for each in client.scan(TableName=TABLES.counters)["Items"])


def item(client: DynamoDBClient, record: str) -> dict[str, Any]:
    return client.get_item(TableName=TABLES.records, Key={"id": {"S": record}}).get("Item", {})


def test_records_are_written_read_and_counted(client: DynamoDBClient, table: DynamoRecordTable) -> None:
    shown = [sighting(number, "red", AT) for number in range(3)]
    assert insert(table, *shown) is None
    assert table.read(["posts-0", "posts-2", "posts-7"]) == {each.id: known_of(each) for each in (shown[0], shown[2])}
    assert counters(client) == {DAY: 3, DAY.total: 3}


def test_functions_read_and_write_by_clients_of_our_own(client: DynamoDBClient) -> None:
    http = HttpDynamoDb(client, credentials_of(boto3.Session()))
    table = DynamoRecordTable(http, TABLES)
    shown = [sighting(number, "red", AT) for number in range(101)]
    assert insert(table, *shown[:60]) is None
    assert insert(table, *shown[60:]) is None
    assert table.read([each.id for each in shown]).keys() == {each.id for each in shown}
    assert insert(table, shown[0]) == Cancelled([Reason.RACED], Reason.NONE)
    http.close()


@pytest.mark.requirement("LAKE-STORE-03")
def test_an_item_says_what_the_document_says() -> None:
    fields = {"title": "red", "likes": Decimal("12345678901234567890.5"), "draft": False}
    shown = Sighting("posts-1", SOURCE, AT, "f" * 64, "raw/key.json", fields, '{"title": "red"}')
    assert record_item(shown, known_of(shown), WriteTime(LATER.captured_at, FOR_EVER)) == {
        "id": {"S": "posts-1"},
        "source": {"S": "posts"},
        "captured_at": {"S": "2026-03-08T23:58:00Z"},
        "changed_at": {"S": "2026-03-08T23:58:00Z"},
        "generation": {"N": "1001"},
        "fingerprint": {"S": "f" * 64},
        "raw_s3_key": {"S": "raw/key.json"},
        "seen": {"S": "2026-03-08T23:58:00Z#00000000000000001001"},
        "other_seen": {"S": ""},
        "processed_at": {"S": "2026-03-09T00:03:00Z"},
        "title": {"S": "red"},
        "likes": {"N": "12345678901234567890.5"},
        "draft": {"BOOL": False},
        "document": {"S": '{"title": "red"}'},
    }


@pytest.mark.requirement("LAKE-CURATE-02")
def test_a_record_that_is_there_cancels_the_transaction_and_nothing_is_counted(
    client: DynamoDBClient, table: DynamoRecordTable
) -> None:
    insert(table, sighting(1, "red", AT))
    answer = insert(table, sighting(0, "red", AT), sighting(1, "red", AT))
    assert answer == Cancelled([Reason.NONE, Reason.RACED], Reason.NONE)
    assert counters(client) == {DAY: 1, DAY.total: 1}
    assert table.read(["posts-0"]) == {}


def test_a_record_moves_to_an_earlier_day_with_its_count(client: DynamoDBClient, table: DynamoRecordTable) -> None:
    shown = sighting(1, "red", AT)
    insert(table, shown)
    before, first = item(client, "posts-1"), sighting(1, "red", order("2026-03-07T10:00", 7))
    after = known_of(shown).after(first)
    move = Transaction([Move(known_of(shown), after)], moved(SOURCE, DAY.day, after.day, 0, 1), uuid.uuid4().hex)
    assert table.transact(move) is None
    assert counters(client) == {Day(SOURCE, after.day): 1, DAY.total: 1}
    times = {"captured_at": {"S": "2026-03-07T10:00:00Z"}, "changed_at": {"S": "2026-03-07T10:00:00Z"}}
    assert item(client, "posts-1") == before | times | {"generation": {"N": "7"}}
    answer = table.transact(Transaction(move.writes, move.counts, uuid.uuid4().hex))
    assert answer == Cancelled([Reason.RACED], Reason.NONE)


def test_a_newer_content_replaces_all_of_a_record_but_when_it_was_captured_first(
    client: DynamoDBClient, table: DynamoRecordTable
) -> None:
    before = sighting(1, "red", AT)
    insert(table, before)
    after = Sighting(before.id, SOURCE, LATER, "blue", "raw/later.json", {"colour": "blue"}, None)
    assert table.replace([(after, known_of(before))]) == {}
    known = known_of(before).after(after)
    assert (known.captured_at, known.changed, known.other) == (AT.captured_at, LATER, AT)
    assert item(client, before.id) == record_item(
        after, known, WriteTime(LATER.captured_at.replace(minute=0), FOR_EVER)
    )
    assert table.read([before.id]) == {before.id: known}
    assert table.replace([(after, known_of(before))]) == {before.id: Reason.RACED}


def test_a_stamp_moves_what_was_seen_and_nothing_else(client: DynamoDBClient, table: DynamoRecordTable) -> None:
    shown = [sighting(number, "red", AT) for number in range(6)]
    insert(table, *shown)
    before = item(client, "posts-4")
    later = [sighting(number, "red", LATER) for number in range(7)]
    undone = table.stamp([(each, known_of(sighting(number, "red", AT))) for number, each in enumerate(later)])
    assert undone == {"posts-6": Reason.RACED}, "a stamp makes no record"
    newest = {"seen": {"S": "2026-03-09T00:03:00Z#00000000000000002001"}, "raw_s3_key": {"S": later[4].raw_s3_key}}
    assert item(client, "posts-4") == before | newest


def test_an_older_sighting_moves_the_first_capture_within_its_day_and_names_no_older_object(
    client: DynamoDBClient, table: DynamoRecordTable
) -> None:
    shown = sighting(1, "red", AT)
    insert(table, shown)
    before, first = item(client, "posts-1"), order("2026-03-08T23:53", 1)
    assert table.stamp([(sighting(1, "blue", first), known_of(shown))]) == {}
    assert item(client, "posts-1") == before | {
        "captured_at": {"S": "2026-03-08T23:53:00Z"},
        "other_seen": {"S": "2026-03-08T23:53:00Z#00000000000000000001"},
    }
    assert counters(client) == {DAY: 1, DAY.total: 1}


class Scripted:
    """A client that answers by a script."""

    def __init__(self, *answers: dict[str, Any] | ClientError) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def call(**request: Any) -> dict[str, Any]:
            self.requests.append(request)
            answer = self.answers.pop(0)
            if isinstance(answer, ClientError):
                raise answer
            return answer

        return call


def error(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "TransactWriteItems")


def scripted(*answers: dict[str, Any] | ClientError) -> tuple[DynamoRecordTable, Scripted]:
    client: Any = Scripted(*answers)
    return DynamoRecordTable(client, TABLES, clock=CLOCK, sleep=lambda _: None), client


def test_what_a_batch_of_reads_leaves_for_later_is_asked_for_again() -> None:
    first, second = sighting(1, "red", AT), sighting(2, "red", AT)
    answers = [
        {
            "Responses": {"records": [record_item(first, known_of(first), WRITTEN)]},
            "UnprocessedKeys": {"records": {"Keys": [{"id": {"S": "posts-2"}}]}},
        },
        {"Responses": {"records": [record_item(second, known_of(second), WRITTEN)]}, "UnprocessedKeys": {}},
    ]
    table, client = scripted(*answers)
    assert table.read(["posts-1", "posts-2"]).keys() == {"posts-1", "posts-2"}
    assert client.requests[1]["RequestItems"]["records"]["Keys"] == [{"id": {"S": "posts-2"}}]
    assert client.requests[1]["RequestItems"]["records"]["ConsistentRead"] is True


def test_reads_that_are_never_done_are_a_refusal() -> None:
    left = {"Responses": {}, "UnprocessedKeys": {"records": {"Keys": [{"id": {"S": "posts-1"}}]}}}
    table, _ = scripted(*[left] * 8)
    with pytest.raises(Refused, match="leaves some for later"):
        table.read(["posts-1"])


def test_a_read_waits_for_nothing_beyond_the_deadline() -> None:
    """The function would be ended with its batch, and a throttle would use up a try of each message."""
    left = {"Responses": {}, "UnprocessedKeys": {"records": {"Keys": [{"id": {"S": "posts-1"}}]}}}
    client: Any = Scripted(*[left] * 8)
    waits: list[float] = []
    table = DynamoRecordTable(client, TABLES, time.time() + 0.35, clock=CLOCK, sleep=waits.append)
    with pytest.raises(Refused, match="leaves some for later"):
        table.read(["posts-1"])
    assert waits == [0.1, 0.2]


def test_each_reason_of_a_cancellation_is_read_for_itself() -> None:
    codes = [
        "None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded",
        "ValidationError", "ItemCollectionSizeLimitExceeded", "NewWord",
    ]  # fmt: skip
    passing, invalid = Reason.PASSING, Reason.INVALID
    expected = [Reason.NONE, Reason.RACED, passing, passing, passing, invalid, invalid, passing]
    assert cancelled([{"Code": code} for code in [*codes, "None"]], 8) == Cancelled(expected, Reason.NONE)
    assert cancelled([{"Code": "None"}, {"Code": "TransactionConflict"}], 1) == Cancelled([Reason.NONE], passing)
    assert cancelled([], 2) == Cancelled([passing, passing], Reason.NONE)


def test_a_transaction_is_tried_once_and_says_what_is_known_of_it() -> None:
    shown = sighting(1, "red", AT)
    table, client = scripted(error("ValidationException"))
    with pytest.raises(InvalidTransaction):
        insert(table, shown)
    table, client = scripted(error("ThrottlingException"))
    with pytest.raises(Refused):
        insert(table, shown)
    table, client = scripted(error("InternalServerError", 500))
    with pytest.raises(Unavailable) as unknown:
        insert(table, shown)
    assert not isinstance(unknown.value, Refused)
    assert len(client.requests) == 1


def test_a_record_that_a_table_never_takes_is_named_and_others_are_replaced() -> None:
    shown = [(sighting(number, "blue", LATER), known_of(sighting(number, "red", AT))) for number in range(2)]
    table, _ = scripted(error("ValidationException"), {})
    assert list(table.replace(shown).values()) == [Reason.INVALID]


WEEK: Final = Tables("records", "counters", Retention(7))
LAST_SECOND: Final = AT.captured_at.replace(day=15, hour=23, minute=59, second=59).timestamp()


def table_at(client: DynamoDBClient, now: float) -> DynamoRecordTable:
    return DynamoRecordTable(client, WEEK, clock=lambda: now, sleep=lambda _: None)


def test_a_record_and_the_counter_of_its_day_end_together_and_the_total_never(client: DynamoDBClient) -> None:
    shown = sighting(1, "red", AT)
    assert insert(table_at(client, AT.captured_at.timestamp()), shown) is None
    over = {"N": str(round(LAST_SECOND) + 1)}
    assert item(client, shown.id)["expires_at"] == over
    ends = {each["sk"].get("S"): each.get("expires_at") for each in client.scan(TableName=TABLES.counters)["Items"]}
    assert ends == {"day#2026-03-08#03": over, "total#03": None}


def test_a_record_that_moves_to_an_earlier_day_ends_with_that_day(client: DynamoDBClient) -> None:
    table = table_at(client, LATER.captured_at.timestamp())
    shown = sighting(1, "red", LATER)
    earlier = sighting(1, "red", AT)
    assert table.transact(Transaction([Insert(shown, 100)], inserted(Day(SOURCE, shown.day), 3, 1), "first")) is None
    before = known_of(shown)
    move = Move(before, before.after(earlier))
    assert table.transact(Transaction([move], moved(SOURCE, shown.day, AT.captured_at.date(), 3, 1), "second")) is None
    assert item(client, shown.id)["expires_at"] == {"N": str(round(LAST_SECOND) + 1)}


def test_a_record_that_is_over_is_gone_for_curation_though_it_is_still_there(client: DynamoDBClient) -> None:
    old, new = sighting(1, "red", AT), sighting(1, "red", order("2026-03-16T00:00", 9001))
    assert insert(table_at(client, AT.captured_at.timestamp()), old) is None
    there = table_at(client, LAST_SECOND)
    assert there.read([old.id]) == {old.id: known_of(old)}
    raced = Cancelled([Reason.RACED], Reason.NONE)
    assert insert(there, new) == raced
    over = table_at(client, LAST_SECOND + 1)
    assert over.read([old.id]) == {}
    assert insert(over, new) is None
    assert over.read([old.id]) == {new.id: known_of(new)}


def test_a_transaction_is_the_same_in_every_try_however_long_they_take() -> None:
    times = iter([10.0, 11.0, 12.0])
    client: Any = Scripted(error("InternalServerError", 500), {})
    table = DynamoRecordTable(client, WEEK, clock=lambda: next(times), sleep=lambda _: None)
    transaction = Transaction([Insert(sighting(1, "red", AT), 100)], inserted(DAY, 3, 1), "name")
    with pytest.raises(Unavailable):
        table.transact(transaction)
    assert table.transact(transaction) is None
    assert client.requests[0] == client.requests[1]
