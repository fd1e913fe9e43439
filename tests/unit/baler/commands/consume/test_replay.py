"""A replay that someone asked for: the consumer takes the bundle although it has had it, once for each replay."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from harness.consumer import Crash, make_bundle

from baler.cli.exit_codes import ExitCode
from baler.commands.consume.mailbox import MailboxRefusedError, MailboxUnavailableError
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import META_REPLAY, META_SHA256
from baler.files.ledger import ledger as ledger_module
from baler.files.ledger.ledger import SCHEMA_VERSION, DeliveryState, Ledger, LedgerEntry

if TYPE_CHECKING:
    from pathlib import Path

    from harness.consumer import Site


FILES = [("a/1.json", b"one"), ("../up", b"two"), ("taken", b"three"), ("empty", b"")]


def replay(site: Site, replay_id: str, number: int = 1, files: list[tuple[str, bytes]] = FILES) -> str:
    """Put a bundle as `baler replay` does; return its key."""
    bundle_id, body = make_bundle(files, number)
    key = bundle_key(bundle_id)
    site.mailbox.put(key, body)
    item, metadata, _ = site.mailbox.objects[key]
    site.mailbox.objects[key] = (item, {**metadata, META_REPLAY: replay_id}, body)
    return key


def delivered(site: Site) -> list[tuple[bool, str | None]]:
    return [(event.fields["redelivered"], event.fields["replay_id"]) for event in site.events_of("bundle")]


@pytest.mark.requirement("PULL-REQ-05")
def test_a_replay_brings_back_every_file_of_a_bundle_that_was_had_before(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    site.run()
    site.take_files_away()
    replay(site, "r-1")

    assert site.run() is ExitCode.OK

    assert sorted(site.files().values()) == sorted(content for _, content in FILES)
    assert not site.mailbox.objects
    assert delivered(site) == [(False, None), (False, "r-1")]


def test_each_replay_counts_once_in_whatever_order_its_objects_come(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    site.run()
    site.take_files_away()
    for replay_id in ("r-1", "r-2", "r-1", "r-2"):
        replay(site, replay_id)
        site.run()
        site.take_files_away()
    assert delivered(site) == [(False, None), (False, "r-1"), (False, "r-2"), (True, "r-2"), (True, "r-2")]
    assert len(site.taken) == 3 * len(FILES)
    assert not site.mailbox.objects


def test_a_replay_to_a_consumer_that_never_had_the_bundle_is_its_first_delivery(site: Site) -> None:
    replay(site, "r-1")
    site.run()
    site.take_files_away()
    replay(site, "r-1")
    site.mailbox.put_bundle([("other", b"x")], 2)
    site.run()
    assert site.files() == {"other": b"x"}
    assert delivered(site) == [(False, "r-1"), (True, "r-1"), (False, None)]


def test_files_that_still_lie_in_their_places_are_there_already(site: Site) -> None:
    site.into.mkdir()
    (site.into / "taken").write_bytes(b"by someone else")
    site.mailbox.put_bundle(FILES)
    site.run()
    before, places = site.files(), site.places()
    assert len(before) == len(FILES) + 1

    # The place of one is free now, but the file lies where it was put and need not come twice.
    (site.into / "taken").unlink()
    del before["taken"]
    replay(site, "r-1")
    assert site.run() is ExitCode.OK

    assert site.files() == before
    assert site.places() == places


def test_a_file_that_was_changed_since_is_left_alone_and_comes_beside_it(site: Site) -> None:
    site.mailbox.put_bundle([("a", b"one")])
    site.run()
    (site.into / "a").write_bytes(b"changed by its owner")
    replay(site, "r-1", files=[("a", b"one")])
    site.run()
    [(path, key, _, _)] = site.places()
    assert key == "a"
    assert site.files() == {"a": b"changed by its owner", path: b"one"}


def test_a_note_of_a_place_goes_when_the_file_comes_to_lie_under_its_key(site: Site) -> None:
    site.into.mkdir()
    (site.into / "a").write_bytes(b"by someone else")
    site.mailbox.put_bundle([("a", b"one")])
    site.run()
    site.take_files_away()
    replay(site, "r-1", files=[("a", b"one")])
    site.run()
    assert site.places() == []
    assert site.files() == {"a": b"one"}


@pytest.mark.parametrize("step", ["delete", "deleted"])
def test_a_replay_is_not_deleted_for_the_object_that_lay_there_before(site: Site, step: str) -> None:
    """The consumer dies around the delete; what it finds under the key afterwards may be a replay."""
    key = bundle_key(site.mailbox.put_bundle(FILES))

    def die(name: str) -> None:
        if name == f"{step} {key}":
            raise Crash(name)

    site.hook = die
    with pytest.raises(Crash):
        site.run()
    site.hook = lambda _: None
    site.take_files_away()
    replay(site, "r-1")

    assert site.run() is ExitCode.OK

    assert sorted(site.files().values()) == sorted(content for _, content in FILES)
    assert delivered(site) == [(False, None), (False, "r-1")]
    assert not site.mailbox.objects


def test_a_delete_that_failed_is_made_up_for_without_a_download(site: Site) -> None:
    key = bundle_key(site.mailbox.put_bundle(FILES))
    failures = iter([MailboxUnavailableError("timed out")])

    def fail(name: str) -> None:
        if name == f"delete {key}" and (error := next(failures, None)):
            raise error

    site.hook = fail
    assert site.run() is ExitCode.RETRY
    steps: list[str] = []
    site.hook = steps.append
    assert site.run() is ExitCode.OK
    assert not site.mailbox.objects
    assert [step for step in steps if step.startswith("chunk")] == []
    assert len(site.events_of("bundle")) == 1


def test_a_bundle_that_cannot_be_deleted_stays_delivered_until_it_is(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)

    def refuse(name: str) -> None:
        if name.startswith("delete "):
            raise MailboxRefusedError("no right to delete")

    site.hook = refuse
    for _ in range(3):
        assert site.run() is ExitCode.RETRY
    assert state_of(site, bundle_id) is DeliveryState.DELIVERED
    site.hook = lambda _: None
    assert site.run() is ExitCode.OK
    assert state_of(site, bundle_id) is DeliveryState.REMOVED
    assert delivered(site) == [(False, None)]


def test_a_bundle_that_is_not_in_the_mailbox_any_more_counts_as_removed(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    failures = iter([MailboxUnavailableError("no answer")])

    def unheard(name: str) -> None:
        if name.startswith("deleted ") and (error := next(failures, None)):
            raise error

    site.hook = unheard
    assert site.run() is ExitCode.RETRY
    assert state_of(site, bundle_id) is DeliveryState.DELIVERED
    assert site.run() is ExitCode.OK
    assert state_of(site, bundle_id) is DeliveryState.REMOVED


def state_of(site: Site, bundle_id: str) -> DeliveryState | None:
    with Ledger(site.state.ledger) as ledger:
        return ledger.state(bundle_id)


def test_a_damaged_replay_is_quarantined_and_takes_nothing_from_what_was_delivered(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.run()
    before = site.files()
    key = bundle_key(bundle_id)
    site.mailbox.put(key, b"damaged", {META_SHA256: "0" * 64, META_REPLAY: "r-1"})
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert site.files() == before
    # Put right under the same replay, it is taken: the damaged object was not.
    site.take_files_away()
    replay(site, "r-1")
    assert site.run() is ExitCode.OK
    assert site.files() == before


@pytest.mark.parametrize("replay_id", ["", "x" * 65, "a b", "\u202e", "id\x1b[2J"])
def test_a_replay_id_that_is_none_is_quarantined(site: Site, replay_id: str) -> None:
    replay(site, replay_id)
    assert site.run() is ExitCode.NEEDS_ATTENTION
    assert "no replay id" in site.events_of("quarantine")[0].fields["reason"]


# --- the ledger

RECORD = LedgerEntry("id-1", "bundles/id-1", "ab" * 32, 3, 100, 50, "2026-11-20T09:01:00+00:00")


def test_a_ledger_of_the_version_before_keeps_all_that_it_knows(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger") as database:
        database.executescript(ledger_module._SCHEMA[0] + "PRAGMA user_version = 1;")  # pyright: ignore[reportPrivateUsage]  # as an older program left it
        values = ("id-1", "bundles/id-1", "ab" * 32, 3, 100, 50, "2026-11-20T09:01:00+00:00", "removed")
        database.execute("INSERT INTO bundles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.close()
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.state("id-1") is DeliveryState.REMOVED
        assert ledger.entry("id-1") == RECORD
        assert not ledger.was_replayed("id-1", "r-1")
        [(version,)] = ledger._run("PRAGMA user_version")  # pyright: ignore[reportPrivateUsage]  # a setting of the file
    assert version == SCHEMA_VERSION


def test_a_replay_and_its_bundle_are_noted_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed = replace(RECORD, replay_id="r-1")
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.add_unpacked(RECORD)
        ledger.advance("id-1", DeliveryState.REMOVED)
        run = ledger._run  # pyright: ignore[reportPrivateUsage]  # where the process dies

        def die(statement: str, *values: str | int | None) -> list[object]:
            if "INTO replays" in statement:
                raise Crash
            return run(statement, *values)

        monkeypatch.setattr(ledger, "_run", die)
        with pytest.raises(Crash):
            ledger.add_unpacked(replayed)
        monkeypatch.undo()
        assert ledger.state("id-1") is DeliveryState.REMOVED
        assert not ledger.was_replayed("id-1", "r-1")
        ledger.add_unpacked(replayed)
        assert ledger.state("id-1") is DeliveryState.UNPACKED
        assert ledger.entry("id-1") == replayed
        assert ledger.was_replayed("id-1", "r-1")
        assert not ledger.was_replayed("id-1", "r-2")
