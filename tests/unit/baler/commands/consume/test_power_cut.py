"""A power cut at any step, in whatever order the disk had written until then, loses nothing."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest
from harness.consumer import MemoryMailbox, Site
from harness.power_cut import ForgetfulDisk

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

# A plain file, one in a folder, one whose key is no path, one whose place is taken.
FILES = [("plain", b"1"), ("deep/down", b"2"), ("../up", b"3"), ("plain/below", b"4")]
CONTENTS = sorted(content for _, content in FILES)
# Nothing of what is not synced, all of it, and two that are drawn.
SHARES = (0.0, 1.0, 0.5, 0.5)


@pytest.mark.requirement("PULL-REQ-06")
def test_a_power_cut_at_any_step_loses_nothing_and_delivers_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "machine"
    machine.mkdir()
    site = Site(machine / "received")
    site.mailbox.put_bundle(FILES)
    disk = ForgetfulDisk(machine)
    chance = random.Random(1)  # noqa: S311 - draws what a disk forgets
    left: list[tuple[str, Path, MemoryMailbox]] = []

    def cut(step: str) -> None:
        if step.startswith(("chunk", "interruption_point", "list", "get")):
            return  # nothing was written since the step before
        for share in SHARES:
            folder = tmp_path / f"cut-{len(left)}"
            disk.leave(folder, chance, share)
            left.append((f"{step}, {share}", folder, MemoryMailbox(objects=dict(site.mailbox.objects))))

    def fsync(descriptor: int) -> None:
        cut("before fsync")
        disk.fsync(descriptor)

    site.hook = cut
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        assert site.run() is ExitCode.OK
    disk.close()

    steps = {story.split(",", maxsplit=1)[0] for story, *_ in left}
    assert {"before fsync", "added_unpacked", "begun_file", "ended_file", "advanced delivered"} <= steps
    monkeypatch.setattr(os, "fsync", os.fstat)  # which is quick
    for story, folder, mailbox in left:
        after = Site(folder / "received", mailbox)
        assert after.run() is ExitCode.OK, story
        assert sorted(after.files().values()) == CONTENTS, story
        assert not after.mailbox.objects, story


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
