"""What `baler events rejected` shows of the records that could never become events."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from baler.cli.exit_codes import ExitCode
from baler.events.raw_object import rejected_object
from baler.events.rejection_reason import RejectionReason
from baler.events.stream_record import Rejection, StreamRecord

if TYPE_CHECKING:
    from conftest import Pipeline

LABEL = "1764158400.shardId-000000000000"
DAY = ("--from", "2026-11-20", "--to", "2026-11-20")


def rejection(
    number: int,
    reason: RejectionReason = RejectionReason.NOT_JSON,
    *,
    time: str = "09:30:00",
    field: str = "",
    data: bytes = b"{",
) -> Rejection:
    arrived = datetime.fromisoformat(f"2026-11-20T{time}").replace(tzinfo=UTC).timestamp()
    return Rejection(StreamRecord("shardId-000000000000", f"{number:056}", 0, "key", arrived, data), reason, field)


def put(pipeline: Pipeline, *rejections: Rejection, label: str = LABEL) -> None:
    numbers = [each.record.sequence_number for each in rejections]
    made = rejected_object(label, numbers[0], numbers[-1], rejections)
    assert made is not None
    pipeline.s3.put_object(Bucket="raw", Key=made.key, Body=made.content)


def test_each_record_is_shown_with_its_reason_and_all_are_counted(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1), rejection(2, RejectionReason.MISSING_FIELD, field="amount", data=b"12345"))
    put(pipeline, rejection(3, time="11:00:00.250"))
    result = pipeline.run("rejected", *DAY, "--limit", "2")

    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    heading, first, second = result.stdout.splitlines()
    assert heading.split()[:4] == ["ARRIVED", "REASON", "FIELD", "BYTES"]
    assert first.split() == ["2026-11-20T09:30:00.000", "not_json", "1", "shardId-000000000000", f"{1:056}"]
    assert second.split()[1:4] == ["missing_field", "amount", "5"]
    assert result.stderr == "3 records: 2 not_json, 1 missing_field. 1 are past --limit.\n"


def test_what_an_attempt_left_that_did_not_commit_is_not_counted_again(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1), rejection(2))
    put(pipeline, rejection(1), rejection(2), rejection(3, time="09:59:59"))
    put(pipeline, rejection(2, time="10:00:01"), label="1764158400.redrive-7")
    result = pipeline.run("rejected", *DAY, "--json")

    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert sorted(int(record["sequence_number"]) for record in found) == [1, 2, 2, 3]


def test_a_record_counts_by_its_own_arrival_not_by_its_folder(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1, time="09:59:59"), rejection(2, time="10:00:01"))
    result = pipeline.run("rejected", "--from", "2026-11-20T10:00", "--to", "2026-11-20T11:00", "--json")
    assert [int(json.loads(line)["sequence_number"]) for line in result.stdout.splitlines()] == [2]


def test_the_exact_bytes_come_only_where_they_are_asked_for(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1, data=b"\xff\x00secret"))
    assert "data" not in json.loads(pipeline.run("rejected", *DAY, "--json").stdout)
    (line,) = pipeline.run("rejected", *DAY, "--json", "--data").stdout.splitlines()
    assert base64.b64decode(json.loads(line)["data"]) == b"\xff\x00secret"


def test_a_reason_selects(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1), rejection(2, RejectionReason.EMPTY))
    result = pipeline.run("rejected", *DAY, "--reason", "empty")
    assert result.stderr == "1 record: 1 empty.\n"
    assert pipeline.run("rejected", *DAY, "--reason", "bad").exit_code == ExitCode.USAGE


def test_a_time_without_rejections_is_well(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1))
    result = pipeline.run("rejected", "--from", "2026-11-21", "--to", "2026-11-21")
    assert (result.exit_code, result.stdout, result.stderr) == (ExitCode.OK, "", "Nothing was rejected.\n")


def test_a_field_cannot_drive_the_terminal(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1, RejectionReason.DUPLICATE_KEY, field="\x1b[2J"))
    assert "\x1b" not in pipeline.run("rejected", *DAY).stdout


def test_a_line_that_is_none_of_ours_is_told_and_hides_no_other(pipeline: Pipeline) -> None:
    put(pipeline, rejection(1))
    prefix = "rejected/year=2026/month=11/day=20/hour=09"
    pipeline.s3.put_object(Bucket="raw", Key=f"{prefix}/other.json", Body=b"[]\n{}\nnot json\n")
    result = pipeline.run("rejected", *DAY)
    assert "1 record: 1 not_json." in result.stderr
    assert f"{prefix}/other.json: 3 lines that the processor does not write." in result.stderr


def test_without_a_beginning_the_last_day_is_meant(pipeline: Pipeline) -> None:
    now = datetime.now(UTC).timestamp()
    for number, age in enumerate((60, 90_000), start=1):
        record = StreamRecord("shardId-000000000000", f"{number:056}", 0, "key", now - age, b"")
        put(pipeline, Rejection(record, RejectionReason.EMPTY))
    assert pipeline.run("rejected").stderr == "1 record: 1 empty.\n"
