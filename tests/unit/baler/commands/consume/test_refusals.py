"""A disk that refuses one name or folder: its file goes elsewhere, everything else where it belongs."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from baler.cli.exit_codes import ExitCode
from baler.files.unpacking import place
from baler.files.unpacking.disk import NameRules, name_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.consumer import Site


OF_ONE_PLACE = [
    errno.EACCES,
    errno.EEXIST,
    errno.EILSEQ,
    errno.EINVAL,
    errno.EISDIR,
    errno.ELOOP,
    errno.EMLINK,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EPERM,
    errno.ESTALE,
    errno.EXDEV,
]
OF_A_PLACE_OR_THE_DISK = [errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EROFS]


def refuse(monkeypatch: pytest.MonkeyPatch, number: int, names: Callable[[bytes], bool]) -> None:
    """Have the disk refuse to rename to such names, or to make folders of them."""

    def refusing(call: Callable[..., Any], position: int) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            if names(os.fsencode(arguments[position])):
                raise OSError(number, os.strerror(number), os.fsdecode(arguments[position]))
            return call(*arguments, **named)

        return wrapped

    monkeypatch.setattr(place, "rename_exclusively", refusing(place.rename_exclusively, 2))
    monkeypatch.setattr(os, "mkdir", refusing(os.mkdir, 0))


def always(rules: NameRules) -> Callable[[int], NameRules]:
    def found(_folder: int) -> NameRules:
        return rules

    return found


def mark(key: str, version: str) -> str:
    return hashlib.sha256(f"{key}\0{version}".encode()).hexdigest()


@pytest.mark.parametrize("number", OF_ONE_PLACE + OF_A_PLACE_OR_THE_DISK, ids=errno.errorcode.get)
@pytest.mark.parametrize("key", ["a:b", "folder/a:b", "fol:der/a/b"])
def test_a_name_that_the_disk_refuses_is_of_its_file_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch, number: int, key: str
) -> None:
    refuse(monkeypatch, number, lambda name: b":" in name)
    bundle_id = site.mailbox.put_bundle([("first", b"1"), (key, b"2"), ("last", b"3")])
    site.mailbox.put_bundle([("other", b"4")], 2)

    assert site.run() is ExitCode.OK

    path = f"unsafe-keys/{mark(key, 'version-1-1')}"
    assert site.files() == {"first": b"1", path: b"2", "last": b"3", "other": b"4"}
    assert site.places() == [(path, key, "version-1-1", bundle_id)]
    assert site.mailbox.objects == {}
    assert list(site.state.incoming.iterdir()) == []


@pytest.mark.parametrize("number", OF_A_PLACE_OR_THE_DISK, ids=errno.errorcode.get)
def test_what_the_whole_disk_refuses_stops_all_and_sends_no_file_elsewhere(
    site: Site, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(_descriptor: int, _content: bytes) -> int:
        raise OSError(number, os.strerror(number))

    site.mailbox.put_bundle([("first", b"1"), ("a:b", b"2"), ("last", b"3")])
    site.mailbox.put_bundle([("other", b"4")], 2)
    with monkeypatch.context() as patch:
        refuse(patch, number, lambda name: b":" in name)
        patch.setattr(os, "write", full)
        assert site.run() is ExitCode.RETRY
    assert site.files() == {"first": b"1"}
    [trouble] = site.events_of("error")
    assert "The disk of --into and --state" in trouble.fields["message"]

    assert site.run() is ExitCode.OK
    assert site.files() == {"first": b"1", "a:b": b"2", "last": b"3", "other": b"4"}
    assert site.places() == []


def test_a_disk_that_changes_names_is_given_only_names_that_it_keeps(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "name_rules", always(NameRules(altered=True, merged=False)))
    site.mailbox.put_bundle([("plain", b"1"), ("trailing.", b"2"), ("nul.txt", b"3"), ("a:b", b"4")])
    assert site.run() is ExitCode.OK
    assert sorted(path.partition("/")[0] for path in site.files()) == ["plain", *["unsafe-keys"] * 3]
    assert [key for _, key, _, _ in site.places()] == ["trailing.", "nul.txt", "a:b"]


def test_another_name_of_the_same_file_or_folder_is_not_its_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk without cases: `Folder` and `folder` open the same, only one of them is listed."""

    def is_listed(name: bytes, _folder: int) -> bool:
        return name not in {b"same", b"folder"}

    monkeypatch.setattr(place, "name_rules", always(NameRules(altered=False, merged=True)))
    monkeypatch.setattr(place, "_is_listed", is_listed)
    (site.into / "folder").mkdir(parents=True)
    (site.into / "same").write_bytes(b"1")
    site.mailbox.put_bundle([("same", b"1"), ("folder/a", b"2")])
    assert site.run() is ExitCode.OK
    beside = f"same.~{mark('same', 'version-1-0')[:16]}"
    assert site.files() == {"same": b"1", beside: b"1", f"unsafe-keys/{mark('folder/a', 'version-1-1')}": b"2"}
    assert len(site.places()) == 2


def test_what_a_disk_does_with_names_is_found_out_and_nothing_left_of_it(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        rules = name_rules(folder)
    finally:
        os.close(folder)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "CASE: .").touch()
    assert rules.altered == ([path.name for path in tmp_path.iterdir()] != ["CASE: ."])
    assert rules.merged == (tmp_path / "case: .").exists()


@pytest.mark.parametrize("number", OF_A_PLACE_OR_THE_DISK)
def test_a_new_folder_that_cannot_be_made_durable_gets_no_file_and_is_reported(
    site: Site, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The disk took the folder and has room for the probe: what failed is the sync, once."""
    synced: list[str] = []

    def fsync(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), site.into.stat()):
            inside = sorted(path.name for path in site.into.rglob("*"))
            synced.append(" ".join(inside))
            if len(synced) == 1:
                raise OSError(number, "the disk says no")

    def hook(name: str) -> None:
        if name == "added_unpacked":
            monkeypatch.setattr(os, "fsync", fsync)

    site.hook = hook
    site.mailbox.put_bundle([("folder/file", b"content")])
    assert site.run() is ExitCode.RETRY
    [trouble] = site.events_of("error")
    assert "the disk says no" in trouble.fields["message"]
    assert site.files() == {}

    assert site.run() is ExitCode.OK
    assert site.files() == {"folder/file": b"content"}
    assert site.places() == []
    assert synced[:2] == ["folder", "folder"], "the second attempt makes the folder durable before it moves anything"


def test_folders_that_cannot_be_synced_alone_are_synced_with_everything(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    synced: list[str] = []

    def no_folder(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) and not synced:
            raise OSError(errno.EINVAL, "this file system syncs no folders")
        real(descriptor)

    def everything() -> None:
        synced.append("everything")

    def hook(name: str) -> None:
        if name == "added_unpacked":
            monkeypatch.setattr(os, "fsync", no_folder)
        if name == "advance delivered":
            synced.append("delivered")

    monkeypatch.setattr(os, "sync", everything)
    site.hook = hook
    site.mailbox.put_bundle([("a/b", b"content")])
    assert site.run() is ExitCode.OK
    assert synced == ["everything", "delivered"]
