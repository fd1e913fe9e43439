"""With --whole-bundles a reader sees all files of a bundle or none of them, whatever happens."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import Crash, Hooks, Site, make_bundle

from baler.cli.exit_codes import ExitCode
from baler.commands.consume import whole_bundle
from baler.commands.consume.whole_bundle import TREE, WholeBundlePublisher
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import META_REPLAY, META_SHA256
from baler.files.ledger.ledger import Ledger
from baler.files.unpacking.permissions import Permissions
from baler.files.unpacking.rename import rename_exclusively

if TYPE_CHECKING:
    from pathlib import Path

    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import LedgerEntry

# A plain file, one whose key is no path, one whose place is taken, one behind a file, the same twice, an empty one.
FILES = [("plain", b"1"), ("../up", b"2"), ("plain", b"3"), ("plain/below", b"4"), ("plain", b"1"), ("deep/empty", b"")]
CONTENTS = sorted({content for _, content in FILES})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "received", whole_bundles=True)


def in_sight(site: Site) -> dict[str, list[bytes]]:
    """The contents in each folder of the folder of files."""
    found: dict[str, list[bytes]] = {}
    for path, content in site.files().items():
        found.setdefault(path.partition("/")[0], []).append(content)
    return {folder: sorted(contents) for folder, contents in found.items()}


def die_at(site: Site, step: str) -> None:
    def hook(name: str) -> None:
        if name == step:
            raise Crash

    site.hook = hook
    with pytest.raises(Crash):
        site.run()
    site.hook = lambda _: None


def test_the_files_of_a_bundle_lie_in_a_folder_of_its_name_under_their_keys(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle([("a/1", b"one"), ("b", b"two")])
    assert site.run() is ExitCode.OK
    assert site.files() == {f"{bundle_id}/a/1": b"one", f"{bundle_id}/b": b"two"}
    assert site.events_of("bundle")[0].fields["folder"] == bundle_id
    assert list(site.state.incoming.iterdir()) == []


def partly_in_sight(site: Site) -> list[str]:
    """Deliver a bundle; return the steps at which a part of it was in sight, and no more."""
    site.mailbox.put_bundle(FILES)
    partly: list[str] = []

    def watch(step: str) -> None:
        if any(contents != CONTENTS for contents in in_sight(site).values()):
            partly.append(step)

    site.hook = watch
    assert site.run() is ExitCode.OK
    assert list(in_sight(site).values()) == [CONTENTS]
    return partly


def test_at_no_step_is_a_part_of_a_bundle_in_sight(site: Site) -> None:
    assert partly_in_sight(site) == []


class ShowsFilesAsTheyCome(WholeBundlePublisher):
    """Makes the folder where everybody sees it, and then moves one file after the other into it."""

    def _move(self, entry: LedgerEntry, files: tuple[ManifestFile, ...]) -> str:
        assert files
        (self.into / entry.bundle_id).mkdir()
        for below in list(self._tree(entry).iterdir()):
            below.rename(self.into / entry.bundle_id / below.name)
            self._parts.interruption_point()
        return entry.bundle_id


def test_files_that_are_shown_as_they_come_are_caught(site: Site) -> None:
    assert partly_in_sight(replace(site, whole_type=ShowsFilesAsTheyCome)) != []


@pytest.mark.parametrize("step", ["begun_folder", "noted_place", "deliver"])
def test_a_folder_with_a_missing_file_is_never_published(site: Site, step: str) -> None:
    """Somebody clears a part of the consumer's own folder after a crash."""
    bundle_id = site.mailbox.put_bundle(FILES)
    die_at(site, step)
    tree = site.state.staging(bundle_id) / TREE
    if tree.exists():
        (tree / "plain").unlink()
    assert site.run() is ExitCode.OK
    assert in_sight(site) == {bundle_id: CONTENTS}


def test_a_crash_right_after_the_move_shows_no_second_folder_though_a_reader_took_the_first(site: Site) -> None:
    site.mailbox.put_bundle(FILES)
    die_at(site, "ended_file")
    taken = in_sight(site)
    shutil.rmtree(site.into)
    site.into.mkdir()
    assert list(taken.values()) == [CONTENTS]
    assert site.run() is ExitCode.OK
    assert in_sight(site) == {}
    assert site.events_of("doubtful") == []


def test_a_folder_that_vanished_in_mid_move_is_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)

    def taken_at_once(*arguments: Any) -> None:
        rename_exclusively(*arguments)
        shutil.rmtree(site.into / bundle_id)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(whole_bundle, "rename_exclusively", taken_at_once)
        with pytest.raises(Crash):
            site.run()
    assert site.run() is ExitCode.OK
    assert [event.fields["file"] for event in site.events_of("doubtful")] == [bundle_id]


def test_a_replay_has_a_folder_of_its_own(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.run()
    _, body = make_bundle(FILES)
    metadata = {META_SHA256: site.events_of("bundle")[0].fields["sha256"], META_REPLAY: "r-1"}
    site.mailbox.put(bundle_key(bundle_id), body, metadata)
    assert site.run() is ExitCode.OK
    assert in_sight(site) == {bundle_id: CONTENTS, f"{bundle_id}.r-1": CONTENTS}


def test_what_is_there_already_is_delivered_and_what_is_something_else_is_left_alone(site: Site) -> None:
    """The ledger was lost, and the mailbox has the bundle again; of another, somebody has made the folder."""
    first = site.mailbox.put_bundle(FILES, 1)
    site.run()
    shutil.rmtree(site.state.path)
    site.mailbox.put_bundle(FILES, 1)
    second, _ = make_bundle(FILES, 2)
    (site.into / second).mkdir()
    (site.into / second / "plain").write_bytes(b"another's")
    site.mailbox.put_bundle(FILES, 2)
    assert site.run() is ExitCode.OK
    assert in_sight(site) == {first: CONTENTS, second: [b"another's"], f"{second}.~1": CONTENTS}
    assert list(site.state.incoming.iterdir()) == []


@pytest.mark.parametrize(
    ("whole_first", "step"),
    [(True, "noted_place"), (True, "begun_folder"), (False, "noted_place"), (False, "begun_file")],
)
def test_what_was_begun_in_one_way_is_finished_so_when_the_option_changes(
    site: Site, step: str, *, whole_first: bool
) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.whole_bundles = whole_first
    die_at(site, step)
    site.whole_bundles = not whole_first
    assert site.run() is ExitCode.OK
    in_folder = {path.startswith(bundle_id) for path in site.files()}
    assert sorted(set(site.files().values())) == CONTENTS
    # Where no file was in sight by its key, either way shows all.
    assert in_folder == {whole_first} or (step == "noted_place" and not whole_first)
    assert not site.mailbox.objects


def test_the_folder_has_the_mode_that_is_asked_for_before_it_is_seen(site: Site) -> None:
    site.permissions = Permissions.parse("0640", "2750", str(os.getgid()))
    bundle_id = site.mailbox.put_bundle([("a/1", b"one")])
    assert site.run() is ExitCode.OK
    folder = site.into / bundle_id
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "a", folder / "a" / "1")] == [
        0o2750,
        0o2750,
        0o640,
    ]


def test_a_folder_below_one_that_hands_its_group_down_hands_it_down_too(site: Site) -> None:
    site.into.mkdir()
    site.into.chmod(0o2755)
    bundle_id = site.mailbox.put_bundle([("a/1", b"one")])
    assert site.run() is ExitCode.OK
    assert all((site.into / bundle_id / below).stat().st_mode & stat.S_ISGID for below in (".", "a"))


def test_the_hook_gets_the_paths_of_the_folder(site: Site) -> None:
    site.hooks = Hooks()
    bundle_id = site.mailbox.put_bundle(FILES)
    assert site.run() is ExitCode.OK
    (document,) = site.hooks.ended
    assert document["folder"] == bundle_id
    assert {(site.into / file["path"]).read_bytes() for file in document["files"]} == set(CONTENTS)


def test_the_ledger_knows_the_folder(site: Site) -> None:
    bundle_id = site.mailbox.put_bundle(FILES)
    site.run()
    with Ledger(site.state.ledger) as ledger:
        assert ledger.folder(bundle_id) == bundle_id
        assert len(ledger.file_times(bundle_id)) == 1
