"""Where files go: under their key where that is possible, and never outside the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import Crash, Site, make_bundle, with_manifest
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.cli.exit_codes import ExitCode
from baler.files.bundle.ids import bundle_key
from baler.files.unpacking import durability, rename
from baler.files.unpacking.place import Placement

if TYPE_CHECKING:
    from collections.abc import Callable

UNSAFE = [
    "",
    "/",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "..",
    ".",
    "./a",
    "a/",
    "a//b",
    "trailing/..",
    "nul\0byte",
    "n" * 256,
    "folder/" + "n" * 256,
    "é" * 128,
    "/".join(["long"] * 1000),
]
SAFE = [
    "spaces and + % # ? * : \\ | < > \" '",
    "line\nbreak\ttab\x1b[31m",
    "-rf",
    "--help",
    ".hidden/.deeper",
    "...",
    "..a/b..",
    "~root",
    "$HOME/`id`",
    "日本語/Ω/🎈",
    "e\u0301 and é",
    "con/nul/aux.txt",
    "n" * 255,
    "d/" * 100 + "deep",
    " ",
]


def mark(key: str, version: str) -> str:
    return hashlib.sha256(f"{key}\0{version}".encode(errors="surrogatepass")).hexdigest()


@pytest.mark.parametrize("key", SAFE)
def test_a_key_that_is_a_path_is_the_path(site: Site, key: str) -> None:
    site.mailbox.put_bundle([(key, b"content")])
    assert site.run() is ExitCode.OK
    assert site.files() == {key: b"content"}
    assert site.places() == []


@pytest.mark.parametrize("key", [key for key in UNSAFE if key])
def test_a_key_that_is_no_path_gets_a_name_of_its_own_that_the_ledger_notes(site: Site, key: str) -> None:
    bundle_id = site.mailbox.put_bundle([(key, b"content")])
    assert site.run() is ExitCode.OK
    path = f"unsafe-keys/{mark(key, 'version-1-0')}"
    assert site.files() == {path: b"content"}
    assert [entry.name for entry in site.into.iterdir()] == ["unsafe-keys"]
    assert site.places() == [(path, key, "version-1-0", bundle_id)]


@pytest.mark.parametrize("key", ["half a pair \ud800", "\udcff"])
def test_a_key_that_no_encoding_takes_gets_a_name_of_its_own_too(site: Site, key: str) -> None:
    bundle_id, body = make_bundle([("a", b"content")])
    site.mailbox.put(bundle_key(bundle_id), with_manifest(body, lambda it: it["files"][0].update(key=key)))
    assert site.run() is ExitCode.OK
    path = f"unsafe-keys/{mark(key, 'version-1-0')}"
    assert site.files() == {path: b"content"}
    assert site.places() == [(path, key, "version-1-0", bundle_id)]


def test_a_second_content_of_a_key_lies_beside_the_first(site: Site) -> None:
    site.mailbox.put_bundle([("a/b", b"first"), ("a/b", b"second")])
    site.run()
    assert site.files() == {"a/b": b"first", f"a/b.~{mark('a/b', 'version-1-1')[:16]}": b"second"}


def test_the_same_content_at_its_place_is_already_there(site: Site) -> None:
    site.into.mkdir()
    (site.into / "a").write_bytes(b"same")
    before = (site.into / "a").stat()
    site.mailbox.put_bundle([("a", b"same")])
    assert site.run() is ExitCode.OK
    assert site.files() == {"a": b"same"}
    assert (site.into / "a").stat().st_ino == before.st_ino


def test_a_file_where_a_folder_must_be_is_left_alone(site: Site) -> None:
    site.mailbox.put_bundle([("a", b"file"), ("a/b", b"below")])
    site.run()
    assert site.files() == {"a": b"file", f"unsafe-keys/{mark('a/b', 'version-1-1')}": b"below"}


def test_a_folder_where_a_file_must_be_is_left_alone(site: Site) -> None:
    site.mailbox.put_bundle([("a/b", b"below"), ("a", b"file")])
    site.run()
    assert site.files() == {"a/b": b"below", f"a.~{mark('a', 'version-1-1')[:16]}": b"file"}


def test_derived_names_that_someone_aims_at_are_not_overwritten(site: Site) -> None:
    key, version = "..", "version-2-0"
    site.mailbox.put_bundle([(f"unsafe-keys/{mark(key, version)}", b"aimed")], 1)
    site.mailbox.put_bundle([(key, b"content")], 2)
    site.run()
    assert site.files() == {
        f"unsafe-keys/{mark(key, version)}": b"aimed",
        f"unsafe-keys.~1/{mark(key, version)}": b"content",
    }


def test_a_file_in_the_place_of_the_folder_of_unsafe_keys_is_not_overwritten(site: Site) -> None:
    site.mailbox.put_bundle([("unsafe-keys", b"file"), ("../x", b"content")])
    site.run()
    assert site.files() == {
        "unsafe-keys": b"file",
        f"unsafe-keys.~1/{mark('../x', 'version-1-1')}": b"content",
    }


@pytest.mark.parametrize("planted", ["a", "a/b", "a/b/c", "unsafe-keys"])
def test_a_planted_symlink_leads_nowhere(site: Site, tmp_path: Path, planted: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = site.into / planted
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    site.mailbox.put_bundle([("a/b/c", b"one"), ("../up", b"two")])

    assert site.run() is ExitCode.OK

    assert list(outside.iterdir()) == []
    assert link.is_symlink()
    assert sorted(site.files().values()) == [b"one", b"two"]


def test_a_symlink_to_the_same_content_is_not_the_file(site: Site, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"same")
    site.into.mkdir()
    (site.into / "a").symlink_to(tmp_path / "elsewhere")
    site.mailbox.put_bundle([("a", b"same")])
    site.run()
    assert list(site.files().values()) == [b"same"]


def test_a_pipe_in_the_place_of_a_file_is_neither_waited_for_nor_replaced(site: Site) -> None:
    site.into.mkdir()
    os.mkfifo(site.into / "a")
    site.mailbox.put_bundle([("a", b"")])
    assert site.run() is ExitCode.OK
    assert (site.into / "a").is_fifo()
    assert list(site.files().values()) == [b""]


def test_a_file_made_in_the_last_instant_is_not_overwritten(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from baler.files.unpacking import place  # noqa: PLC0415 - patched here alone

    state = place._state  # pyright: ignore[reportPrivateUsage]  # the instant after it was read is what is tested
    raced: list[str] = []

    def read_then_lose_the_race(parent: int, name: bytes, file: object) -> object:
        found = state(parent, name, file)  # pyright: ignore[reportArgumentType]  # passed on as it came
        if not raced:
            raced.append("once")
            (site.into / "a").write_bytes(b"someone else's")
        return found

    monkeypatch.setattr(place, "_state", read_then_lose_the_race)
    site.mailbox.put_bundle([("a", b"ours")])
    assert site.run() is ExitCode.OK
    assert site.files()["a"] == b"someone else's"
    assert sorted(site.files().values()) == [b"ours", b"someone else's"]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Return what is synced by itself, by the number of its inode."""
    numbers: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: numbers.add(os.fstat(descriptor).st_ino))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    return numbers


@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
@pytest.mark.parametrize("crash", [None, "advance delivered"], ids=["at once", "after a crash"])
def test_folders_are_durable_before_the_ledger_says_delivered(
    site: Site, monkeypatch: pytest.MonkeyPatch, synced: set[int], crash: str | None, *, together: bool
) -> None:
    def sync_file_system(_descriptor: int) -> bool:
        if together:
            synced.update(path.stat().st_ino for path in (site.into, *site.into.rglob("*")))
        return together

    def hook(name: str) -> None:
        if name == crash:
            raise Crash
        if name == "advance delivered":
            folders = {folder.stat().st_ino for folder in (site.into, site.into / "a", site.into / "a" / "b")}
            assert folders <= synced
            synced.add(0)

    monkeypatch.setattr(durability, "sync_file_system", sync_file_system)
    site.mailbox.put_bundle([("a/b/c", b"content")])
    site.hook = hook
    if crash is not None:
        with pytest.raises(Crash):
            site.run()
        synced.clear()
        crash = None
    assert site.run() is ExitCode.OK
    assert 0 in synced  # the hook has looked


def test_a_file_that_is_there_already_on_another_disk_is_made_durable_there(
    site: Site, monkeypatch: pytest.MonkeyPatch, synced: set[int]
) -> None:
    """Somebody has mounted it there: nothing can be moved into it, and no sync of ours reaches it."""
    mounted = site.into / "mounted"
    mounted.mkdir(parents=True)
    (mounted / "file").write_bytes(b"content")
    real = os.stat

    def stat(path: Any, **more: Any) -> os.stat_result:
        found = real(path, **more)
        return os.stat_result((*found[:2], found.st_dev + 1, *found[3:])) if path == b"mounted" else found

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(durability, "sync_file_system", os.fstat)
    site.mailbox.put_bundle([("mounted/file", b"content")])
    assert site.run() is ExitCode.OK
    assert mounted.stat().st_ino in synced


@pytest.mark.parametrize("supported", [True, False], ids=["exclusive", "looked-for"])
def test_a_rename_never_replaces_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, supported: bool) -> None:
    if supported and sys.platform not in {"linux", "darwin"}:
        pytest.skip("this system has no exclusive rename")
    if not supported:
        answer: Callable[..., int] = lambda *_: errno.EINVAL  # noqa: E731 - a stand-in of one line
        monkeypatch.setattr(rename, "_exclusive_rename", lambda: answer)
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(FileExistsError):
            rename.rename_exclusively(b"new", folder, b"old", folder)
        rename.rename_exclusively(b"new", folder, b"free", folder)
        with pytest.raises(FileNotFoundError):
            rename.rename_exclusively(b"new", folder, b"another", folder)
    finally:
        os.close(folder)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"free": b"new", "old": b"old"}


segments = st.one_of(
    st.sampled_from(["a", "b", "..", ".", "", "unsafe-keys", "unsafe-keys.~1", "n" * 255, "n" * 256, "a\0"]),
    st.text(max_size=6),
)
keys = st.one_of(
    st.lists(segments, min_size=1, max_size=4).map("/".join),
    st.sampled_from(UNSAFE + SAFE),
    st.text(max_size=20),
).filter(bool)


@settings(max_examples=80)
@given(st.lists(st.lists(keys, max_size=8), min_size=1, max_size=3))
def test_whatever_the_keys_every_file_is_in_the_folder_exactly_once_and_nothing_outside(
    bundles: list[list[str]],
) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder) / "below" / "received")
        contents: Counter[bytes] = Counter()
        of_key: dict[bytes, str] = {}
        for number, listed in enumerate(bundles, start=1):
            files = [(key, f"{number} {position}".encode()) for position, key in enumerate(listed)]
            contents.update(content for _, content in files)
            of_key |= {content: key for key, content in files}
            site.mailbox.put_bundle(files, number)

        assert site.run() is ExitCode.OK

        found = site.files()
        assert Counter(found.values()) == contents
        noted = {path: key for path, key, _, _ in site.places()}
        for path, content in found.items():
            assert noted.get(path, path) == of_key[content]
        assert {path.name for path in Path(folder).iterdir()} == {"below"}
        assert {path.name for path in (Path(folder) / "below").iterdir()} == {"received", "state"}
        assert {path.name for path in site.state.path.iterdir()} <= {
            "quarantine",
            "incoming",
            "ledger.sqlite",
            "ledger.sqlite-shm",
            "ledger.sqlite-wal",
            "lock",
        }
        assert list(site.state.incoming.iterdir()) == []
        assert list(site.state.quarantine.iterdir()) == []


def test_a_disk_that_fails_before_the_first_file_costs_no_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    opened: list[int] = []
    really = os.open

    def note(*arguments: Any, **named: Any) -> int:
        opened.append(really(*arguments, **named))
        return opened[-1]

    monkeypatch.setattr("baler.files.unpacking.place.name_rules", refuse)
    monkeypatch.setattr(os, "open", note)
    with pytest.raises(OSError, match="Read-only"), Placement(tmp_path, tmp_path):
        pass
    assert len(opened) == 2
    for descriptor in opened:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)
