"""The consumer dies at every step there is; each file still arrives exactly once."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import Crash, Hooks, Site, make_bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.cli.exit_codes import ExitCode
from baler.commands.consume import publisher, whole_bundle
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import META_REPLAY, META_SHA256
from baler.files.ledger.ledger import Ledger
from baler.files.unpacking import durability, place
from baler.files.unpacking.rename import rename_exclusively

if TYPE_CHECKING:
    from collections.abc import Callable

# A plain file, one whose key is no path, one whose place is taken, one behind a file, an empty one.
BUNDLES = [
    [("plain", b"1"), ("../up", b"2"), ("plain", b"3"), ("plain/below", b"4"), ("deep/down/empty", b"")],
    [("plain", b"5"), ("other", b"6")],
]
CONTENTS = Counter(content for files in BUNDLES for _, content in files)


@pytest.fixture(autouse=True)
def few_are_due_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle of some files then has several durable notes, as one of hundreds has."""
    monkeypatch.setattr(publisher, "_DUE_AT_ONCE", 2)


class Steps:
    """Counts the steps of a run and crashes at the chosen one."""

    def __init__(self, crash_at: int) -> None:
        self.left = crash_at
        self.reached = "none"

    def __call__(self, name: str) -> None:
        if name == "ledger is durable":
            return  # there is a step of its own after each of its writes
        self.left -= 1
        if self.left == 0:
            self.reached = name
            raise Crash(name)


def around(steps: Steps, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        steps(f"before {name}")
        answer = function(*arguments, **named)
        steps(f"after {name}")
        return answer

    return call


def run_until(site: Site, crash_at: int) -> str | None:
    """Run a process that dies at that step of it; None if it ended before."""
    steps = Steps(crash_at)
    site.hook = steps
    with pytest.MonkeyPatch.context() as patch:
        for module in (place, whole_bundle):
            patch.setattr(module, "rename_exclusively", around(steps, "rename", rename_exclusively))
        patch.setattr(os, "fsync", around(steps, "fsync", os.fstat))  # looks at the file, which is quick
        patch.setattr(durability, "sync_file_system", around(steps, "syncfs", os.fstat))
        patch.setattr(os, "mkdir", around(steps, "mkdir", os.mkdir))
        patch.setattr(os, "unlink", around(steps, "unlink", os.unlink))
        patch.setattr(shutil, "rmtree", around(steps, "rmtree", shutil.rmtree))
        patch.setattr(Path, "unlink", around(steps, "Path.unlink", Path.unlink))
        try:
            site.run()
        except Crash:
            return steps.reached
        finally:
            site.hook = lambda _: None
    return None


def site_with_bundles(folder: Path, *, whole_bundles: bool = False) -> Site:
    site = Site(folder / "received", whole_bundles=whole_bundles, hooks=Hooks())
    for number, files in enumerate(BUNDLES, start=1):
        site.mailbox.put_bundle(files, number)
    return site


def check_all_arrived_once(site: Site, story: object) -> None:
    assert site.run() is ExitCode.OK, story
    site.take_files_away()
    assert Counter(content for _, content in site.taken) == CONTENTS, story
    assert not site.mailbox.objects, story
    assert list(site.state.incoming.iterdir()) == [], story
    # The ledger knows each file that does not lie under its key, and no other.
    noted = Counter(path for path, *_ in site.places())
    keys = {key for files in BUNDLES for key, _ in files}
    paths = [path.partition("/")[2] if site.whole_bundles else path for path, _ in site.taken]
    assert noted == Counter(path for path in paths if path not in keys), story
    # The hook has succeeded for each, and is not due any more.
    assert site.hooks is not None
    assert {document["bundle_id"] for document in site.hooks.ended} == {
        make_bundle(files, number)[0] for number, files in enumerate(BUNDLES, start=1)
    }, story
    with Ledger(site.state.ledger) as ledger:
        assert ledger.announcements_due() == 0, story
    # And a second delivery of everything changes nothing.
    for number, files in enumerate(BUNDLES, start=1):
        site.mailbox.put_bundle(files, number)
    site.run()
    assert site.files() == {}, story


BY_FILE_OR_WHOLE = pytest.mark.parametrize("whole_bundles", [False, True], ids=["by-file", "whole-bundles"])


@pytest.mark.requirement("PULL-REQ-06")
@BY_FILE_OR_WHOLE
@pytest.mark.parametrize("taken_meanwhile", [True, False], ids=["files-taken-meanwhile", "files-left"])
def test_a_crash_at_any_step_loses_nothing_and_delivers_nothing_twice(
    tmp_path: Path, *, taken_meanwhile: bool, whole_bundles: bool
) -> None:
    seen: set[str] = set()
    for crash_at in itertools.count(1):
        site = site_with_bundles(tmp_path / str(crash_at), whole_bundles=whole_bundles)
        reached = run_until(site, crash_at)
        if reached is None:
            break
        seen.add(reached.split(" bundles/")[0])
        if taken_meanwhile:
            site.take_files_away()
        check_all_arrived_once(site, (crash_at, reached))
    # Guards the test itself: these are the steps between which the order matters.
    assert {
        "chunk",
        "before fsync",
        "before syncfs",
        "after syncfs",
        "add_unpacked",
        "begun_folder" if whole_bundles else "begun_files",
        "added_unpacked",
        "noted_place",
        "before rename",
        "after rename",
        "advance delivered",
        "advanced delivered",
        "delivered",
        "hook starts",
        "hook ended",
        "end_announcement",
        "before rmtree",
        "delete",
        "deleted",
        "advanced removed",
    } <= seen


def site_with_replays(folder: Path, *, whole_bundles: bool) -> Site:
    """Everything was delivered and taken away once; now a replay of all of it waits."""
    site = site_with_bundles(folder, whole_bundles=whole_bundles)
    site.run()
    site.take_files_away()
    site.taken.clear()
    assert site.hooks is not None
    site.hooks.ended.clear()
    put_replays(site)
    return site


def put_replays(site: Site) -> None:
    for number, files in enumerate(BUNDLES, start=1):
        bundle_id, body = make_bundle(files, number)
        metadata = {META_SHA256: hashlib.sha256(body).hexdigest(), META_REPLAY: "r-1"}
        site.mailbox.put(bundle_key(bundle_id), body, metadata)


@pytest.mark.parametrize(
    ("taken_meanwhile", "whole_bundles"),
    [(True, False), (False, False), (True, True)],
    ids=["files-taken-meanwhile", "files-left", "whole-bundles-taken-meanwhile"],
)
def test_a_crash_at_any_step_of_a_replay_delivers_it_once_more_and_only_once(
    tmp_path: Path, *, taken_meanwhile: bool, whole_bundles: bool
) -> None:
    seen: set[str] = set()
    for crash_at in itertools.count(1):
        site = site_with_replays(tmp_path / str(crash_at), whole_bundles=whole_bundles)
        reached = run_until(site, crash_at)
        if reached is None:
            break
        seen.add(reached.split(" bundles/")[0])
        if taken_meanwhile:
            site.take_files_away()
        # The operator's own process died too, and its next one put the same replay again.
        put_replays(site)
        check_all_arrived_once(site, (crash_at, reached))
    assert {"chunk", "add_unpacked", "added_unpacked", "after rename", "delete", "deleted"} <= seen


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=5), st.booleans())
def test_crash_after_crash_loses_nothing_and_delivers_nothing_twice(
    crashes: list[tuple[int, bool]],
    whole_bundles: bool,  # noqa: FBT001 - hypothesis gives it by position
) -> None:
    with TemporaryDirectory() as folder:
        site = site_with_bundles(Path(folder), whole_bundles=whole_bundles)
        for crash_at, taken_meanwhile in crashes:
            run_until(site, crash_at)
            if taken_meanwhile:
                site.take_files_away()
        check_all_arrived_once(site, crashes)
