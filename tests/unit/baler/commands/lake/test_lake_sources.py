"""What `baler lake sources` says of how sources fare."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.lake_stores import SOURCES

from baler.cli.exit_codes import ExitCode
from runtime.lake.aws.source_states import DynamoStates
from runtime.lake.ingestion.source_state import Remembered, SourceState

if TYPE_CHECKING:
    from pathlib import Path

    from harness.lake_stores import Lake

EVENT = datetime(2026, 3, 8, 10, tzinfo=UTC)


def well(name: str) -> list[SourceState]:
    taken = SourceState.new(name).taken(EVENT, "us", time.time() + 60)
    return [taken, taken.ended_well(Remembered("c" * 64, "d" * 64))]


def write(lake: Lake, *states: SourceState) -> None:
    for state in states:
        DynamoStates(lake.dynamodb, "sources").replace(state)


def test_sources_that_ended_well_are_well(lake: Lake) -> None:
    for name in SOURCES:
        write(lake, *well(name))
    code, told = lake.told("sources")
    assert code == ExitCode.OK
    assert [(each["event"], each["source"]) for each in told] == [("well", name) for name in sorted(SOURCES)]
    assert {each["last_success"] for each in told} == {"2026-03-08T10:00:00Z"}


def test_a_source_that_fails_says_why_and_how_often(lake: Lake) -> None:
    state = well("jsonplaceholder")
    later = state[-1].taken(EVENT.replace(minute=5), "us", 0.0)
    write(lake, *state, later, later.failed("http-500", published=False))
    result = lake.run("sources", "--source", "jsonplaceholder")
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "1 failure in a row: http-500." in result.stdout
    assert "last run for 2026-03-08T10:05:00Z, the last that ended well for 2026-03-08T10:00:00Z" in result.stdout


def test_what_was_never_fetched_what_runs_and_what_is_declared_no_more_are_told_apart(lake: Lake) -> None:
    write(lake, *well("removed")[:2], well("jsonplaceholder")[0])
    lake.dynamodb.put_item(TableName="sources", Item={_key(lake): {"S": "#paging-key"}, "key": {"B": b"0" * 32}})
    code, told = lake.told("sources")
    assert code == ExitCode.NEEDS_ATTENTION
    found = {each["source"]: each["event"] for each in told}
    assert (found["jsonplaceholder"], found["removed"]) == ("running", "removed")
    assert {found[name] for name in SOURCES if name != "jsonplaceholder"} == {"never"}
    assert "#paging-key" not in found


def _key(lake: Lake) -> str:
    return lake.dynamodb.describe_table(TableName="sources")["Table"]["KeySchema"][0]["AttributeName"]


def test_a_source_that_nobody_knows_is_refused(lake: Lake) -> None:
    result = lake.run("sources", "--source", "typo")
    assert result.exit_code == ExitCode.USAGE
    assert "neither declared nor was it ever fetched" in result.output


def test_the_declarations_of_the_stack_are_read_and_a_wrong_file_is_named(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(
        '[[source]]\nname = "mine"\ntype = "posts"\nurl = "https://api.example/posts"\nid = "id"\ndocument = "whole"\n'
    )
    code, told = lake.told("sources", "--sources-file", str(file))
    assert (code, [each["source"] for each in told]) == (ExitCode.NEEDS_ATTENTION, ["mine"])
    file.write_text("[[source]]\nname = 1\n")
    result = lake.run("sources", "--sources-file", str(file))
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "sources.toml" in result.stderr


def test_a_source_that_rests_is_no_trouble_though_it_was_never_fetched(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(
        '[[source]]\nname = "mine"\ntype = "posts"\nurl = "https://api.example/posts"\nid = "id"\n'
        'document = "whole"\npaused = true\n'
    )
    code, (told,) = lake.told("sources", "--sources-file", str(file))
    assert (code, told["event"], told["paused"]) == (ExitCode.OK, "paused", True)
