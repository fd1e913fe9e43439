"""What `make` says on a machine that lacks something."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import prerequisites

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(prerequisites.__file__).parents[1]


def test_a_machine_with_everything_is_told_nothing() -> None:
    assert prerequisites.lacking() is None


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 14), (2, 7)])
def test_a_python_too_old_or_too_new_is_one_sentence_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 1, "final", 0))
    sentence = prerequisites.lacking()
    assert sentence is not None
    assert f"is {version[0]}.{version[1]}" in sentence
    assert "make PYTHON=" in sentence


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_one_sentence_with_the_way_out(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    importing: Callable[..., Any] = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == module:
            raise ImportError(name)
        return importing(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    sentence = str(prerequisites.lacking())
    assert f"apt-get install python{sys.version_info.major}.{sys.version_info.minor}-venv" in sentence


def test_make_without_a_python_says_which_one_it_needs(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    for lock in ("installer.lock", "development.lock"):
        (tmp_path / "requirements" / lock).touch()
    (tmp_path / "Makefile").write_text((PROJECT / "Makefile").read_text())
    made = subprocess.run(
        ["make", "PYTHON=no-such-python", ".venv/.locked"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode != 0
    assert "found no 'no-such-python'" in made.stderr
    assert "make PYTHON=" in made.stderr
