from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from harness.processed_events import PROCESSED_AT, event, processed

from baler.events.event_types import EVENT_TYPES
from baler.events.raw_object import ForeignObjectError
from baler.events.table.columns import COLUMNS, ENRICHED, AmbiguousColumnError, Column, ColumnType, merged
from baler.events.table.rows import source_rows

if TYPE_CHECKING:
    from baler.events.table.source_rows import SourceRows


def rows_of(*events: str) -> SourceRows:
    return source_rows(*processed(*events))


def test_a_row_says_where_the_event_comes_from_and_what_it_is() -> None:
    key, body = processed(event("transaction", note="\u2028\r"))
    found = source_rows(key, body)
    (row,) = found.rows
    assert row == {
        "event_type": "transaction",
        "event_time": datetime(2024, 1, 15, 10, 30, 0, 123456, tzinfo=UTC),
        "record_id": json.loads(body)["record_id"],
        "source": key,
        "shard_id": "shardId-000000000000",
        "sequence_number": f"{0:056}",
        "sub_sequence": 0,
        "arrived_at": datetime(2024, 1, 15, 10, 30, 0, 125_000, tzinfo=UTC),
        "processed_timestamp": PROCESSED_AT,
        "amount": Decimal("1000.500000000"),
        "transaction_id": "t",
        "user_id": "u",
        "currency": "EUR",
        "transaction_date": date(2024, 1, 15),
        "amount_category": "large",
        "is_high_value": True,
        "original_data": row["original_data"],
    }
    assert json.loads(str(row["original_data"])) == json.loads(body)["original_data"]
    assert found.partition.path == "event_type=transaction/year=2024/month=01/day=15/hour=10"
    assert found.first_arrival == found.last_arrival == row["arrived_at"]


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_each_declared_type_fills_columns_of_its_declared_types_alone(kind: str) -> None:
    (row,) = rows_of(event(kind)).rows
    types = {column.name: column.type for column in COLUMNS}
    python = {
        ColumnType.TEXT: str,
        ColumnType.NUMBER: float,
        ColumnType.DECIMAL: Decimal,
        ColumnType.INTEGER: int,
        ColumnType.FLAG: bool,
        ColumnType.DATE: date,
        ColumnType.TIME: datetime,
    }
    assert {name: type(value) for name, value in row.items()} == {name: python[types[name]] for name in row}
    assert {column.name for column in COLUMNS if column.required} <= row.keys()
    # What the transformer adds is declared, to the last field.
    assert {column.name for column in ENRICHED[kind]} <= row.keys()


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_what_the_transformer_adds_is_declared(kind: str) -> None:
    _, body = processed(event(kind))
    assert json.loads(body)["enriched_data"].keys() == {column.name for column in ENRICHED[kind]}


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("0.1", "0.1"),
        ("9007199254740993", "9007199254740993"),
        ("12345678901234567890.12", "12345678901234567890.12"),
        ("99999999999999980000000000000.9999999999999", "99999999999999980000000000000.999999999"),
        ("-0.0", "0"),
        ("1E2", "100"),
        ("0.0000000019", "0.000000001"),
        ("1e-400", "0"),
        ("1e-99999999999999999999", "0"),
    ],
)
def test_an_amount_keeps_the_producers_digits_to_the_ninth(written: str, held: str) -> None:
    text = event("transaction").replace("1000.5", written)
    assert rows_of(text).rows[0]["amount"] == Decimal(held)


def test_a_field_of_another_types_name_is_no_value_of_its_column() -> None:
    (row,) = rows_of(event("system_event", amount={"of": "any shape"}, is_high_value="perhaps")).rows
    assert "amount" not in row
    assert "is_high_value" not in row


def test_a_null_and_a_missing_field_are_no_values() -> None:
    (row,) = rows_of(event("user_action", page=None, session_duration=None)).rows
    assert "page" not in row
    assert "session_duration_category" not in row


def test_arrivals_are_the_earliest_and_the_latest() -> None:
    found = rows_of(event("metric"), event("metric", value=1), event("metric", value=2))
    assert [row["arrived_at"] for row in found.rows] == sorted(row["arrived_at"] for row in found.rows)  # type: ignore[type-var]
    assert (found.first_arrival, found.last_arrival) == (found.rows[0]["arrived_at"], found.rows[-1]["arrived_at"])


KEY, BODY = processed(event("metric"))
LARGE_KEY, LARGE_BODY = processed(event("transaction"))


@pytest.mark.parametrize(
    ("key", "body"),
    [
        (KEY.replace("processed/", "raw/"), BODY),
        (KEY.replace("metric", "other"), BODY),
        (KEY.replace("hour=10", "hour=11"), BODY),
        (KEY.replace("event_type=metric", "event_type=transaction"), BODY),
        (KEY, b""),
        (KEY, BODY[:-1]),
        (LARGE_KEY, LARGE_BODY.replace(b"1000.5", b"1e29")),
        (KEY, b"{}\n"),
        (KEY, b"\xff\n"),
        (KEY, BODY.replace(b'"record_id":"', b'"record_id":"0', 1)),
        (KEY, BODY.replace(b'"original_data"', b'"original"')),
        (KEY, b'{"original_data":' + b"[" * 100_000 + b"\n"),
    ],
)
def test_what_no_transformer_writes_is_refused(key: str, body: bytes) -> None:
    with pytest.raises(ForeignObjectError):
        source_rows(key, body)


def test_a_name_that_is_declared_for_two_kinds_of_values_is_refused() -> None:
    text = Column("level", ColumnType.TEXT, "")
    assert merged([text, text]) == (text,)
    with pytest.raises(AmbiguousColumnError, match="level is declared as text and as number"):
        merged([text, Column("level", ColumnType.NUMBER, "")])
