"""A power cut at any step, in whatever order the disk had written until then, loses nothing."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest
from harness.consumer import Hooks, MemoryMailbox, Site
from harness.power_cut import ForgetfulDisk

from baler.cli.exit_codes import ExitCode
from baler.commands.consume import whole_bundle
from baler.commands.consume.whole_bundle import WholeBundlePublisher

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


def harm_of_power_cuts(tmp_path: Path, site: Site) -> Iterator[str]:
    """Deliver a bundle, cut the power at every step, and yield what is wrong afterwards, and after the next run."""
    site.mailbox.put_bundle(FILES)
    disk = ForgetfulDisk(site.into.parent)
    chance = random.Random(1)  # noqa: S311 - draws what a disk forgets
    left: list[tuple[str, Path, MemoryMailbox, bool]] = []
    assert site.hooks is not None

    def cut(step: str) -> None:
        if step.startswith(("chunk", "interruption_point", "list", "get")):
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

    site.hook = cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        assert site.run() is ExitCode.OK
    disk.close()

    steps = {story.split(",", maxsplit=1)[0] for story, *_ in left}
    begun = "begun_folder" if site.whole_bundles else "begun_file"
    assert {"before fsync", "added_unpacked", begun, "ended_file", "delivered", "hook ended"} <= steps
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)  # which is quick
        for story, folder, mailbox, hook_ended in left:
            after = Site(folder / "received", mailbox, whole_bundles=site.whole_bundles, hooks=Hooks())
            assert after.hooks is not None
            in_sight = sorted(after.files().values())
            if site.whole_bundles and in_sight not in ([], CONTENTS):
                yield f"{story}: a part of the bundle is in sight: {in_sight}"
            if after.run() is not ExitCode.OK or sorted(after.files().values()) != CONTENTS or mailbox.objects:
                yield f"{story}: {after.files()} was delivered, {list(mailbox.objects)} waits"
            if not hook_ended and not after.hooks.ended:
                yield f"{story}: the hook did not run"


def site_of(tmp_path: Path, *, whole_bundles: bool, whole_type: type[WholeBundlePublisher] | None = None) -> Site:
    machine = tmp_path / "machine"
    machine.mkdir()
    kind = whole_type or WholeBundlePublisher
    return Site(machine / "received", whole_bundles=whole_bundles, hooks=Hooks(), whole_type=kind)


@pytest.mark.requirement("PULL-REQ-06")
@pytest.mark.parametrize("whole_bundles", [False, True], ids=["by-file", "whole-bundles"])
def test_a_power_cut_at_any_step_loses_nothing_and_delivers_nothing_twice(
    tmp_path: Path, *, whole_bundles: bool
) -> None:
    assert list(harm_of_power_cuts(tmp_path, site_of(tmp_path, whole_bundles=whole_bundles))) == []


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
