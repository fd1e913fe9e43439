"""Streams that cannot show every character: no command ends because of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness.command_line import commands, run_encoded

from baler.cli.report import failure, stdout_reporter

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


def test_the_bill_is_written_whole_to_an_ascii_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    code, out, _ = run_encoded(("cost", "--stack", "prod"), "ascii", tmp_path, monkeypatch)

    assert code == 0
    assert out.splitlines()[-1].startswith("List prices of")


def test_a_key_that_cannot_be_shown_is_not_shown_as_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(*_arguments: object, **_options: object) -> None:
        stdout_reporter(as_json=False)(failure("no", "a\N{MIDDLE DOT}b"))

    monkeypatch.setattr("harness.command_line.app", show)
    code, out, _ = run_encoded((), "ascii", tmp_path, monkeypatch)

    assert (code, out) == (0, "error    a\\xb7b: no\n")


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
