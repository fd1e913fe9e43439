"""Streams that cannot show every character: no command ends because of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness.command_line import commands, run_encoded

PROJECT = Path(__file__).parents[4]
CALLS = sorted(words for words, _ in commands())


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(("baler", *words)))
def test_the_help_of_every_command_can_be_written_in_ascii(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run_encoded((*words, "--help"), "ascii", tmp_path, monkeypatch)

    assert (code, err) == (0, "")
    assert "Usage: baler" in out
    assert "\\" not in out.replace("\\*", ""), "an escape where a word could stand"


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(("baler", *words)))
def test_so_can_what_it_says_of_a_wrong_command_line(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run_encoded((*words, "--größe"), "ascii", tmp_path, monkeypatch)

    assert code == 2
    assert "--gr\\xf6\\xdfe" in err


def test_the_bill_can_be_written_in_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    code, out, _ = run_encoded(("cost", "--stack", "prod"), "ascii", tmp_path, monkeypatch)

    assert code == 0
    assert "\\" not in out


def test_a_process_under_an_ascii_locale_shows_its_help() -> None:
    environment = {"PATH": os.environ["PATH"], "LANG": "C", "PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    ended = subprocess.run(
        [sys.executable, "-m", "baler.cli.main", "status", "--help"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.isascii()
