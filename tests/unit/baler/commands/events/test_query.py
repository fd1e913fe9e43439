"""`baler events query`, over a table that the compactor's adapter made in moto."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from harness.processed_events import event, processed
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.table.rows import source_rows
from runtime.events.aws.event_table import IcebergEventTable

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def test_a_table_is_printed_in_columns_and_without_control_characters(filled: Analyst) -> None:
    result = filled.ask(
        "SELECT event_time AS at, amount, original_data ->> 'note' AS note FROM events ORDER BY 1, 2 LIMIT 2"
    )
    assert result.stdout.splitlines() == [
        "at                     amount  note",
        "2024-01-14 23:30:00Z      0.1",
        "2024-01-14 23:30:00Z  1001.01  \\x1b[2J",
    ]


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
    assert "has no table yet" in result.stderr


def test_what_is_not_installed_is_named(analyst: Analyst, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = analyst.ask("SELECT 1")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "pip install 's3-baler[query]'" in result.stderr
