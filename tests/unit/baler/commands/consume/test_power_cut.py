"""A power cut at any step, in whatever order the disk had written until then, loses nothing."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from harness.consumer import HookedLedger, Hooks, MemoryMailbox, Site
from harness.power_cut import ForgetfulDisk

from baler.cli.exit_codes import ExitCode
from baler.commands.consume import publisher, whole_bundle
from baler.commands.consume.publisher import Publisher
from baler.commands.consume.whole_bundle import WholeBundlePublisher
from baler.files.unpacking import durability
from baler.files.unpacking.place import Placement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from baler.files.bundle.manifest import ManifestFile
    from baler.files.ledger.ledger import LedgerEntry

# A plain file, one in a folder, one whose key is no path, one whose place is taken.
FILES = [("plain", b"1"), ("deep/down", b"2"), ("../up", b"3"), ("plain/below", b"4")]
CONTENTS = sorted(content for _, content in FILES)
# Nothing of what is not synced, all of it, and two that are drawn.
SHARES = (0.0, 1.0, 0.5, 0.5)


@pytest.fixture(autouse=True)
def few_are_due_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle of some files then has several durable notes, as one of hundreds has."""
    monkeypatch.setattr(publisher, "_DUE_AT_ONCE", 2)


def harm_of_power_cuts(
    tmp_path: Path, site: Site, *, at_once: bool = True, is_staged_durably: bool = True
) -> Iterator[str]:
    """Deliver a bundle, cut the power at every step, and yield what is wrong afterwards, and after the next run.

    Args:
        tmp_path: for what each power cut leaves.
        site: the consumer.
        at_once: its file system can make everything durable in one call.
        is_staged_durably: it makes what it stages durable; otherwise it is broken.
    """
    site.mailbox.put_bundle(FILES)
    disk = ForgetfulDisk(site.into.parent)
    chance = random.Random(1)  # noqa: S311 - draws what a disk forgets
    left: list[tuple[str, Path, MemoryMailbox, bool]] = []
    assert site.hooks is not None

    def cut(step: str) -> None:
        if step in {"list", "ledger is durable"}:  # at the first, as it was made
            disk.keep_ledger()
        if step.startswith(("chunk", "interruption_point", "list", "get", "ledger")):
            return  # nothing was written since the step before
        assert site.hooks is not None
        for share in SHARES:
            folder = tmp_path / f"cut-{len(left)}"
            disk.leave(folder, chance, share)
            mailbox = MemoryMailbox(objects=dict(site.mailbox.objects))
            left.append((f"{step}, {share}", folder, mailbox, bool(site.hooks.ended)))

    def fsync(descriptor: int) -> None:
        cut("before fsync")
        disk.fsync(descriptor)

    def sync_all(descriptor: int) -> bool:
        cut("before syncfs")
        if not is_staged_durably:
            return True
        return at_once and disk.sync_all(descriptor)

    site.hook = cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        patch.setattr(durability, "sync_file_system", sync_all)
        assert site.run() is ExitCode.OK
    disk.close()
    yield from harm_after(site, left)


def harm_after(site: Site, left: list[tuple[str, Path, MemoryMailbox, bool]]) -> Iterator[str]:
    """Start the machine anew after each power cut, and yield what is wrong."""
    steps = {story.split(",", maxsplit=1)[0] for story, *_ in left}
    begun = "begun_folder" if site.whole_bundles else "begun_file"
    assert {"before fsync", "before syncfs", "added_unpacked", begun, "ended_file", "delivered", "hook ended"} <= steps
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)  # which is quick
        patch.setattr(durability, "sync_file_system", os.fstat)
        for number, (story, folder, mailbox, hook_ended) in enumerate(left):
            after = Site(
                folder / "received", mailbox, whole_bundles=site.whole_bundles, hooks=Hooks(), boot="second boot"
            )
            assert after.hooks is not None
            in_sight = sorted(after.files().values())
            if site.whole_bundles and in_sight not in ([], CONTENTS):
                yield f"{story}: a part of the bundle is in sight: {in_sight}"
            if number % 2:
                after.take_files_away()  # a reader that is faster than the consumer's start
            code = after.run()
            after.take_files_away()
            if code is not ExitCode.OK or sorted(content for _, content in after.taken) != CONTENTS or mailbox.objects:
                yield f"{story}: {after.taken} was delivered, {list(mailbox.objects)} waits"
            if not hook_ended and not after.hooks.ended:
                yield f"{story}: the hook did not run"


def site_of(tmp_path: Path, *, whole_bundles: bool, whole_type: type[WholeBundlePublisher] | None = None) -> Site:
    machine = tmp_path / "machine"
    machine.mkdir()
    kind = whole_type or WholeBundlePublisher
    return Site(machine / "received", whole_bundles=whole_bundles, hooks=Hooks(), whole_type=kind)


@pytest.mark.requirement("PULL-REQ-06")
@pytest.mark.parametrize("whole_bundles", [False, True], ids=["by-file", "whole-bundles"])
@pytest.mark.parametrize("at_once", [True, False], ids=["synced-at-once", "synced-file-by-file"])
def test_a_power_cut_at_any_step_loses_nothing_and_delivers_nothing_twice(
    tmp_path: Path, *, whole_bundles: bool, at_once: bool
) -> None:
    site = site_of(tmp_path, whole_bundles=whole_bundles)
    assert list(harm_of_power_cuts(tmp_path, site, at_once=at_once)) == []


def forgets(*_arguments: object) -> None:
    """Take the place of a sync."""


class MovesWhatIsNotDurable(WholeBundlePublisher):
    """Brings the files into the folder and moves it, without a sync in between."""

    def _build(self, entry: LedgerEntry, files: tuple[ManifestFile, ...]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(whole_bundle, "sync_or_all", forgets)
            patch.setattr(whole_bundle.Placement, "sync", forgets)
            super()._build(entry, files)


def test_a_bundle_that_is_moved_before_it_is_durable_is_caught(tmp_path: Path) -> None:
    site = site_of(tmp_path, whole_bundles=True, whole_type=MovesWhatIsNotDurable)
    assert any("a part of the bundle is in sight" in harm for harm in harm_of_power_cuts(tmp_path, site))


class MovesBeforeItIsDurable(Publisher):
    """Publishes what was staged without a sync, and makes that up afterwards."""

    def publish(self, entry: LedgerEntry) -> None:
        super().publish(entry)
        os.sync()


class NotesBeforeItIsDurable(Publisher):
    """Notes that all is delivered, and only then makes the moves durable."""

    def publish(self, entry: LedgerEntry) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(publisher.Placement, "sync", forgets)
            super().publish(entry)
        with Placement(self.into, self.into) as placement:
            placement.sync()


class NotesNothingDurablyBeforeAMove(HookedLedger):
    """Lets the note that files are due wait for the disk."""

    def begin_files(self, bundle_id: str, number: int, due: int) -> None:
        with self._unsynced():
            super().begin_files(bundle_id, number, due)


def test_a_file_that_is_moved_before_it_is_durable_is_caught(tmp_path: Path) -> None:
    site = replace(site_of(tmp_path, whole_bundles=False), publisher_type=MovesBeforeItIsDurable)
    harm = list(harm_of_power_cuts(tmp_path, site, is_staged_durably=False))
    assert any("b''" in each for each in harm)


def test_a_delivery_that_is_noted_before_it_is_durable_is_caught(tmp_path: Path) -> None:
    site = replace(site_of(tmp_path, whole_bundles=False), publisher_type=NotesBeforeItIsDurable)
    assert any("was delivered, [] waits" in harm for harm in harm_of_power_cuts(tmp_path, site))


def test_a_move_that_is_not_noted_durably_before_is_caught(tmp_path: Path) -> None:
    site = replace(site_of(tmp_path, whole_bundles=False), ledger_type=NotesNothingDurablyBeforeAMove)
    assert any("was delivered" in harm for harm in harm_of_power_cuts(tmp_path, site))


def test_a_delete_in_the_mailbox_before_the_delivery_is_durable_is_caught(tmp_path: Path) -> None:
    site = site_of(tmp_path, whole_bundles=False)

    class DeletesFirst(Publisher):
        def publish(self, entry: LedgerEntry) -> None:
            site.mailbox.delete(entry.key)
            super().publish(entry)

    site.publisher_type = DeletesFirst
    assert any("[] was delivered, [] waits" in harm for harm in harm_of_power_cuts(tmp_path, site))


def test_a_disk_that_was_never_synced_may_forget_all_of_it(tmp_path: Path) -> None:
    """The model itself: without this, the test above would pass with every fsync left out."""
    machine = tmp_path / "machine"
    machine.mkdir()
    disk = ForgetfulDisk(machine)
    (machine / "folder").mkdir()
    (machine / "folder" / "file").write_bytes(b"bytes")
    disk.leave(tmp_path / "forgotten", random.Random(1), 0.0)  # noqa: S311 - draws what a disk forgets
    assert list((tmp_path / "forgotten").iterdir()) == []
    for path in (machine, machine / "folder", machine / "folder" / "file"):
        descriptor = os.open(path, os.O_RDONLY)
        disk.fsync(descriptor)
        os.close(descriptor)
    disk.leave(tmp_path / "kept", random.Random(1), 0.0)  # noqa: S311 - draws what a disk forgets
    assert (tmp_path / "kept" / "folder" / "file").read_bytes() == b"bytes"
    disk.close()
