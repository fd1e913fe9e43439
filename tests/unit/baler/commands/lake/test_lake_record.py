"""What `baler lake record` and `baler lake versions` say of one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from harness.lake_stores import post

from baler.cli.exit_codes import ExitCode
from baler.commands.lake.stored_record import raw_object_state
from runtime.lake.aws.curation_bucket import S3CurationBucket
from runtime.lake.curation.reading import BadRecord

if TYPE_CHECKING:
    from harness.lake_stores import Lake

ID = "jsonplaceholder-1"
DAYS = ("--from", "2026-03-08", "--to", "2026-03-10")


def test_one_command_says_where_a_record_is_since_when_and_what_it_was(lake: Lake) -> None:
    keys = [
        lake.fetch("2026-03-08T10:00", [post(1)]),
        lake.fetch("2026-03-09T10:00", [post(1, "blue"), post(2)]),
        lake.fetch("2026-03-09T10:05", [post(1, "blue"), post(2, "blue")]),
    ]
    code, (record, raw, *versions) = lake.told("record", ID, *DAYS)
    assert code == ExitCode.OK
    times = [record[name] for name in ("captured_at", "changed_at", "seen_at", "other_at")]
    assert times == ["2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-09T10:05:00Z", "2026-03-08T10:00:00Z"]
    assert (record["source"], record["raw_s3_key"]) == ("jsonplaceholder", keys[2])
    assert (raw["raw_s3_key"], raw["state"]) == (keys[2], "there")
    assert [each["raw_s3_key"] for each in versions] == keys[:2]


def test_what_a_record_holds_is_shown_only_where_it_is_asked_for(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [post(1, "\x1b[2Jsecret")])
    assert "secret" not in lake.run("record", ID, *DAYS).stdout
    assert "secret" not in lake.run("record", ID, *DAYS, "--json").stdout
    shown = lake.run("record", ID, *DAYS, "--content").stdout
    assert "secret" in shown
    assert "\x1b[2J" not in shown
    content = next(each for each in lake.told("record", ID, *DAYS, "--content")[1] if each["event"] == "content")
    assert content["fields"]["title"] == "\x1b[2Jsecret"


def test_a_raw_object_that_is_gone_or_in_glacier_is_named(lake: Lake) -> None:
    key = lake.fetch("2026-03-08T10:00", [post(1)])
    lake.s3.put_object(Bucket="raw", Key=key, Body=b"", StorageClass="GLACIER")
    code, (_, raw, _) = lake.told("record", ID, *DAYS)
    assert (code, raw["state"]) == (ExitCode.OK, "archived")
    lake.s3.delete_object(Bucket="raw", Key=key)
    code, (_, raw, _) = lake.told("record", ID, *DAYS)
    assert (code, raw["state"]) == (ExitCode.NEEDS_ATTENTION, "gone")


def test_what_was_set_aside_of_a_record_is_found_though_it_is_not_in_the_table(lake: Lake) -> None:
    key = lake.fetch("2026-03-08T10:00", [post(2)])
    S3CurationBucket(lake.s3, "raw").put(key, [BadRecord("refused-by-table", id=ID)])
    code, (missing, aside) = lake.told("record", ID, *DAYS)
    assert code == ExitCode.NEEDS_ATTENTION
    assert (missing["event"], missing["id"]) == ("missing", ID)
    assert (aside["reason"], aside["raw_s3_key"]) == ("refused-by-table", key)
    assert lake.told("record", "jsonplaceholder-2", *DAYS)[0] == ExitCode.OK


@pytest.mark.parametrize(
    "name", ["", "x", "posts", "-posts-1", "posts-1\n", "a/b-1", "posts-" + "1" * 200, "POSTS-1", "a---"]
)
@pytest.mark.parametrize("command", ["record", "versions"])
def test_what_is_no_id_of_a_record_is_refused_before_anything_is_asked(lake: Lake, command: str, name: str) -> None:
    result = lake.run(command, "--json", "--", name)
    assert result.exit_code == ExitCode.USAGE
    assert "no record's id" in result.output


def test_a_stack_without_versions_is_told_how_to_keep_them(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    result = lake.run("versions", ID, BALER_LAKE_VERSIONS_TABLE=None)
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "lakeKeepVersions" in result.stderr
    assert lake.run("record", ID, *DAYS, BALER_LAKE_VERSIONS_TABLE=None).exit_code == ExitCode.OK


def test_versions_are_the_changes_and_not_the_fetches(lake: Lake) -> None:
    times = ["2026-03-08T10:00", "2026-03-08T10:05", "2026-03-08T10:10", "2026-03-08T10:15"]
    for time, title in zip(times, ["red", "red", "blue", "red"], strict=True):
        lake.fetch(time, [post(1, title)])
    code, told = lake.told("versions", ID)
    assert (code, told[-1]["versions"]) == (ExitCode.OK, 3)
    assert [each["changed_at"] for each in told[:-1]] == [
        "2026-03-08T10:00:00Z",
        "2026-03-08T10:10:00Z",
        "2026-03-08T10:15:00Z",
    ]
    assert lake.told("versions", "jsonplaceholder-99")[0] == ExitCode.NEEDS_ATTENTION


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({}, "there"),
        ({"StorageClass": "GLACIER"}, "archived"),
        ({"StorageClass": "GLACIER", "Restore": 'ongoing-request="true"'}, "archived"),
        ({"StorageClass": "GLACIER", "Restore": 'ongoing-request="false", expiry-date="…"'}, "there"),
    ],
)
def test_a_raw_object_is_archived_until_it_is_restored(answer: dict[str, str], state: str) -> None:
    client: Any = mock.Mock()
    client.head_object.return_value = answer
    assert raw_object_state(client, "raw", "key") == state
