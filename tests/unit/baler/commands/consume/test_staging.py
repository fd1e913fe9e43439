"""Somebody removes or changes what is staged, between "unpacked" and "delivered"; and what must be durable by then."""

from __future__ import annotations

import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from harness.consumer import Crash, Site

from baler.cli.exit_codes import ExitCode
from baler.files.ledger.ledger import Ledger
from baler.files.unpacking import durability, place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = [("a", b"alpha"), ("../b", b"beta"), ("c", b"gamma"), ("d", b"delta")]
CONTENTS = sorted(content for _, content in FILES)


def die_at(step: str, nth: int = 1) -> Callable[[str], None]:
    left = [nth]

    def hook(name: str) -> None:
        left[0] -= name == step
        if name == step and left[0] == 0:
            raise Crash

    return hook


def dies(site: Site, step: str, nth: int = 1) -> None:
    site.hook = die_at(step, nth)
    with pytest.raises(Crash):
        site.run()
    site.hook = lambda _: None


def replaced_by_a_link(staging: Path) -> None:
    elsewhere = staging.with_name("elsewhere")
    shutil.move(staging, elsewhere)
    staging.symlink_to(elsewhere)


def replaced_by_a_folder(staging: Path) -> None:
    (staging / "00000").unlink()
    (staging / "00000").mkdir()


def overwritten(staging: Path) -> None:
    with (staging / "00001").open("r+b") as file:
        file.write(b"BETA")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "all of the state's incoming folder": lambda staging: shutil.rmtree(staging.parent),
    "the staging folder": shutil.rmtree,
    "the first file": lambda staging: (staging / "00000").unlink(),
    "a file in the middle": lambda staging: (staging / "00002").unlink(),
    "the last file": lambda staging: (staging / "00003").unlink(),
    "all files but the manifest": lambda staging: [path.unlink() for path in staging.glob("0*")],
    "the manifest": lambda staging: (staging / "MANIFEST.json").unlink(),
    "a file was cut": lambda staging: os.truncate(staging / "00001", 1),
    "a file was emptied": lambda staging: os.truncate(staging / "00001", 0),
    "a file has other bytes": overwritten,
    "a file became a link": lambda staging: [(staging / "00000").unlink(), (staging / "00000").symlink_to("00002")],
    "a file became a pipe": lambda staging: [(staging / "00000").unlink(), os.mkfifo(staging / "00000")],
    "a file became a folder": replaced_by_a_folder,
    "the manifest was cut": lambda staging: os.truncate(staging / "MANIFEST.json", 10),
    "the manifest names other keys": lambda staging: (staging / "MANIFEST.json").write_bytes(
        (staging / "MANIFEST.json").read_bytes().replace(b'"key":"a"', b'"key":"z"')
    ),
    "the folder became a link": replaced_by_a_link,
    "the folder became a file": lambda staging: [shutil.rmtree(staging), staging.write_bytes(b"")],
}


@pytest.mark.requirement("PULL-REQ-06")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_what_vanished_or_changed_in_staging_is_taken_again_from_the_mailbox(
    site: Site, damage: Callable[[Path], object]
) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.mailbox.put_bundle([("later", b"later")], 2)
    dies(site, "added_unpacked")
    damage(site.state.staging(bundle_id))

    assert site.run() is ExitCode.OK
    assert sorted(site.files().values()) == sorted([*CONTENTS, b"later"])
    assert not site.mailbox.objects
    assert list(site.state.incoming.iterdir()) == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("published", [1, 2, 3])
@pytest.mark.parametrize("taken", [True, False], ids=["taken-meanwhile", "left"])
def test_of_a_bundle_that_is_half_delivered_the_lost_half_is_taken_again_and_nothing_comes_twice(
    site: Site, damage: Callable[[Path], object], published: int, *, taken: bool
) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    dies(site, "begin_file", published + 1)
    if taken:
        site.take_files_away()
    staging = site.state.staging(bundle_id)
    try:
        damage(staging)
    except FileNotFoundError:
        return  # it was published already

    assert site.run() is ExitCode.OK
    site.take_files_away()
    assert sorted(content for _, content in site.taken) == CONTENTS
    assert not site.mailbox.objects


def test_a_file_that_is_gone_where_its_move_was_under_way_is_named(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    dies(site, "begun_file", 2)
    (site.state.staging(bundle_id) / "00001").unlink()

    assert site.run() is ExitCode.OK
    (event,) = site.events_of("doubtful")
    assert (event.fields["bundle_id"], event.fields["file"]) == (bundle_id, FILES[1][0])
    assert bundle_id in event.text


def test_a_file_that_lies_where_its_move_was_under_way_is_in_no_doubt(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    dies(site, "end_file", 2)

    assert site.run() is ExitCode.OK
    assert site.events_of("doubtful") == []
    assert sorted(site.files().values()) == CONTENTS


def test_staging_that_vanishes_while_it_is_delivered_is_taken_again_by_the_next_pass(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    left = [1]

    def clean_up(name: str) -> None:
        left[0] -= name == "begun_file"
        if name == "begun_file" and left[0] == 0:
            shutil.rmtree(site.state.staging(bundle_id))

    site.hook = clean_up
    for nth in (1, 3):
        left[0] = nth
        assert site.run() is ExitCode.RETRY
        site.take_files_away()
    site.hook = lambda _: None
    assert site.run() is ExitCode.OK
    site.take_files_away()
    assert sorted(content for _, content in site.taken) == CONTENTS


def test_lost_staging_whose_bundle_is_gone_from_the_mailbox_is_said_and_a_replay_sets_it_right(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    dies(site, "added_unpacked")
    shutil.rmtree(site.state.staging(bundle_id))
    site.mailbox.objects.clear()

    assert site.run() is ExitCode.RETRY
    [trouble] = site.events_of("error")
    assert f"baler replay {bundle_id}" in trouble.text
    assert site.files() == {}

    site.mailbox.put_bundle(FILES)
    assert site.run() is ExitCode.OK
    assert sorted(site.files().values()) == CONTENTS


def test_a_bundle_that_an_older_version_left_half_delivered_is_completed_and_nothing_comes_twice(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    dies(site, "begin_file", 3)
    with sqlite3.connect(site.state.ledger) as database:  # as the migration leaves it
        database.execute("UPDATE bundles SET begun = NULL, file_times = '', manifest_sha256 = NULL")
    database.close()
    site.take_files_away()
    assert site.run() is ExitCode.OK
    site.take_files_away()
    assert sorted(content for _, content in site.taken) == CONTENTS


def cannot_sync_all(_descriptor: int) -> bool:
    return False


@pytest.mark.parametrize("keys", [["a/b/c"], ["../x"], ["a", "a/b"], ["x/" + "n" * 255], ["k/v", "k/v/w"]])
def test_every_folder_that_a_file_was_put_in_is_durable_before_the_ledger_says_delivered(
    site: Site, monkeypatch: pytest.MonkeyPatch, keys: list[str]
) -> None:
    """An earlier process was killed after it had moved the files and before it made their folders durable."""
    site.mailbox.put_bundle([(key, key.encode()) for key in keys])
    with monkeypatch.context() as patch:

        def die(_placement: place.Placement) -> None:
            raise Crash

        patch.setattr(place.Placement, "sync", die)
        with pytest.raises(Crash):
            site.run()
    durable: set[int] = set()

    def fsync(descriptor: int) -> None:
        durable.add(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(durability, "sync_file_system", cannot_sync_all)
    left_out: list[Path] = []

    def look(step: str) -> None:
        if step == "advance delivered":
            folders = [site.into, *site.into.rglob("*"), *site.into.parents]
            left_out.extend(path for path in folders if path.is_dir() and path.stat().st_ino not in durable)

    site.hook = look
    assert site.run() is ExitCode.OK
    assert left_out == []


def test_when_each_bundle_and_each_file_was_delivered_is_noted(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.run()
    with Ledger(site.state.ledger) as ledger:
        times = ledger.file_times(bundle_id)
        assert len(times) == len(FILES)
        assert times == sorted(times)
        delivered = ledger.delivered_at(bundle_id)
        assert delivered is not None
        assert delivered >= times[-1]
