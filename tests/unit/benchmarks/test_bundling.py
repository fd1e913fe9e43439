"""Each way of bundling bundles the same files, so that their speeds can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import bundling
from benchmarks.content import json_lines

if TYPE_CHECKING:
    from pathlib import Path

FILES = {f"in/{number}.jsonl": json_lines(20_000, number) for number in range(10)}


def test_the_readings_are_of_the_size_asked_for_and_always_the_same() -> None:
    for size in (0, 1, 2000, 1_048_576, 1_048_577, 3_000_000):
        assert len(json_lines(size)) == size
    assert json_lines(2000) == json_lines(2000)
    assert json_lines(2000) != json_lines(2000, 1)


def test_every_way_packs_all_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for key, body in FILES.items():
        path = folder / "files" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    total = sum(map(len, FILES.values()))

    sizes = {
        "ours": bundling.ours(FILES),
        "tarfile": bundling.tarfile_alone(FILES),
        "gzip -6": bundling.tar_and_gzip(folder, 6),
        "gzip -1": bundling.tar_and_gzip(folder, 1),
    }

    # Text of readings packs to a quarter at the best: what were much smaller would lack files.
    assert all(total / 4.5 < size < total / 2 for size in sizes.values()), sizes
    assert list(tmp_path.iterdir()) == [folder]


def test_a_tar_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(bundling.subprocess.CalledProcessError):
        bundling.tar_and_gzip(tmp_path / "missing", 6)
