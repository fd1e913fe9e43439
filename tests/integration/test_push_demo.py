"""`make demo` and `make sandbox` with a receiver that is delivered to, as a newcomer runs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from harness.pipeline import wait_until
from harness.sandbox_shell import line_of, typed

from sandbox.localstack.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

FILES = 40
# The outage, and some time before and after it.
RATE = 1.5


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"reading-{number}.json").write_bytes(b"%d\n" % number * (number % 50))
    return folder


@contextmanager
def running(folder: Path, port: int, *arguments: str) -> Generator[subprocess.Popen[bytes]]:
    """Run `python -m sandbox` in a folder; what it says is in the file `said` there."""
    environment = {n: v for n, v in os.environ.items() if n not in {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}}
    command = [sys.executable, "-m", "sandbox", *arguments, "--port", str(port)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said(folder: Path) -> str:
    return (folder / "said").read_text()


@pytest.mark.parametrize(("delivery", "faults"), [("http", "none"), ("s3", "aws")])
def test_an_outage_of_the_receiver_in_the_middle_costs_no_file_and_doubles_none(
    tmp_path: Path, source: Path, delivery: str, faults: str
) -> None:
    arguments = ("demo", "--delivery", delivery, "--files", str(source), "--rate", str(RATE), "--faults", faults)
    with running(tmp_path, free_port(), *arguments) as demo:
        assert demo.wait(1500) == 0, said(tmp_path)
    summary: dict[str, Any] = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["files"], summary["lost"], summary["duplicated"], summary["exact"]) == (FILES, 0, 0, True)
    assert summary["measured_to"] == "receipt"
    phases = [change["phase"] for change in summary["breaker"]]
    if faults == "none":
        assert (phases[0], phases[-1]) == ("open", "closed")
        assert summary["breaker"][0]["cause"] == "unreachable"
        assert "The breaker is open (unreachable: " in said(tmp_path)
    else:
        # A bell that is late may find the receiver back.
        assert phases[-1:] in ([], ["closed"])
        assert summary["faults"]["total"] > 0
    received = tmp_path / "out" / "receiver" / "received"
    assert {path.name: path.read_bytes() for path in received.iterdir()} == {
        path.name: path.read_bytes() for path in source.iterdir()
    }
    for line in ("The receiver is gone, for 20 s.", "The receiver is back."):
        assert line in said(tmp_path)


def test_ctrl_c_while_the_receiver_is_away_leaves_nothing_behind(tmp_path: Path, source: Path) -> None:
    port = free_port()
    arguments = ("demo", "--delivery", "http", "--files", str(source), "--rate", str(RATE))
    with running(tmp_path, port, *arguments) as demo:
        wait_until("the outage", lambda: said(tmp_path), lambda text: "is gone" in text or demo.poll() is not None)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(120) == 130, said(tmp_path)
    assert said(tmp_path).splitlines()[-1] == "Stopped."
    assert "Traceback" not in said(tmp_path)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_sandbox_says_where_to_look_and_what_is_put_gets_there(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port, "up", "--delivery", "s3", "--faults", "aws") as sandbox:
        usage = wait_until("usage", lambda: said(tmp_path), lambda text: "Ctrl-C" in text or sandbox.poll() is not None)
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "file").write_text("sent by hand")
        put = typed(tmp_path, usage, line_of(usage, "aws s3 cp"))
        assert put.returncode == 0, put.stdout + put.stderr
        look = line_of(usage, "find ")
        wait_until(
            "the file",
            lambda: typed(tmp_path, usage, look).stdout,
            lambda found: found.strip().endswith("/file"),
        )
        sandbox.send_signal(signal.SIGINT)
        assert sandbox.wait(120) == 0, said(tmp_path)
