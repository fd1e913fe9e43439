"""`make demo` as a newcomer runs it, from another folder and on a port of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from harness.pipeline import wait_until
from harness.sandbox_shell import line_of, typed

from sandbox.localstack.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a Linux file system takes; a key of S3 has at most 1,024 bytes.
AWKWARD_NAMES = [
    "plain.txt",
    "with space.txt",
    "plus+percent%20hash#question?.txt",
    "Ünïcödé/日本語 🎈.txt",
    "cafe\u0301.txt",
    ".hidden/.dotfile",
    "-leading-dash",
    "deep/" * 60 + "file",
    "quote'double\"back\\slash",
    " leading and trailing ",
    "tab\tand\nnewline",
    "~tilde",
    "CaSe",
    "case",
    "..dots",
    "MANIFEST.json",
    "n" * 255,
]


def environment() -> dict[str, str]:
    """The shell's, without what points at another LocalStack."""
    return {name: value for name, value in os.environ.items() if name not in {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}}


def sandbox(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sandbox", *arguments]


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        sandbox("demo", "--port", str(free_port()), *arguments),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_with_awkward_names_comes_back_the_same_on_a_bad_day(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for number, name in enumerate(AWKWARD_NAMES):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number * number * 100)
    (source / "link").symlink_to(source / "plain.txt")
    ran = demo(tmp_path, "--files", str(source), "--rate", "100", "--faults", "bad-day")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    (source / "link").unlink()
    assert tree(tmp_path / "out" / "received") == tree(source)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["files"], summary["lost"], summary["duplicated"]) == (len(AWKWARD_NAMES), 0, 0)
    assert summary["exact"] is True
    # Each file's event is late, and that is not all.
    assert summary["faults"]["by_service"]["s3"]["event-delayed"] >= len(AWKWARD_NAMES)
    assert summary["faults"]["total"] > summary["faults"]["by_service"]["s3"]["event-delayed"]
    assert f"{summary['faults']['total']} in " in ran.stdout


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_one_sentence_that_says_what_to_do(tmp_path: Path, busy_port: int) -> None:
    ran = subprocess.run(
        sandbox("demo", "--port", str(busy_port)),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert f"Port {busy_port} is busy" in ran.stderr
    assert "PORT=" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_files_that_cannot_be_keys_are_refused_before_anything_starts(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / os.fsdecode(b"not-utf8-\xff")).write_bytes(b"x")
    ran = demo(tmp_path, "--files", str(source))
    assert ran.returncode == 2
    assert "not-utf8-" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "LocalStack" not in ran.stdout


@pytest.mark.parametrize("folder", ["missing", "empty", "out/received"])
def test_a_folder_that_cannot_be_sent_is_refused_with_a_sentence(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "out" / "received").mkdir(parents=True)
    (tmp_path / "out" / "received" / "precious").write_text("keep me")
    ran = demo(tmp_path, "--files", folder)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert (tmp_path / "out" / "received" / "precious").exists() or folder != "out/received"


def test_the_sandbox_says_how_to_use_it_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with (tmp_path / "said").open("w") as output:
        running = subprocess.Popen(
            sandbox("up", "--port", str(port)), cwd=tmp_path, env=environment(), stdout=output, stderr=output
        )
    try:
        said = wait_until("usage", (tmp_path / "said").read_text, lambda text: "Ctrl-C" in text or running.poll() == 2)
        assert (tmp_path / "out/sandbox/env").stat().st_mode & 0o077 == 0
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "file").write_text("sent by hand")
        for part in ("aws s3 cp", "baler consume"):
            line = line_of(said, part)
            ran = typed(tmp_path, said, f"{line} --once" if "consume" in line else line)
            assert ran.returncode == 0, ran.stdout + ran.stderr
        # What is an operator's: names that the stack says, and the shell's variables.
        names = typed(tmp_path, said, "baler env filesArchiveBucket; echo $BALER_ARCHIVE; pulumi up").stdout
        archive, the_same = names.split()
        assert archive == the_same
        asked = typed(tmp_path, said, "baler dead-letters list --json && aws s3 ls s3://$BALER_ARCHIVE")
        assert asked.returncode == 0, asked.stdout + asked.stderr
        running.send_signal(signal.SIGINT)
        assert running.wait(120) == 0
    finally:
        running.kill()
        running.wait()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
