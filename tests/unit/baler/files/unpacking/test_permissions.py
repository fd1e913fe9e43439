"""Mode and group of what is delivered: as asked for, from the first instant that it can be seen."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.files.unpacking import permissions as permissions_module
from baler.files.unpacking import place
from baler.files.unpacking.permissions import Permissions, PermissionsError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from harness.consumer import Site

FILES = [("a/b/c", b"1"), ("../up", b"2"), ("plain", b"3")]
ASKED = Permissions.parse("0640", "2751", str(os.getgid()))


@pytest.fixture
def site(site: Site) -> Site:
    site.permissions = ASKED
    return site


@contextmanager
def umask(mode: int) -> Generator[None]:
    before = os.umask(mode)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): stat.filemode(path.stat().st_mode) for path in folder.rglob("*")}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_files_and_new_folders_get_the_modes_that_were_asked_for_whatever_the_umask(site: Site, mask: int) -> None:
    site.mailbox.put_bundle(FILES)
    with umask(mask):
        assert site.run() is ExitCode.OK
    found = modes(site.into)
    assert {mode for name, mode in found.items() if (site.into / name).is_file()} == {"-rw-r-----"}
    assert {name: mode for name, mode in found.items() if (site.into / name).is_dir()} == dict.fromkeys(
        ["a", "a/b", "unsafe-keys"], "drwxr-s--x"
    )
    assert {path.stat().st_gid for path in site.into.rglob("*")} == {os.getgid()}
    assert list(site.state.incoming.iterdir()) == []


def test_a_folder_that_was_there_keeps_what_it_has(site: Site) -> None:
    (site.into / "a").mkdir(parents=True, mode=0o700)
    site.mailbox.put_bundle(FILES)
    site.run()
    assert modes(site.into)["a"] == "drwx------"


def test_nothing_is_seen_with_another_mode(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = place.rename_exclusively
    moved: list[str] = []

    def rename(source: bytes, source_folder: int, target: bytes, target_folder: int) -> None:
        moved.append(stat.filemode(os.stat(source, dir_fd=source_folder).st_mode))
        real(source, source_folder, target, target_folder)

    monkeypatch.setattr(place, "rename_exclusively", rename)
    monkeypatch.setattr(permissions_module, "rename_exclusively", rename)
    site.mailbox.put_bundle(FILES)
    with umask(0):
        site.run()
    assert sorted(moved) == ["-rw-r-----"] * 3 + ["drwxr-s--x"] * 3


def test_a_new_folder_inherits_the_group_bit_of_the_one_that_it_is_in(site: Site) -> None:
    site.into.mkdir()
    site.into.chmod(0o2755)
    bare = Permissions.parse(None, "0750", None)
    folder = os.open(site.into, os.O_RDONLY)
    try:
        bare.make_folder(b"new", folder, folder)
    finally:
        os.close(folder)
    assert modes(site.into)["new"] == "drwxr-s---"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("640x", None, None), "no mode in octal"),
        (("rw-r-----", None, None), "no mode in octal"),
        (("64", None, None), "no mode in octal"),
        (("0o640", None, None), "no mode in octal"),
        (("4755", None, None), "special bit"),
        (("2640", None, None), "special bit"),
        (("0240", None, None), "lock the consumer out"),
        ((None, "0640", None), "lock the consumer out"),
        ((None, "4755", None), "special bit"),
        ((None, None, "no such group"), "no group 'no such group'"),
        ((None, None, "-1"), "no group '-1'"),
        ((None, None, "4294967295"), "no group '4294967295'"),
        ((None, None, "²"), "no group"),
    ],
)
def test_what_cannot_be_had_is_refused_in_words(
    arguments: tuple[str | None, str | None, str | None], complaint: str
) -> None:
    with pytest.raises(PermissionsError, match=complaint):
        Permissions.parse(*arguments)


def test_a_wrong_mode_is_a_wrong_command_line(tmp_path: Path) -> None:
    arguments = ["consume", "--once", "--mailbox", "m", "--into", str(tmp_path / "in"), "--file-mode", "rw"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("call", ["fchown", "fchmod"])
def test_what_this_user_may_not_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def denied(*_: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, call, denied)
    arguments = ["--file-mode", "0640", "--dir-mode", "0750", "--group", str(os.getgid())]
    result = CliRunner().invoke(
        app, ["consume", "--once", "--mailbox", "m", "--into", str(tmp_path / "in"), *arguments]
    )
    assert result.exit_code == 1
    assert "Cannot give delivered files and folders this mode and group (Operation not permitted)" in result.stderr


def test_a_disk_that_keeps_no_modes_is_noticed_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: int) -> None:
        return

    monkeypatch.setattr(os, "fchmod", nothing)
    with pytest.raises(PermissionsError, match="0604 became"):
        Permissions.parse("0604", None, None).prepare(tmp_path, tmp_path, made=False)


def test_a_folder_of_files_that_was_made_just_now_gets_it_too_and_an_older_one_does_not(tmp_path: Path) -> None:
    for made, mode in ((True, "drwxr-s--x"), (False, "drwxr-xr-x")):
        into = tmp_path / str(made)
        into.mkdir()
        into.chmod(0o755)
        ASKED.prepare(into, tmp_path, made=made)
        assert stat.filemode(into.stat().st_mode) == mode
