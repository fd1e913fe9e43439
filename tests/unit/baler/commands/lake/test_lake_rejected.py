"""What `baler lake rejected` shows of the records that could not be curated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.lake_stores import post

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from harness.lake_stores import Lake

DAY = ("--from", "2026-03-08", "--to", "2026-03-08")
BAD: list[object] = [7, {"title": "no id"}]


def test_each_record_is_shown_with_its_reason_and_all_are_counted(lake: Lake) -> None:
    key = lake.fetch("2026-03-08T10:00", [post(1), *BAD])
    result = lake.run("rejected", *DAY, "--limit", "1")
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    heading, row = result.stdout.splitlines()
    assert heading.split() == ["CAPTURED", "SOURCE", "REASON", "FIELD", "RECORD"]
    assert row.split() == ["2026-03-08T10:00:00Z", "jsonplaceholder", "not-an-object", "no.", "1", "in", key]
    summary = "2 records: 1 not-an-object of jsonplaceholder, 1 no-id of jsonplaceholder. 1 are past --limit."
    assert result.stderr.strip() == summary


def test_days_sources_and_reasons_select(lake: Lake) -> None:
    for day in ("07", "08", "09"):
        lake.fetch(f"2026-03-{day}T23:55", [*BAD, day])
    lines = [json.loads(line) for line in lake.run("rejected", *DAY, "--reason", "no-id", "--json").stdout.splitlines()]
    assert [(each["captured_at"], each["place"]) for each in lines] == [("2026-03-08T23:55:00Z", 1)]
    lake.fetch("2026-03-08T10:00", {"results": []}, "randomuser", curate=False)
    assert lake.run("rejected", *DAY, "--source", "randomuser").exit_code == ExitCode.OK
    assert lake.run("rejected", "--from", "2026-03-10", "--to", "2026-03-11").stderr == "Nothing was set aside.\n"


def test_a_mistyped_source_or_reason_does_not_read_as_if_all_were_well(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", BAD)
    result = lake.run("rejected", *DAY, "--source", "typo")
    assert result.exit_code == ExitCode.USAGE
    assert "It has those of: jsonplaceholder." in result.output
    told = lake.run("rejected", *DAY, "--reason", "no_id").stderr.strip()
    assert told == "Nothing was set aside for that reason. For other reasons: 1 not-an-object, 1 no-id."


def test_a_line_that_is_none_of_curation_s_is_told_and_hides_no_other(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", BAD)
    folder = "rejected/source=jsonplaceholder/date=2026-03-08"
    other = json.dumps({"raw_s3_key": "raw/x\x1b[2J", "reason": "a", "place": 1, "id": None, "field": ""})
    lake.s3.put_object(
        Bucket="raw", Key=f"{folder}/other.json", Body=f"[]\nnot json\n{other}\n{'[' * 100_000}\n".encode()
    )
    result = lake.run("rejected", *DAY)
    assert "2 records:" in result.stderr
    assert f"{folder}/other.json: 4 lines that curation does not write." in result.stderr
    assert "\x1b" not in result.output


def test_a_field_that_is_wrong_is_named_and_what_the_source_sent_is_not(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [{**post(1), "title": ["secret"]}])
    result = lake.run("rejected", *DAY, "--json")
    line = json.loads(result.stdout)
    assert line["field"] == "title"
    assert "secret" not in result.output
