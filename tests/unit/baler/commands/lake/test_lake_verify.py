"""What `baler lake verify` says of counters, and what it repairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError
from harness.lake_stores import post

from baler.cli.exit_codes import ExitCode
from baler.commands.lake import verify as verify_module
from baler.commands.lake.verify import corrected, settled
from baler.lake.aws.counted_table import DynamoCountedTable
from baler.lake.aws.record_items import counter_key
from baler.lake.counters import Counted, Day, Total
from baler.lake.order import read_time
from baler.lake.verification import Comparison, compare
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.lake_stores import Lake

    from baler.lake.counters import CounterItem

POSTS = "jsonplaceholder"
DAY = Day(POSTS, read_time("2026-03-08T10:00:00Z").date())


def filled(lake: Lake) -> DynamoCountedTable:
    lake.fetch("2026-03-08T10:00", [post(1), post(2)])
    lake.fetch("2026-03-09T10:00", [post(1, "blue"), post(2), post(3)])
    return DynamoCountedTable(lake.dynamodb, "records", "counters")


def add(lake: Lake, counted: Counted, by: int, shard: int = 3) -> None:
    lake.dynamodb.update_item(
        TableName="counters",
        Key=counter_key(counted, shard),
        UpdateExpression="ADD #n :by, changes :one",
        ExpressionAttributeNames={"#n": "n"},
        ExpressionAttributeValues={":by": {"N": str(by)}, ":one": {"N": "1"}},
    )


def test_counters_that_curation_wrote_are_right(lake: Lake) -> None:
    filled(lake)
    code, (done,) = lake.told("verify")
    assert (code, done["records"], done["wrong"], done["moving"]) == (ExitCode.OK, 3, 0, 0)


def test_an_empty_stack_is_well(lake: Lake) -> None:
    assert lake.run("verify").exit_code == ExitCode.OK


def test_a_wrong_day_and_a_wrong_total_are_named_and_left_as_they_are(lake: Lake) -> None:
    filled(lake)
    add(lake, DAY, 5)
    add(lake, Total(POSTS), -1)
    for _ in range(2):
        code, told = lake.told("verify")
        assert code == ExitCode.NEEDS_ATTENTION
        wrong = [(each["event"], each["day"], each["records"], each["counted"]) for each in told[:-1]]
        assert wrong == [("wrong", "2026-03-08", 2, 7), ("wrong", None, 3, 2)]


def test_repairing_corrects_what_is_wrong_and_nothing_else(lake: Lake) -> None:
    filled(lake)
    add(lake, DAY, 5)
    add(lake, DAY, -1, shard=0)
    code, told = lake.told("verify", "--repair")
    assert code == ExitCode.OK
    assert [(each["event"], each["source"], each["records"]) for each in told[:-1]] == [("repaired", POSTS, 2)]
    assert told[-1]["repaired"] == 1
    assert lake.told("verify")[0] == ExitCode.OK


def test_records_without_any_counter_are_counted_by_a_repair(lake: Lake) -> None:
    filled(lake)
    for item in lake.dynamodb.scan(TableName="counters")["Items"]:
        lake.dynamodb.delete_item(TableName="counters", Key={name: item[name] for name in ("pk", "sk")})
    assert lake.told("verify")[0] == ExitCode.NEEDS_ATTENTION
    assert lake.told("verify", "--repair")[1][-1]["repaired"] == 3
    assert lake.told("verify")[0] == ExitCode.OK


def test_a_counter_that_changes_before_it_is_corrected_is_left_alone_and_named(lake: Lake) -> None:
    table = filled(lake)
    add(lake, DAY, 5)
    found = compare(table)
    add(lake, DAY, 1, shard=15)
    told: list[str] = []
    assert corrected(table, found, lambda event: told.append(event.kind)) == found.mismatches
    assert told == ["wrong"]


def test_an_item_of_a_counter_that_is_new_since_it_was_compared_keeps_it_from_being_corrected(lake: Lake) -> None:
    table = filled(lake)
    add(lake, DAY, 5)
    (wrong,) = compare(table).mismatches
    missing = next(shard for shard in range(16) if shard not in {item.shard for item in wrong.items})
    add(lake, DAY, 0, shard=missing)
    assert not table.correct(DAY, -5, wrong.items)


class Busy(DynamoCountedTable):
    """Counters that are written to while the first records are read."""

    lake: Lake
    times: int

    def days(self) -> Iterator[Day]:
        yield from super().days()
        if self.times:
            self.times -= 1
            add(self.lake, DAY, 1)
            add(self.lake, DAY, -1)

    def counters(self) -> Sequence[CounterItem]:
        return super().counters()


def test_what_is_written_to_meanwhile_is_compared_again_and_in_the_end_nothing_is_said_of_it(lake: Lake) -> None:
    filled(lake)
    table = Busy(lake.dynamodb, "records", "counters")
    table.lake, table.times = lake, 2
    assert settled(table, 3).moving == ()
    table.times = 3
    assert settled(table, 3).moving == (DAY,)


def test_what_is_over_is_left_out_and_what_a_repair_makes_ends_with_its_day(lake: Lake) -> None:
    filled(lake)
    ninth = Day(POSTS, DAY.day.replace(day=9))
    ends = {"2026-03-08": "1000", "2026-03-09": "3000"}
    for item in lake.dynamodb.scan(TableName="records")["Items"]:
        end = ends[item["captured_at"]["S"][:10]]
        lake.dynamodb.put_item(TableName="records", Item={**item, "expires_at": {"N": end}})
    for item in lake.dynamodb.scan(TableName="counters")["Items"]:
        lake.dynamodb.delete_item(TableName="counters", Key={name: item[name] for name in ("pk", "sk")})
    table = DynamoCountedTable(lake.dynamodb, "records", "counters", clock=lambda: 2000.0)
    wrong = compare(table).mismatches
    assert [(each.of, each.records) for each in wrong] == [(ninth, 1), (Total(POSTS), 1)]
    assert all(table.correct(each.of, each.records, each.items) for each in wrong)
    made = lake.dynamodb.get_item(TableName="counters", Key=counter_key(ninth, 0))["Item"]
    assert (made["n"], made["expires_at"]) == ({"N": "1"}, {"N": "3000"})


def test_a_table_that_is_not_there_is_a_sentence(lake: Lake) -> None:
    result = lake.run("verify", BALER_LAKE_RECORDS_TABLE="no-such-table")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "Traceback" not in result.output


def test_a_correction_that_is_cancelled_for_any_other_reason_than_a_change_is_an_error(lake: Lake) -> None:
    table = filled(lake)
    add(lake, DAY, 5)
    (wrong,) = compare(table).mismatches
    reasons: Any = [{"Code": "ConditionalCheckFailed"}, {"Code": "ItemCollectionSizeLimitExceeded"}]
    cancelled = ClientError(
        {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}, "TransactWriteItems"
    )
    with (
        mock.patch.object(lake.dynamodb, "transact_write_items", side_effect=cancelled),
        pytest.raises(Unavailable),
    ):
        table.correct(wrong.of, -5, wrong.items)


def test_counters_that_moved_all_the_while_are_not_called_right(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def moving(table: object) -> Comparison:
        del table
        return Comparison(records=3, mismatches=(), moving=(DAY,))

    monkeypatch.setattr(verify_module, "compare", moving)
    code, told = lake.told("verify")
    assert code == ExitCode.UNKNOWN
    assert [(each["event"], each.get("source")) for each in told] == [("moving", POSTS), ("done", None)]
