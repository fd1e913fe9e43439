"""What `baler lake rebuild` announces."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import pytest
from harness.lake_stores import post

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.lake import rebuild as rebuild_module
from baler.commands.lake.rebuild import Paced
from baler.lake.aws.curation_queue import SqsCurationQueue
from runtime.lake.curation.curator import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.lake_stores import Lake

DAY = ("--from", "2026-03-08", "--to", "2026-03-08")


def announced(lake: Lake) -> list[tuple[str, str]]:
    found = [each["s3"]["object"] for each in lake.messages()]
    return [(unquote_plus(each["key"]), each["versionId"]) for each in found]


def test_every_version_of_the_days_is_announced_and_curated_anew_makes_the_same_table(lake: Lake) -> None:
    keys = [lake.fetch("2026-03-08T10:00", [post(1)]), lake.fetch("2026-03-08T23:55", [post(1, "blue"), post(2)])]
    lake.fetch("2026-03-09T00:00", [post(1, "green")])
    again = lake.s3.get_object(Bucket="raw", Key=keys[0])
    lake.s3.put_object(Bucket="raw", Key=keys[0], Body=again["Body"].read(), Metadata=again["Metadata"])
    before = lake.dynamodb.scan(TableName="records")["Items"]
    for item in before:
        lake.dynamodb.delete_item(TableName="records", Key={"id": item["id"]})

    code, told = lake.told("rebuild", *DAY)

    assert (code, told[-1]["sent"]) == (ExitCode.OK, 3)
    found = announced(lake)
    assert sorted(key for key, _ in found) == sorted([keys[0], *keys])
    assert len(set(found)) == 3
    for key, version in found:
        assert lake.curate(key, version) is Outcome.CURATED
    assert {item["id"]["S"] for item in lake.dynamodb.scan(TableName="records")["Items"]} == {
        item["id"]["S"] for item in before
    }


def test_a_source_alone_is_announced_and_one_that_has_no_raw_objects_is_refused(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    other = lake.fetch("2026-03-08T10:00", {"results": []}, "randomuser", curate=False)
    assert lake.run("rebuild", *DAY, "--source", "randomuser").exit_code == ExitCode.OK
    assert [key for key, _ in announced(lake)] == [other]
    result = lake.run("rebuild", *DAY, "--source", "typo")
    assert result.exit_code == ExitCode.USAGE
    assert "'typo'" in result.output
    assert "jsonplaceholder, randomuser" in result.output
    assert lake.run("rebuild", *DAY, "--source", "../x").exit_code == ExitCode.USAGE
    assert announced(lake) == []


def test_a_dry_run_sends_nothing(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    result = lake.run("rebuild", *DAY, "--dry-run")
    assert result.exit_code == ExitCode.OK
    assert "Would announce 1 raw object to curation." in result.stdout
    assert announced(lake) == []


def test_it_says_how_the_queue_is_watched(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    assert f"--queue-url {lake.queue}" in lake.run("rebuild", *DAY).stdout


def test_what_is_in_glacier_is_counted_and_not_announced(lake: Lake) -> None:
    key = lake.fetch("2026-03-08T10:00", [post(1)])
    lake.s3.put_object(Bucket="raw", Key=key, Body=b"", StorageClass="GLACIER")
    lake.s3.put_object(Bucket="raw", Key=f"{key}.tmp", Body=b"none of ours")
    code, told = lake.told("rebuild", *DAY)
    assert (code, told[-1]["sent"], told[-1]["archived"]) == (ExitCode.NEEDS_ATTENTION, 1, 1)


def test_its_progress_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild_module, "_PROGRESS_EVERY", 10)
    for minute in range(25):
        lake.fetch(f"2026-03-08T10:{minute:02}", [post(minute)], curate=False)
    _, told = lake.told("rebuild", *DAY, "--rate", "3000")
    assert [(each["event"], each["sent"]) for each in told] == [("progress", 10), ("progress", 20), ("done", 25)]


@pytest.mark.parametrize(
    "days",
    [
        ("--from", "2026-03-08T10:00"),
        ("--from", "2026-03-09", "--to", "2026-03-08"),
        ("--from", "yesterday"),
        ("--from", "0001-01-01"),
        (),
    ],
)
def test_what_are_no_days_is_refused(lake: Lake, days: tuple[str, ...]) -> None:
    assert lake.run("rebuild", *days).exit_code == ExitCode.USAGE


class Deaf:
    """A queue that takes nothing."""

    def __init__(self) -> None:
        self.calls = 0

    def send(self, bodies: Sequence[str]) -> int:
        self.calls += 1
        return len(bodies)


def test_a_signal_ends_the_wait_and_nothing_more_is_sent() -> None:
    queue = Deaf()
    with Shutdown() as shutdown:
        paced = Paced(queue, 0.1, shutdown)
        assert paced.send(["a"]) == 1
        shutdown.requested = True
        with pytest.raises(Stopping):
            paced.send(["b"])
    assert queue.calls == 1


def test_the_queue_gets_no_more_a_second_than_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild_module.time, "monotonic", lambda: 100.0)
    waits: list[float] = []
    with Shutdown() as shutdown:
        monkeypatch.setattr(shutdown, "wait", waits.append)
        paced = Paced(Deaf(), 20, shutdown)
        for bodies in (["a"] * 10, ["b"], ["c"]):
            paced.send(bodies)
    assert waits == pytest.approx([0, 10 / 20, 1 / 20])


def test_a_stop_is_an_exit_code_of_its_own_and_says_what_was_done(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: Shutdown) -> None:
        del self
        raise Stopping

    lake.fetch("2026-03-08T10:00", [post(1)])
    monkeypatch.setattr(Shutdown, "interruption_point", stopped)
    code, told = lake.told("rebuild", *DAY)
    assert (code, told[-1]["sent"]) == (ExitCode.STOPPED, 0)


def test_a_queue_that_is_not_there_is_a_mistake_and_none_to_be_repeated(lake: Lake) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    result = lake.run("rebuild", *DAY, BALER_LAKE_CURATION_QUEUE_URL=f"{lake.queue}-none")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert result.stderr.startswith("There is no such queue: ")
    assert not result.stdout


def test_what_the_queue_does_not_take_is_counted_and_the_command_is_to_be_given_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    assert SqsCurationQueue(lake.sqs, lake.queue).send(["{}"]) == 0
    assert SqsCurationQueue(lake.sqs, f"{lake.queue}-none").send(["{}"]) == 1
    monkeypatch.setattr(SqsCurationQueue, "send", Deaf().send)
    code, told = lake.told("rebuild", *DAY)
    assert (code, told[-1]["sent"], told[-1]["refused"]) == (ExitCode.RETRY, 0, 1)
