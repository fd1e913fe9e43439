"""What was written into a folder is durable after one pass, in whichever way the file system can."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from baler.files.unpacking import durability
from baler.files.unpacking.durability import durable, reports_errors

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("release", "reports"),
    [
        ("5.10.0-28-amd64", False),
        ("5.16.20", False),
        ("5.17.0", True),
        ("6.1", True),
        ("4.18.0-553.el8", False),
        ("", False),
    ],
)
def test_a_kernel_whose_syncfs_reports_no_errors_is_not_trusted(release: str, *, reports: bool) -> None:
    assert reports_errors(release) is reports


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what is synced, by the number of its inode."""
    numbers: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: numbers.append(os.fstat(descriptor).st_ino))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    return numbers


def cannot(_descriptor: int) -> bool:
    return False


def test_where_not_all_can_be_synced_at_once_each_file_is_and_the_folder_and_the_one_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[int]
) -> None:
    monkeypatch.setattr(durability, "sync_file_system", cannot)
    folder = tmp_path / "folder"
    folder.mkdir()
    with durable(folder):
        for name in "ab":
            (folder / name).write_text(name)
    expected = [folder / "a", folder / "b", folder, tmp_path]
    assert synced == [path.stat().st_ino for path in expected]


def test_where_all_can_be_synced_at_once_it_is_after_everything_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[int]
) -> None:
    seen: list[list[str]] = []

    def sync_all(_descriptor: int) -> bool:
        seen.append([path.name for path in tmp_path.iterdir()])
        return True

    monkeypatch.setattr(durability, "sync_file_system", sync_all)
    with durable(tmp_path):
        (tmp_path / "file").write_text("bytes")
    assert (seen, synced) == ([["file"]], [])


def test_what_could_not_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> bool:
        raise OSError(errno.EIO, "the disk says no")

    monkeypatch.setattr(durability, "sync_file_system", broken)
    with pytest.raises(OSError, match="the disk says no"), durable(tmp_path):
        (tmp_path / "file").write_text("bytes")


def test_nothing_is_synced_of_what_was_given_up(tmp_path: Path, synced: list[int]) -> None:
    with pytest.raises(ValueError, match="no bundle"), durable(tmp_path):
        raise ValueError("no bundle")
    assert synced == []


def test_a_file_system_without_a_disk_of_this_machine_is_synced_file_by_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durability, "_FILE_SYSTEMS", set[int]())
    descriptor = os.open("/", os.O_RDONLY)
    try:
        assert not durability.sync_file_system(descriptor)
    finally:
        os.close(descriptor)
