"""What `baler events batches` shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Pipeline


def at(minute: int) -> str:
    return f"2026-11-20T09:{minute:02}:00.500000Z"


@pytest.mark.requirement("EVENT-META-02")
def test_the_newest_batch_of_all_shards_comes_first(pipeline: Pipeline) -> None:
    for minute in range(6):
        pipeline.commit(minute % 2, at(minute), failed=int(minute == 3))
    result = pipeline.run("batches", "--limit", "4")

    assert result.exit_code == ExitCode.OK
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["ARRIVED", "RECORDS", "GOOD", "FAILED", "PARTITIONS", "SHARD"]
    assert [row.split()[0] for row in rows] == [at(5), at(4), at(3), at(2)]
    assert rows[2].split()[1:] == ["101", "100", "1", "4", "shardId-000000000001"]
    assert result.stderr == "4 batches: 401 records, 1 of them rejected.\n"


def test_a_period_has_its_begin_and_not_its_end(pipeline: Pipeline) -> None:
    for minute in range(6):
        pipeline.commit(0, f"2026-11-20T09:0{minute}:00Z")
    result = pipeline.run("batches", "--from", "2026-11-20T09:02", "--to", "2026-11-20T09:04", "--json")

    found = [json.loads(line)["processed_at"] for line in result.stdout.splitlines()]
    assert found == ["2026-11-20T09:03:00Z", "2026-11-20T09:02:00Z"]


def test_only_those_that_rejected_something(pipeline: Pipeline) -> None:
    pipeline.commit(0, at(1))
    pipeline.commit(0, at(2), good=98, failed=2)
    (line,) = pipeline.run("batches", "--failed", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "batch_id": f"1764158400.shardId-000000000000_1_{at(2)}",
        "processed_at": at(2),
        "shard_id": "shardId-000000000000",
        "total": 100,
        "good": 98,
        "failed": 2,
        "partitions": 4,
    }


def test_a_redrive_is_shown_where_it_is_named(pipeline: Pipeline) -> None:
    pipeline.commit("redrive-7", at(1))
    assert pipeline.run("batches").stderr == "No batches of 2 shards.\n"
    assert len(pipeline.run("batches", "--shard", "redrive-7", "--json").stdout.splitlines()) == 1


def test_a_time_that_is_none_is_a_wrong_command_line(pipeline: Pipeline) -> None:
    assert pipeline.run("batches", "--from", "yesterday").exit_code == ExitCode.USAGE


def test_a_table_that_is_not_there_is_told_in_a_sentence(pipeline: Pipeline) -> None:
    result = pipeline.run("batches", BALER_EVENTS_BATCH_TABLE="nowhere")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "There is no such table" in result.stderr
