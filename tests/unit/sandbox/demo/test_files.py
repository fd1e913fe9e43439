from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from sandbox.demo.files import device_readings, files_below
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1024 * 1024


def test_every_regular_file_is_taken_with_its_path_as_key_and_its_hash(tmp_path: Path) -> None:
    (tmp_path / ".dot" / "deep").mkdir(parents=True)
    (tmp_path / ".dot" / "deep" / "ü +%").write_bytes(b"body")
    (tmp_path / "empty").touch()
    deep, empty = files_below(tmp_path, MEGABYTE)
    assert (deep.key, deep.size, deep.sha256) == (".dot/deep/ü +%", 4, hashlib.sha256(b"body").hexdigest())
    assert (empty.key, empty.size) == ("empty", 0)


def test_links_and_special_files_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").touch()
    (inside / "real").touch()
    (inside / "link").symlink_to(outside / "secret")
    (inside / "folder").symlink_to(outside)
    os.mkfifo(inside / "fifo")
    assert [file.key for file in files_below(inside, MEGABYTE)] == ["real"]


def test_a_missing_folder_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="There is no folder"):
        files_below(tmp_path / "missing", MEGABYTE)
    with pytest.raises(SandboxError, match="no regular file"):
        files_below(tmp_path, MEGABYTE)


def test_what_s3_or_the_stack_does_not_take_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(SandboxError, match=r"large has 11 bytes.*baler:filesMaxFileMegabytes"):
        files_below(tmp_path, 10)
    (tmp_path / "large").unlink()
    (tmp_path / os.fsdecode(b"\xff")).touch()
    with pytest.raises(SandboxError, match="UTF-8"):
        files_below(tmp_path, 10)


def test_a_path_longer_than_a_key_is_refused(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(6):
        folder /= "d" * 200
    folder.mkdir(parents=True)
    (folder / "file").touch()
    with pytest.raises(SandboxError, match="at most 1024 bytes"):
        files_below(tmp_path, MEGABYTE)


def test_readings_are_the_same_every_time_of_varied_sizes_and_some_are_empty(tmp_path: Path) -> None:
    once, again = (device_readings(tmp_path / name, 300) for name in ("once", "again"))
    assert [(file.key, file.sha256) for file in once] == [(file.key, file.sha256) for file in again]
    assert len(once) == 300
    assert min(file.size for file in once) == 0
    assert len({file.size for file in once}) > 100
