"""`baler events query`, over a table that the compactor's adapter made in moto."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.processed_events import event, processed
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.aws.s3_files import S3Files
from baler.events.table.rows import source_rows
from runtime.events.aws.event_table import IcebergEventTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.io import InputFile
    from typer.testing import Result

DATABASE = "baler_test_events"


@dataclass
class Analyst:
    """Somebody who asks."""

    session: Any

    def ask(self, sql: str, *options: str, database: str = DATABASE) -> Result:
        return CliRunner().invoke(app, ["events", "query", sql, *options], env={"BALER_EVENTS_DATABASE": database})

    def documents(self, sql: str) -> list[dict[str, Any]]:
        result = self.ask(sql, "--json")
        assert result.exit_code == ExitCode.OK, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def analyst(aws_settings: None) -> Iterator[Analyst]:  # noqa: ARG001 - where boto3 finds moto
    with mock_aws():
        session = cast("Any", boto3.Session())
        session.client("s3").create_bucket(
            Bucket="compacted", CreateBucketConfiguration={"LocationConstraint": session.region_name}
        )
        session.client("glue").create_database(DatabaseInput={"Name": DATABASE})
        yield Analyst(session)


@pytest.fixture
def filled(analyst: Analyst) -> Analyst:
    table = IcebergEventTable(catalogue_of(analyst.session), DATABASE, lambda _: (), location="s3://compacted/events")
    hours = [
        processed(
            event("transaction", amount=1001.01, timestamp=f"2024-01-{day:02}T{hour:02}:30:00Z", note="\x1b[2J"),
            event("transaction", amount=0.1, timestamp=f"2024-01-{day:02}T{hour:02}:30:00+00:00"),
        )
        for day, hour in ((14, 23), (15, 0), (15, 1))
    ]
    sources = [source_rows(*each) for each in hours]
    assert table.snapshot().commit(sources, frozenset())
    return analyst


@pytest.mark.requirement("EVENT-PROCESSED-02")
def test_high_value_transactions_per_hour_of_a_day_are_one_question(filled: Analyst) -> None:
    found = filled.documents(
        "SELECT date_trunc('hour', event_time) AS hour, count(*) AS transactions, sum(amount) AS amount FROM events "
        "WHERE is_high_value AND event_time >= date '2024-01-15' AND event_time < date '2024-01-16' "
        "GROUP BY hour ORDER BY hour"
    )
    assert found == [
        {"hour": "2024-01-15 00:00:00Z", "transactions": 1, "amount": "1001.01"},
        {"hour": "2024-01-15 01:00:00Z", "transactions": 1, "amount": "1001.01"},
    ]


def test_sums_are_right_to_the_last_digit(filled: Analyst) -> None:
    assert filled.documents("SELECT sum(amount) AS amount FROM events") == [{"amount": "3003.33"}]


def test_hours_whose_values_look_different_are_one_table_of_declared_types(analyst: Analyst) -> None:
    table = IcebergEventTable(catalogue_of(analyst.session), DATABASE, lambda _: (), location="s3://compacted/events")
    hours: list[dict[str, Any]] = [
        {"amount": 2**53 + 1},
        {"amount": 0.07, "device": {"os": "x"}},
        {"amount": 10, "currency": None, "user_id": None, "transaction_id": None},
        {"amount": 1.5, "device": ["x", 1]},
    ]
    for hour, fields in enumerate(hours):
        source = source_rows(*processed(event("transaction", timestamp=f"2024-01-15T{hour:02}:30:00Z", **fields)))
        assert table.snapshot().commit([source], frozenset())
    (found,) = analyst.documents("SELECT sum(amount) AS amount, count(currency) AS currencies FROM events")
    assert (Decimal(found["amount"]), found["currencies"]) == (Decimal("9007199254741004.57"), 3)


def test_a_table_is_printed_in_columns_and_without_control_characters(filled: Analyst) -> None:
    result = filled.ask(
        "SELECT event_time AS at, amount, original_data ->> 'note' AS note FROM events ORDER BY 1, 2 LIMIT 2"
    )
    assert result.stdout.splitlines() == [
        "at                     amount  note",
        "2024-01-14 23:30:00Z      0.1",
        "2024-01-14 23:30:00Z  1001.01  \\x1b[2J",
    ]


def test_the_heading_is_printed_once_and_without_a_row_too(filled: Analyst) -> None:
    lines = filled.ask("SELECT i FROM range(2500) AS numbers(i)").stdout.split()
    assert lines == ["i", *(str(number) for number in range(2500))]
    assert filled.ask("SELECT amount FROM events WHERE false").stdout.splitlines() == ["amount"]


def test_columns_of_one_name_are_each_in_the_document(filled: Analyst) -> None:
    assert filled.documents("SELECT 1 AS a, 2 AS a, 3 AS a_2") == [{"a": 1, "a_2": 2, "a_2_2": 3}]


def test_a_document_is_json_whatever_the_doubles(filled: Analyst) -> None:
    result = filled.ask("SELECT 'nan'::double AS x, [1.5, 1 / 0] AS y, {'z': -1 / 0} AS s", "--json")
    assert json.loads(result.stdout, parse_constant=pytest.fail) == {"x": "nan", "y": [1.5, "inf"], "s": {"z": "-inf"}}


@pytest.mark.parametrize("sql", ["", " ", ";", "/* what? */"])
def test_a_question_of_no_words_is_said_to_be_empty(filled: Analyst, sql: str) -> None:
    result = filled.ask(sql)
    assert (result.exit_code, result.stderr) == (ExitCode.CANNOT_PROCEED, "The query is empty.\n")


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        ("AccessDenied", ExitCode.CANNOT_PROCEED, "Access is denied: "),
        ("SlowDown", ExitCode.RETRY, "An error occurred (SlowDown)"),
    ],
)
def test_a_file_that_s3_does_not_give_is_no_fault_of_the_question(
    filled: Analyst, monkeypatch: pytest.MonkeyPatch, code: str, exit_code: ExitCode, said: str
) -> None:
    open_input = S3Files.new_input

    def new_input(files: S3Files, location: str) -> InputFile:
        if location.endswith(".parquet"):
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "GetObject")
        return open_input(files, location)

    monkeypatch.setattr(S3Files, "new_input", new_input)
    result = filled.ask("SELECT sum(amount) FROM events")
    assert result.exit_code == exit_code
    assert result.stderr.startswith(said)
    assert "Traceback" not in result.stderr


def test_a_wrong_question_is_said_to_be_wrong(filled: Analyst) -> None:
    result = filled.ask("SELECT colour FROM events")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert 'Referenced column "colour" not found' in result.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/answer.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM connection",
    ],
)
def test_a_question_reaches_the_table_and_nothing_else(filled: Analyst, sql: str) -> None:
    assert filled.ask(sql).exit_code == ExitCode.CANNOT_PROCEED


def test_before_the_first_event_there_is_no_table_and_that_is_said(analyst: Analyst) -> None:
    result = analyst.ask("SELECT 1")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "has no table of events" in result.stderr


def test_what_is_not_installed_is_named(analyst: Analyst, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = analyst.ask("SELECT 1")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "pip install 's3-baler[query]'" in result.stderr
