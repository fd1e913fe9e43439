"""`baler replay`: which bundles, whether they can be had, and that each is put once and whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from harness.archive import ARCHIVE, MAILBOX, run

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.replay.outbox import Outbox
from baler.files.archive.bucket import ArchiveBucket
from baler.files.bundle.ids import bundle_key, new_bundle_id
from baler.files.claims.ports import InArchive
from runtime.files.aws.buckets import S3Archive

if TYPE_CHECKING:
    from pathlib import Path

    from harness.archive import ArchiveSite
    from harness.archive_fixtures import Baler

MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILES = [("a", b"one"), ("b", b"two")]
BUNDLE_ID = "20261120T090102345Z-9f86d081884c7d65"
HEADER = {
    "baler_replay": 1,
    "archive": ARCHIVE,
    "mailbox": MAILBOX,
    "bundles": [BUNDLE_ID],
    "tier": "bulk",
    "keep_days": 1,
    "replay_id": "r-1",
}


def told(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def checkpoint_in(folder: Path) -> Path:
    [checkpoint] = folder.glob("replay-*.jsonl")
    return checkpoint


def test_a_bundle_is_in_the_mailbox_again_under_its_key_with_its_bytes_and_the_replay(
    site: ArchiveSite, baler: Baler, tmp_path: Path
) -> None:
    bundle_id = site.archive(MORNING, FILES)
    code, events = baler("replay", bundle_id)
    assert code == 0
    assert site.body(MAILBOX, bundle_id) == site.body(ARCHIVE, bundle_id)
    archived = site.metadata(ARCHIVE, bundle_key(bundle_id))
    replay_id = events[0]["replay_id"]
    assert site.metadata(MAILBOX, bundle_key(bundle_id)) == {**archived, "replay": replay_id}
    assert [event["event"] for event in events] == ["started", "replayed", "stopped"]
    assert (events[-1]["replayed"], events[-1]["left"], events[-1]["checkpoint"]) == (1, 0, None)
    assert list(tmp_path.iterdir()) == []


def test_every_replay_has_an_id_of_its_own(site: ArchiveSite, baler: Baler) -> None:
    bundle_id = site.archive(MORNING, FILES)
    ids: set[str | None] = set()
    for _ in range(2):
        baler("replay", bundle_id)
        ids |= set(site.mailed().values())
        site.client.delete_object(Bucket=MAILBOX, Key=bundle_key(bundle_id))
    assert len(ids) == 2


def test_a_period_is_every_bundle_created_in_it(site: ArchiveSite, baler: Baler) -> None:
    times = [MORNING + timedelta(hours=hours) for hours in (-10, -9, 0, 14, 15, 40)]
    ids = [site.archive(at, [(f"{at}", b"x")]) for at in times]
    fenced = new_bundle_id(MORNING.timestamp() + 1, bytes(8))
    S3Archive(site.client, ARCHIVE).fence(fenced)

    code, _ = baler("replay", "--from", "2026-11-20", "--to", "2026-11-20")

    assert code == 0
    assert list(site.mailed()) == [bundle_id for bundle_id in ids if bundle_id.startswith("20261120")]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (("--from", "2026-11-20T09:00", "--to", "2026-11-20T10:00"), [0, 1]),
        (("--from", "2026-11-20T09:00:01", "--to", "2026-11-20T10:00:00"), [1]),
        (("--from", "2026-11-20T10:30+01:00"), [1, 2]),
    ],
)
def test_a_period_begins_with_its_first_second_and_ends_before_its_last(
    site: ArchiveSite, baler: Baler, bounds: tuple[str, ...], expected: list[int]
) -> None:
    ids = [site.archive(MORNING + timedelta(minutes=minutes), FILES) for minutes in (0, 30, 60)]
    assert baler("replay", *bounds)[0] == 0
    assert list(site.mailed()) == [ids[number] for number in expected]


def test_a_key_is_found_exactly_and_in_every_bundle_that_has_a_version_of_it(site: ArchiveSite, baler: Baler) -> None:
    first = site.archive(MORNING, [("k", b"1"), ("other", b"x")], "v1")
    site.archive(MORNING + timedelta(hours=1), [("k ", b"2"), ("K", b"2"), ("a/k", b"2")])
    third = site.archive(MORNING + timedelta(hours=2), [("k", b"3")], "v2")

    code, events = baler("replay", "--key", "k")

    assert code == 0
    assert list(site.mailed()) == [first, third]
    found = told(events, "found")
    assert [(event["bundle_id"], event["version_id"]) for event in found] == [(first, "v1"), (third, "v2")]


def test_a_period_narrows_the_search_for_a_key(site: ArchiveSite, baler: Baler) -> None:
    ids = [site.archive(MORNING + timedelta(days=days), [("k", b"1")]) for days in range(3)]
    assert baler("replay", "--key", "k", "--from", "2026-11-21", "--to", "2026-11-21")[0] == 0
    assert list(site.mailed()) == [ids[1]]


def test_an_index_entry_without_a_bundle_or_with_a_fence_is_not_an_archived_bundle(
    site: ArchiveSite, baler: Baler
) -> None:
    absent = site.archive(MORNING, [("k", b"1")])
    site.forget(absent)
    fenced = site.archive(MORNING + timedelta(hours=1), [("k", b"1")])
    site.forget(fenced)
    assert S3Archive(site.client, ARCHIVE).fence(fenced) is InArchive.FENCE
    there = site.archive(MORNING + timedelta(hours=2), [("k", b"1")])
    assert baler("replay", "--key", "k")[0] == 0
    assert list(site.mailed()) == [there]


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_what_is_not_archived_is_refused_by_name_and_stops_nothing_else(
    site: ArchiveSite, baler: Baler, tmp_path: Path, dry_run: tuple[str, ...]
) -> None:
    there = site.archive(MORNING, FILES)
    absent, fenced = (new_bundle_id(MORNING.timestamp() + seconds, bytes(8)) for seconds in (1, 2))
    S3Archive(site.client, ARCHIVE).fence(fenced)

    code, events = baler("replay", absent, fenced, there, *dry_run)

    assert code == 3
    assert list(site.mailed()) == ([] if dry_run else [there])
    assert {event["bundle_id"] for event in told(events, "refused")} == {absent, fenced}
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_no_bundle_holds_is_refused(site: ArchiveSite, baler: Baler, tmp_path: Path) -> None:
    site.archive(MORNING, FILES)
    code, events = baler("replay", "--key", "missing\x1b[2J")
    assert code == 3
    assert "missing" in told(events, "refused")[0]["reason"]
    assert list(tmp_path.iterdir()) == []


def test_a_period_without_bundles_is_refused(site: ArchiveSite, baler: Baler) -> None:
    site.archive(MORNING, FILES)
    assert baler("replay", "--from", "2026-11-21")[0] == 3


def test_a_damaged_index_entry_is_told_and_does_not_pass_for_a_complete_search(site: ArchiveSite, baler: Baler) -> None:
    damaged = site.archive(MORNING, [("k", b"1")])
    site.garble_index(damaged)
    there = site.archive(MORNING + timedelta(hours=1), [("k", b"1")])
    code, events = baler("replay", "--key", "k")
    assert code == 3
    assert list(site.mailed()) == [there]
    assert told(events, "damaged")[0]["bundle_id"] == damaged


def test_bytes_that_are_not_those_of_the_hash_never_reach_the_mailbox(
    site: ArchiveSite, baler: Baler, tmp_path: Path
) -> None:
    damaged, whole = site.archive(MORNING, FILES), site.archive(MORNING + timedelta(hours=1), FILES)
    site.damage(damaged)
    code, events = baler("replay", "--from", "2026-11-20")
    assert code == 3
    assert list(site.mailed()) == [whole]
    [refused] = told(events, "refused")
    assert refused["bundle_id"] == damaged
    assert "its metadata says" in refused["reason"]
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_without_a_hash_is_refused(site: ArchiveSite, baler: Baler) -> None:
    bundle_id = site.archive(MORNING, FILES)
    site.client.put_object(Bucket=ARCHIVE, Key=bundle_key(bundle_id), Body=site.body(ARCHIVE, bundle_id))
    assert baler("replay", bundle_id)[0] == 3
    assert site.mailed() == {}


# --- Deep Archive


@pytest.mark.usefixtures("slow_restores")
def test_a_bundle_in_deep_archive_is_asked_for_and_a_checkpoint_continues_it(
    site: ArchiveSite, baler: Baler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep, awake = site.archive(MORNING, FILES), site.archive(MORNING + timedelta(hours=1), FILES)
    site.sink(asleep)

    code, events = baler("replay", asleep, awake, "--tier", "bulk", "--keep-days", 3)

    assert code == 5
    assert list(site.mailed()) == [awake]
    [asked] = told(events, "restore")
    assert (asked["bundle_id"], asked["tier"], asked["keep_days"]) == (asleep, "bulk", 3)
    checkpoint = checkpoint_in(tmp_path)
    assert events[-1]["checkpoint"] == str(checkpoint)

    monkeypatch.delenv("BALER_ARCHIVE")
    monkeypatch.delenv("BALER_MAILBOX")
    code, events = baler("replay", "--continue", checkpoint)
    while code == 5:
        assert told(events, "restore") == []
        code, events = baler("replay", "--continue", checkpoint)
    assert code == 0
    assert len(set(site.mailed().values())) == 1
    assert sorted(site.mailed()) == sorted([asleep, awake])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("slow_restores")
def test_waiting_ends_when_all_is_done(site: ArchiveSite, baler: Baler, tmp_path: Path) -> None:
    bundle_id = site.archive(MORNING, FILES)
    site.sink(bundle_id)
    code, events = baler("replay", bundle_id, "--wait", "--poll", "0.1")
    assert code == 0
    assert list(site.mailed()) == [bundle_id]
    assert [event["event"] for event in events] == ["started", "restore", "waiting", "replayed", "stopped"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("slow_restores")
def test_a_signal_while_waiting_leaves_a_checkpoint_that_continues(
    site: ArchiveSite, baler: Baler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle_id = site.archive(MORNING, FILES)
    site.sink(bundle_id)

    def signalled(_self: Shutdown, _seconds: float) -> None:
        raise Stopping

    monkeypatch.setattr(Shutdown, "wait", signalled)
    code, events = baler("replay", bundle_id, "--wait")
    assert code == ExitCode.STOPPED
    assert (events[-1]["event"], events[-1]["left"]) == ("stopped", 1)
    monkeypatch.undo()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    assert baler("replay", "--continue", checkpoint_in(tmp_path), "--wait", "--poll", "0.1")[0] == 0
    assert site.mailed() == {bundle_id: events[0]["replay_id"]}


def test_a_restored_copy_that_is_gone_by_the_time_it_is_read_is_awaited(
    site: ArchiveSite, baler: Baler, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle_id = site.archive(MORNING, FILES)
    inspect = ArchiveBucket.inspect
    late = [True]

    def read_and_sink(bucket: ArchiveBucket, which: str) -> object:
        seen = inspect(bucket, which)
        if late:
            late.pop()
            site.sink(bundle_id)
        return seen

    monkeypatch.setattr(ArchiveBucket, "inspect", read_and_sink)
    assert baler("replay", bundle_id)[0] == 5
    assert site.mailed() == {}


def test_a_restore_that_someone_else_asked_for_is_as_good(site: ArchiveSite, baler: Baler) -> None:
    bundle_id = site.archive(MORNING, FILES)
    site.sink(bundle_id)
    site.client.restore_object(Bucket=ARCHIVE, Key=bundle_key(bundle_id), RestoreRequest={"Days": 1})
    code, events = baler("replay", bundle_id)
    assert code == 0
    assert told(events, "restore") == []


# --- the mailbox


def test_an_object_that_waits_in_the_mailbox_is_never_replaced(site: ArchiveSite, baler: Baler, tmp_path: Path) -> None:
    bundle_id = site.archive(MORNING, FILES)
    site.client.put_object(Bucket=MAILBOX, Key=bundle_key(bundle_id), Body=b"not taken yet")

    code, events = baler("replay", bundle_id)

    assert code == 5
    assert site.body(MAILBOX, bundle_id) == b"not taken yet"
    assert told(events, "waiting")[0]["in_the_way"] == 1
    site.client.delete_object(Bucket=MAILBOX, Key=bundle_key(bundle_id))
    assert baler("replay", "--continue", checkpoint_in(tmp_path))[0] == 0
    assert site.mailed() == {bundle_id: events[0]["replay_id"]}


def test_an_object_that_comes_between_the_check_and_the_put_is_not_replaced(
    site: ArchiveSite, baler: Baler, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle_id = site.archive(MORNING, FILES)
    state = Outbox.state
    first = [True]

    def read_and_come(outbox: Outbox, which: str) -> object:
        seen = state(outbox, which)
        if first:
            first.pop()
            site.client.put_object(Bucket=MAILBOX, Key=bundle_key(bundle_id), Body=b"just came")
        return seen

    monkeypatch.setattr(Outbox, "state", read_and_come)
    assert baler("replay", bundle_id)[0] == 5
    assert site.body(MAILBOX, bundle_id) == b"just came"


def test_a_put_that_its_process_did_not_live_to_note_is_found_and_not_repeated(
    site: ArchiveSite, baler: Baler, tmp_path: Path
) -> None:
    bundle_id = site.archive(MORNING, FILES)
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_text(json.dumps({**HEADER, "bundles": [bundle_id]}) + '\n{"repl')
    site.client.put_object(Bucket=MAILBOX, Key=bundle_key(bundle_id), Body=b"ours", Metadata={"replay": "r-1"})
    code, events = baler("replay", "--continue", checkpoint)
    assert code == 0
    assert site.body(MAILBOX, bundle_id) == b"ours"
    assert (events[-1]["replayed"], events[-1]["already_there"]) == (0, 1)
    assert told(events, "replayed")[0]["already_there"]
    assert not checkpoint.exists()


def test_a_bundle_that_was_put_before_the_interruption_is_not_put_again(
    site: ArchiveSite, baler: Baler, tmp_path: Path
) -> None:
    taken, left = site.archive(MORNING, FILES), site.archive(MORNING + timedelta(hours=1), FILES)
    checkpoint = tmp_path / "checkpoint"
    lines = [json.dumps({**HEADER, "bundles": [taken, left]}), json.dumps({"replayed": taken}), '{"repl']
    checkpoint.write_text("\n".join(lines))
    assert baler("replay", "--continue", checkpoint)[0] == 0
    assert site.mailed() == {left: "r-1"}


# --- dry run


def test_a_dry_run_tells_all_and_writes_nothing(
    site: ArchiveSite, baler: Baler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep, awake, waits = (site.archive(MORNING + timedelta(hours=hours), FILES) for hours in range(3))
    site.sink(asleep)
    site.client.put_object(Bucket=MAILBOX, Key=bundle_key(waits), Body=b"not taken yet")
    before = site.mailed()
    called: list[str] = []
    site.client.meta.events.register("before-call.s3", lambda model, **_: called.append(model.name))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]  # botocore leaves it open
    monkeypatch.setattr("baler.commands.replay.command.s3_client", lambda: site.client)

    code, events = baler("replay", "--key", "a", "--dry-run")

    assert code == 0
    assert set(called) == {"ListObjectsV2", "GetObject", "HeadObject"}
    assert site.mailed() == before
    assert list(tmp_path.iterdir()) == []
    would = {event["bundle_id"]: (event["access"], event["in_the_way"]) for event in told(events, "would")}
    assert would == {asleep: ("asleep", False), awake: ("readable", False), waits: ("readable", True)}
    [estimate] = told(events, "estimate")
    assert (estimate["bundles"], estimate["restores"]) == (3, 1)
    head = site.client.head_object(Bucket=ARCHIVE, Key=bundle_key(asleep))
    assert estimate["restore_bytes"] == head["ContentLength"]
    assert estimate["total_usd"] > 0
    assert estimate["prices_as_of"]


# --- what an operator does wrong, and what the world does


def test_more_bundles_than_allowed_are_refused_before_anything_is_done(
    site: ArchiveSite, baler: Baler, tmp_path: Path
) -> None:
    for hours in range(3):
        site.archive(MORNING + timedelta(hours=hours), FILES)
    assert baler("replay", "--from", "2026-11-20", "--max-bundles", 2)[0] == 2
    assert site.mailed() == {}
    assert list(tmp_path.iterdir()) == []
    assert baler("replay", "--from", "2026-11-20", "--max-bundles", 3)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bundles/2026",),
        ("--to", "2026-11-20"),
        ("--from", "yesterday"),
        ("--from", "2026-11-20", "--to", "2026-11-19"),
        (BUNDLE_ID, "--key", "k"),
        (BUNDLE_ID, "--from", "2026-11-20"),
        (BUNDLE_ID, "--continue", "checkpoint"),
        ("--dry-run", "--continue", "checkpoint"),
        (BUNDLE_ID, "--tier", "expedited"),
        (BUNDLE_ID, "--archive", ""),
    ],
)
@pytest.mark.usefixtures("site")
def test_a_command_line_that_means_nothing_is_refused(baler: Baler, arguments: tuple[str, ...]) -> None:
    assert baler("replay", *arguments)[0] == 2


@pytest.mark.parametrize("option", ["--archive", "--mailbox"])
def test_a_bucket_that_does_not_exist_is_a_sentence(
    site: ArchiveSite, baler: Baler, tmp_path: Path, option: str
) -> None:
    code, events = baler("replay", site.archive(MORNING, FILES), option, "nowhere")
    assert code == 1
    assert "There is no such bucket" in events[0]["message"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\xff",
        b"[]",
        b'{"baler_replay": 1}',
        json.dumps({**HEADER, "baler_replay": 2}).encode(),
        json.dumps({**HEADER, "bundles": ["x"]}).encode(),
        json.dumps({**HEADER, "tier": "expedited"}).encode(),
        json.dumps({**HEADER, "more": 1}).encode(),
    ],
)
@pytest.mark.usefixtures("site")
def test_a_checkpoint_that_is_none_is_a_sentence(baler: Baler, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "checkpoint").write_bytes(content)
    code, events = baler("replay", "--continue", tmp_path / "checkpoint")
    assert code == 1
    assert "checkpoint" in events[0]["message"]


def test_an_s3_that_does_not_answer_leaves_a_checkpoint(
    site: ArchiveSite, baler: Baler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle_id = site.archive(MORNING, FILES)
    head = site.client.head_object
    monkeypatch.setattr("baler.commands.replay.command.s3_client", lambda: site.client)

    def silent(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    monkeypatch.setattr(site.client, "head_object", silent)
    code, events = baler("replay", bundle_id)
    assert code == 4
    assert "nowhere" in told(events, "error")[0]["message"]
    monkeypatch.setattr(site.client, "head_object", head)
    assert baler("replay", "--continue", checkpoint_in(tmp_path))[0] == 0
    assert site.mailed() == {bundle_id: events[0]["replay_id"]}


def test_an_s3_that_refuses_ends_it_with_a_sentence_and_a_checkpoint(
    site: ArchiveSite, baler: Baler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle_id = site.archive(MORNING, FILES)

    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "PutObject")  # pyright: ignore[reportArgumentType]  # as short as a test needs

    monkeypatch.setattr("baler.commands.replay.command.s3_client", lambda: site.client)
    monkeypatch.setattr(site.client, "put_object", denied)
    code, events = baler("replay", bundle_id)
    assert code == 1
    assert "Access is denied" in told(events, "error")[0]["message"]
    assert events[-2]["checkpoint"] == str(checkpoint_in(tmp_path))


def test_a_hostile_key_drives_no_terminal(site: ArchiveSite) -> None:
    key = "\x1b[2J\r\n[red]k\u202e"
    site.archive(MORNING, [(key, b"1")])
    result = run("replay", "--key", key, "--dry-run")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert r"\x1b[2J\r\n[red]k\u202e" in result.output


@pytest.mark.parametrize("command", ["replay", "extract"])
def test_help_shows_examples_and_exit_codes(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    for expected in ("Examples", "Exit codes", "BALER_ARCHIVE", "--wait"):
        assert expected in result.output


def test_a_checkpoint_whose_replay_id_is_no_text_is_a_sentence(baler: Baler, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.jsonl"
    checkpoint.write_text(json.dumps({**HEADER, "replay_id": 5}))
    code, events = baler("replay", "--continue", str(checkpoint))
    assert code == 1
    assert "is not a checkpoint" in events[-1]["message"]


def test_a_replay_from_a_bucket_into_itself_is_a_wrong_command_line(baler: Baler) -> None:
    code, _ = baler("replay", BUNDLE_ID, "--mailbox", ARCHIVE)
    assert code == 2


@pytest.mark.parametrize("key", ["device-7/reading.json", "manifests/2026/11/20/x.json.gz"])
def test_another_bucket_of_the_stack_is_not_taken_for_the_mailbox(site: ArchiveSite, baler: Baler, key: str) -> None:
    bundle_id = site.archive(MORNING, FILES)
    site.client.create_bucket(Bucket="another")
    site.client.put_object(Bucket="another", Key=key, Body=b"{}")
    for more in ([], ["--dry-run"]):
        code, events = baler("replay", bundle_id, "--mailbox", "another", *more)
        assert code == 1
        assert "filesDistributionBucket" in told(events, "error")[0]["message"]
    assert [item.get("Key") for item in site.client.list_objects_v2(Bucket="another").get("Contents", [])] == [key]


def test_every_bundle_that_holds_a_file_that_fits_a_pattern_is_replayed(site: ArchiveSite, baler: Baler) -> None:
    first = site.archive(MORNING, [("device-7/a", b"1"), ("device-8/a", b"2")])
    site.archive(MORNING + timedelta(hours=1), [("device-8/a", b"2")])
    last = site.archive(MORNING + timedelta(hours=2), [("device-7/b", b"1")])
    code, _ = baler("replay", "--pattern", "device-7/*")
    assert code == 0
    assert sorted(site.mailed()) == [first, last]


def test_a_pattern_that_nothing_fits_replays_nothing(site: ArchiveSite, baler: Baler) -> None:
    site.archive(MORNING, FILES)
    code, events = baler("replay", "--pattern", "*.xml")
    assert (code, site.mailed()) == (3, {})
    assert "'*.xml'" in events[-1]["reason"]
